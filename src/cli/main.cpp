#include <flowspan/main.hpp>

int main(int argc, char** argv) { return flowspan::main(argc, argv); }

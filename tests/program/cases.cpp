// Runs a case by name; exit code 1 and a line when something does not hold.
//
//     mpirun -n 4 program_cases hold
#include "tests/program/cases.hpp"

#include <cstdio>
#include <functional>
#include <map>
#include <string>

int main(int argc, char** argv) {
    using namespace flowspan;
    using namespace flowspan::program_cases;
    const std::map<std::string, std::function<void(Session&)>> cases{
        {"hold", hold},   {"ask", ask},       {"watch", watch}, {"messages", messages}, {"mismatch", mismatch},
        {"early", early}, {"throws", throws}, {"leave", leave}, {"stop", stop},         {"construction", construction},
        {"typed", typed}, {"stuck", stuck},   {"slow", slow}};
    if (argc != 2 || !cases.contains(argv[1])) {
        std::fprintf(stderr, "expected a case, got %s\n", argc > 1 ? argv[1] : "nothing");
        return 2;
    }
    Session session(argc, argv);
    try {
        cases.at(argv[1])(session);
    } catch (const std::exception& e) {
        std::printf("WRONG %s\n", e.what());
        return 1;
    }
    return 0;
}

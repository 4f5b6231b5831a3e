// A plug-in without blocks, for the tests of its stamp.
#include <flowspan/plugin.hpp>

void flowspan_register(flowspan::Registry&) {}

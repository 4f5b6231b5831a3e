// Runs a case by name; exit code 1 and a line when something does not hold.
//
//     mpirun -n 4 program_cases hold
#include "tests/program/cases.hpp"

#include <functional>
#include <map>
#include <stdexcept>
#include <string>

int main(int argc, char** argv) {
    using namespace flowspan;
    using namespace flowspan::program_cases;
    const std::map<std::string, std::function<void(Session&)>> cases{
        {"hold", hold},   {"ask", ask},       {"watch", watch},     {"messages", messages}, {"mismatch", mismatch},
        {"early", early}, {"throws", throws}, {"leave", leave},     {"stop", stop},         {"construction", construction},
        {"typed", typed}, {"stuck", stuck},   {"slow", slow},       {"mistakes", mistakes}, {"one", one},
        {"odd", odd},     {"midway", midway}, {"failing", failing}, {"crash", crash},       {"seven", [](Session&) {}}};
    return run_program(argc, argv, [&](Session& session) {
        const std::string name = argc == 2 ? argv[1] : "";
        if (!cases.contains(name)) throw std::invalid_argument("expected a case, got " + (name.empty() ? "nothing" : name));
        cases.at(name)(session);
        return name == "seven" ? 7 : 0;
    });
}

// A whole program: what its ranks throw becomes one line and one exit code.
#include "comm/mpi/mpi.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/process/stat.hpp"
#include "core/say.hpp"
#include "program/session.hpp"
#include "run/agree/together.hpp"

#include <flowspan/program.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <vector>

#include <fmt/format.h>

namespace flowspan {
namespace {

/// How the program of one rank has ended.
struct Ending {
    int code = 0;
    std::string text;     // of the exception; "" where there was none
    bool whole = false;   // the text says all by itself, in lines of its own
    bool common = false;  // another rank's exception, if there is one, is why
    std::string host;

    Value value() const { return Value::List{code, text, whole, common, host}; }
    static Ending from(const Value& v) {
        const Value::List& p = v.list();
        return {int(p[0].integer()), p[1].string(), p[2].boolean(), p[3].boolean(), p[4].string()};
    }
};

std::string text_of(const Diagnostics& found) {
    std::string text;
    for (const Diagnostic& one : found) text += (text.empty() ? "" : "\n") + one.text();
    return found.size() > 1 ? text + fmt::format("\n{} mistakes", found.size()) : text;
}

/// Of the exception that is being handled.
Ending ending_now() {
    Ending e;
    e.host = own_host();
    try {
        throw;
    } catch (const Refused& refused) {
        e.code = int(refused.code());
        e.text = text_of(refused.diagnostics());
        e.whole = true;
    } catch (const Failure& failure) {
        e.code = int(failure.code());
        e.text = failure_of(failure).what();
        e.common = dynamic_cast<const program::CommonFailure*>(&failure) != nullptr;
    } catch (const std::exception& other) {
        e.code = own_exception_code;
        e.text = failure_of(other).what();
    } catch (...) {
        e.code = own_exception_code;
        e.text = "an exception that is no std::exception";
    }
    if (e.text.empty()) e.text = "an exception without a word";
    return e;
}

std::string name_of_program(int argc, char** argv) {
    return argc > 0 && argv[0] != nullptr ? std::filesystem::path(argv[0]).filename().string() : "flowspan";
}

/// Those that say why it has ended; what several ranks say alike is said once.
std::vector<std::string> lines_of(const std::vector<Ending>& endings, const std::string& program) {
    const bool own = std::any_of(endings.begin(), endings.end(), [](const Ending& e) { return !e.text.empty() && !e.common; });
    std::vector<std::string> lines;
    for (std::size_t rank = 0; rank < endings.size(); ++rank) {
        const Ending& e = endings[rank];
        if (e.text.empty() || (own && e.common)) continue;
        const auto alike = std::count_if(endings.begin(), endings.end(), [&](const Ending& o) { return o.text == e.text; });
        const bool of_all = e.common || std::size_t(alike) == endings.size();
        const std::string who = of_all ? "" : fmt::format("rank {} ({}): ", rank, e.host);
        std::string line = e.whole && of_all ? e.text : fmt::format("{}: {}{}", program, who, e.text);
        if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
    }
    return lines;
}

/// The code of the rank whose exception is said first; that of this rank where none has thrown.
int code_of(const std::vector<Ending>& endings, int own) {
    for (const bool common : {false, true})
        for (const Ending& e : endings)
            if (!e.text.empty() && e.common == common) return e.code;
    return own;
}

}  // namespace

int run_program(int argc, char** argv, const std::function<int(Session&)>& body) {
    const std::string program = name_of_program(argc, argv);
    Ending own;
    try {
        Session session(argc, argv);
        try {
            own.code = body(session);
        } catch (...) { own = ending_now(); }
        std::fflush(stdout);
        session.state_->leave();
        std::vector<Ending> endings;
        for (const std::string& one : session.state_->communicator().all_gather(run::packed(own.value())))
            endings.push_back(Ending::from(run::unpacked(one)));
        if (session.rank() == 0)
            for (const std::string& line : lines_of(endings, program)) say_line(line);
        return code_of(endings, own.code);
    } catch (...) {
        // There are no ranks, or some are gone.
        if (own.text.empty()) own = ending_now();
        if (comm::promised_rank() == 0)
            for (const std::string& line : lines_of({own}, program)) say_line(line);
        return own.code;
    }
}

}  // namespace flowspan

#include "tests/unit/batch/worker/crew.hpp"

#include "memory/ring.hpp"

#include <flowspan/diagnostic.hpp>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <thread>

namespace flowspan::batch::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> loaded;  // in the nursery

void load(const Value& plugins) {
    for (const Value& plugin : plugins.list()) {
        const std::string& file = plugin.string();
        if (file == "bad.so") throw Failure(ExitCode::usage, "bad.so: expected a plug-in, got a text");
        if (file == "deadly.so") std::raise(SIGSEGV);
        if (file == "loud.so") std::printf("half a line of a plug-in");
        loaded.push_back(file);
    }
}

/// The worker's own socket, to misuse it.
int own_socket() {
    for (int d = 3; d < 1024; ++d) {
        int type = 0;
        socklen_t size = sizeof type;
        if (getsockopt(d, SOL_SOCKET, SO_TYPE, &type, &size) == 0) return d;
    }
    return -1;
}
void write_raw(const std::string& bytes) {
    if (write(own_socket(), bytes.data(), bytes.size()) < 0) _exit(9);
}

Value open_descriptors() {
    Value::List found;
    DIR* folder = opendir("/proc/self/fd");
    while (const dirent* entry = readdir(folder))
        if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != dirfd(folder)) {
            std::array<char, 256> target{};
            const std::string path = std::string("/proc/self/fd/") + entry->d_name;
            if (readlink(path.c_str(), target.data(), target.size() - 1) < 0) continue;
            std::string text = target.data();
            found.emplace_back(std::string(entry->d_name) + " " + text.substr(0, text.find(':')));
        }
    closedir(folder);
    return found;
}

[[noreturn]] void terminate_by_memory() noexcept {
    std::vector<char> much(std::size_t(1) << 40);
    std::printf("%p", static_cast<void*>(much.data()));
    _exit(9);
}

Value make_rings_of(std::size_t bytes) {
    const auto rings = memory::make_rings({bytes});
    rings[0].base()[0] = std::byte(1);
    return int(rings[0].base()[rings[0].size()]);
}

Value allocate(std::size_t bytes) {
    std::vector<char> much(bytes, 1);
    return int(much[bytes / 2]);
}

[[noreturn]] void loop(Reporter* lives) {
    for (;;) {
        if (lives != nullptr) still_here();
        std::this_thread::sleep_for(1ms);
    }
}

Value log_flood(Reporter& reporter) {
    for (int k = 0; k < 5000; ++k) {
        run::LogLine line;
        line.block = "chatty";
        line.text = "line " + std::to_string(k);
        reporter.log(line);
    }
    return "flooded";
}

Value print_flood() {
    for (int k = 0; k < 200'000; ++k) std::printf("line %d\n", k);
    return "flooded";
}

using Deed = std::function<Value(const Value& task, Reporter& reporter)>;

std::map<std::string, Deed> deaths() {
    return {
        {"segfault",
         [](auto&, auto&) -> Value {
             raise(SIGSEGV);
             return {};
         }},
        {"segfault in a block",
         [](auto&, auto&) -> Value {
             const std::string outer = "outer", inner = "inner";
             const InCall out(outer), in(inner);
             raise(SIGSEGV);
             return {};
         }},
        {"segfault behind a block",
         [](auto&, auto&) -> Value {
             const std::string outer = "outer", inner = "inner";
             const InCall out(outer);
             { const InCall in(inner); }
             raise(SIGSEGV);
             return {};
         }},
        {"wild pointer",
         [](auto&, auto&) -> Value {
             *static_cast<volatile int*>(nullptr) = 1;
             return {};
         }},  // NOLINT
        {"segfault there",
         [](auto&, auto& r) -> Value {
             r.place("lowpass");
             raise(SIGSEGV);
             return {};
         }},
        {"abort",
         [](auto&, auto&) -> Value {
             std::fprintf(stderr, "it\x1b[31m is over\n");
             std::abort();
         }},
        {"exit", [](auto&, auto&) -> Value { std::exit(3); }},
        {"print and exit",
         [](auto&, auto&) -> Value {
             std::printf("half a line");
             std::exit(3);
         }},
        {"terminate",
         [](auto&, auto&) -> Value {
             std::thread([] { throw std::runtime_error("nobody catches this"); }).join();
             return {};
         }},
        {"throw", [](auto&, auto&) -> Value { throw Failure(ExitCode::file, "cannot read a.wav: no"); }},
        {"throw an int", [](auto&, auto&) -> Value { throw 5; }},
        {"loop",
         [](auto&, auto& r) -> Value {
             r.place("spin");
             loop(nullptr);
         }},
        {"live loop",
         [](auto&, auto& r) -> Value {
             r.place("spin");
             loop(&r);
         }},
        {"garbage",
         [](auto&, auto&) -> Value {
             write_raw("hello, this is no message");
             loop(nullptr);
         }},
        {"garbage and exit",
         [](auto&, auto&) -> Value {
             write_raw("hello");
             _exit(0);
         }},
        {"no JSON",
         [](auto&, auto&) -> Value {
             write_raw(
                 std::string("\x1e"
                             "fsr\3\0\0\0{]}",
                             11));
             loop(nullptr);
         }},
        {"half a message",
         [](auto&, auto&) -> Value {
             write_raw(
                 std::string("\x1e"
                             "fsr\xff\0\0\0{",
                             9));
             _exit(0);
         }},
        {"huge message",
         [](auto&, auto&) -> Value {
             write_raw(
                 std::string("\x1e"
                             "fsr\0\0\0\x10",
                             8));
             loop(nullptr);
         }},
        {"close",
         [](auto&, auto&) -> Value {
             close(own_socket());
             loop(nullptr);
         }},
        {"allocate", [](auto& t, auto&) { return allocate(std::size_t(t.at("bytes").integer())); }},
        {"rings", [](auto& t, auto&) { return make_rings_of(std::size_t(t.at("bytes").integer())); }},
        {"terminate by memory", [](auto&, auto&) -> Value { terminate_by_memory(); }},
        {"leave a child",
         [](auto&, auto& r) -> Value {
             const pid_t child = fork();
             if (child == 0) loop(nullptr);
             r.progress(int(child));
             loop(&r);
         }},
    };
}

std::map<std::string, Deed> deeds() {
    return {
        {"descriptors", [](auto&, auto&) { return open_descriptors(); }},
        {"plug-ins", [](auto&, auto&) { return Value(Value::List(loaded.begin(), loaded.end())); }},
        {"log flood", [](auto&, auto& r) { return log_flood(r); }},
        {"print flood", [](auto&, auto&) { return print_flood(); }},
        {"print",
         [](auto& t, auto&) -> Value {
             std::printf("%s", t.at("text").string().c_str());
             std::fprintf(stderr, "oh\n");
             return "printed";
         }},
        {"large answer", [](auto& t, auto&) -> Value { return std::string(std::size_t(t.at("bytes").integer()), 'x'); }},
        {"progress",
         [](auto&, auto& r) -> Value {
             for (int k = 1; k <= 100; ++k) r.progress(k);
             r.place("all said");
             return "there";
         }},
        {"spend",
         [](auto&, auto& r) -> Value {
             r.spent();
             return "spent";
         }},
        {"wait",
         [](auto& t, auto&) -> Value {
             std::this_thread::sleep_for(std::chrono::duration<double>(t.at("seconds").real()));
             return "waited";
         }},
        {"signals",
         [](auto&, auto&) -> Value {
             for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP, SIGCONT, SIGPIPE}) raise(s);
             return "deaf";
         }},
    };
}

}  // namespace

Value to_do(const std::string& what) { return Value::Map{{"do", what}}; }

Value obey(const Value& task, Reporter& reporter) {
    static const auto named = [] {
        auto all = deaths();
        all.merge(deeds());
        return all;
    }();
    const Value* what = task.find("do");
    return what == nullptr ? task : named.at(what->string())(task, reporter);
}

Crew::Crew(Nursery::Now now, double patience_s)
    : nursery((::malloc_trim(0),  // what tests before have left free would be more than a bound on a worker's memory
               Nursery::begin({load, obey}, std::chrono::duration<double>(patience_s), std::move(now)))) {}

void Crew::hear_until(const std::function<bool()>& enough) {
    for (const auto until = Nursery::Clock::now() + 60s; !enough();) {
        if (Nursery::Clock::now() > until) {
            ADD_FAILURE() << "nothing more was heard, of " << heard.size() << " events";
            return;
        }
        for (Event& e : nursery->poll(100ms)) heard.push_back(std::move(e));
    }
}

Ended Crew::end_of(const Value& task, const Limits& limits) {
    heard.clear();
    const auto worker = nursery->fork(limits);
    worker->give(task);
    return one<Ended>(worker.get());
}

std::vector<std::string> Crew::lines() const {
    std::vector<std::string> texts;
    for (const Line* line : all<Line>()) texts.push_back(line->line.text);
    return texts;
}

bool is_alive(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(file, text);
    const auto end = text.rfind(')');
    return end != std::string::npos && end + 2 < text.size() && text[end + 2] != 'Z' && text[end + 2] != 'X';
}

bool goes(pid_t process) {
    for (const auto until = Nursery::Clock::now() + 60s; is_alive(process);) {
        if (Nursery::Clock::now() > until) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

bool under_address_sanitizer() { return dlsym(RTLD_DEFAULT, "__asan_init") != nullptr; }

}  // namespace flowspan::batch::test

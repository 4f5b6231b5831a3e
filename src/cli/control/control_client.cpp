#include "cli/control/control_client.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/version.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace flowspan::cli {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::int64_t protocol = 1;

steady_clock::time_point after(ControlClient::Seconds seconds) {
    return steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(seconds);
}

[[noreturn]] void refuse(const std::string& path, const std::string& which) {
    Diagnostic wrong;
    wrong.key = "SOCKET";
    wrong.expected = "the control socket of a run";
    wrong.got = path + ", " + which;
    wrong.hint = "`flowspan run GRAPH --control SOCKET` makes one while it runs, on the node of rank 0";
    throw Refused(std::move(wrong), ExitCode::communication);
}

std::string why_not(const std::string& path, int error) {
    struct stat there {};
    if (::stat(path.c_str(), &there) != 0) return errno == ENOENT ? "which is not there" : std::strerror(errno);
    if (!S_ISSOCK(there.st_mode)) return "which is no socket";
    if (error == ECONNREFUSED) return "which no run serves any more";
    if (error == EACCES) return fmt::format("which user {} alone may use", there.st_uid);
    return std::strerror(error);
}

volatile std::sig_atomic_t interrupted = 0;
sigset_t signals_while_waiting;
bool interruptible = false;

std::string error_text(const Value& message) {
    const Value* error = message.find("error");
    const Value* text = error == nullptr ? nullptr : error->find("message");
    return text != nullptr && text->is<std::string>() ? text->string() : message.json();
}

}  // namespace

ControlClient::ControlClient(std::string path, Seconds patience) : path_(std::move(path)) {
    const Time until = after(patience);
    try {
        connect(until);
        greet(until, patience);
    } catch (...) {
        if (descriptor_ >= 0) ::close(descriptor_);
        throw;
    }
}

ControlClient::~ControlClient() { ::close(descriptor_); }

void ControlClient::connect(Time until) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path)
        refuse(path_, fmt::format("which has {} bytes, more than {}", path_.size(), sizeof address.sun_path - 1));
    std::copy(path_.begin(), path_.end(), address.sun_path);
    const Time start = steady_clock::now();
    for (;;) {
        descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (descriptor_ < 0) throw file_failure("make a socket for", path_, errno);
        if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
        const int error = errno;
        ::close(std::exchange(descriptor_, -1));
        // Between the making of the file and listening lies a moment; a crowd before us may take a little longer.
        const bool again = error == EAGAIN || (error == ECONNREFUSED && steady_clock::now() < start + 200ms);
        if (!again || steady_clock::now() >= until) refuse(path_, why_not(path_, error));
        std::this_thread::sleep_for(10ms);
    }
}

void ControlClient::greet(Time until, Seconds patience) {
    const auto hello = receive(until);
    if (!hello) lost(fmt::format("a greeting within {} s, got none", patience.count()));
    if (hello->find("error") != nullptr)
        throw Failure(ExitCode::communication, fmt::format("{}: {}", path_, error_text(*hello)));
    const Value *method = hello->find("method"), *params = hello->find("params");
    const Value* version_there = params == nullptr ? nullptr : params->find("protocol");
    if (method == nullptr || *method != Value("hello") || version_there == nullptr)
        lost(fmt::format("the greeting of a run, got {}", hello->json().substr(0, 80)));
    if (*version_there == Value(protocol)) return;
    const Value* program = params->find("flowspan");
    lost(fmt::format("protocol {}, got {}: use the flowspan of that run ({}; this is {})", protocol, version_there->json(),
                     program == nullptr ? "unknown" : program->json(), version));
}

Value ControlClient::call(const std::string& method, Value::Map params, std::optional<Seconds> patience) {
    const auto until = patience ? std::optional(after(*patience)) : std::nullopt;
    const Value id = ++last_id_;
    send(Value(Value::Map{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}).json() + "\n",
         until);
    while (const auto message = receive(until)) {
        if (message->find("method") != nullptr) {
            notifications_.push_back(*message);
            continue;
        }
        const Value* answered = message->find("id");
        if (const Value* result = message->find("result"); result != nullptr && answered != nullptr && *answered == id)
            return *result;
        if (message->find("error") != nullptr && answered != nullptr && (*answered == id || answered->is_null()))
            throw ControlRefusal(error_text(*message));
    }
    lost(patience ? fmt::format("an answer within {} s, got none", patience->count()) : "an answer, got an interrupt");
}

std::optional<Value> ControlClient::next_notification() {
    for (;;) {
        if (!notifications_.empty()) {
            Value first = std::move(notifications_.front());
            notifications_.pop_front();
            return first;
        }
        auto message = receive({});
        if (!message) return std::nullopt;
        if (message->find("method") != nullptr && message->find("params") != nullptr) return message;
    }
}

void ControlClient::send(const std::string& line, std::optional<Time> until) {
    std::string_view rest = line;
    while (!rest.empty()) {
        const ssize_t n = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (n > 0) rest.remove_prefix(std::size_t(n));
        if (n < 0 && errno != EAGAIN) return;  // what the run said before it left is still to be read
        if (n < 0 && !wait(POLLOUT, until)) return;
    }
}

std::optional<Value> ControlClient::receive(std::optional<Time> until) {
    for (;;) {
        if (const std::size_t end = in_.find('\n'); end != std::string::npos) {
            const std::string line = in_.substr(0, end);
            in_.erase(0, end + 1);
            try {
                return Value::from_json(line);
            } catch (const std::invalid_argument&) { lost(fmt::format("a line of JSON, got {}", line.substr(0, 80))); }
        }
        std::array<char, 65536> bytes;
        const ssize_t n = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
        if (n > 0) {
            in_.append(bytes.data(), std::size_t(n));
        } else if (n == 0 || errno != EAGAIN) {
            lost("a run that says its end, got a connection that closed");
        } else if (!wait(POLLIN, until)) {
            return std::nullopt;
        }
    }
}

bool ControlClient::wait(short events, std::optional<Time> until) const {
    while (interrupted == 0) {
        timespec limit{};
        if (until) {
            const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(*until - steady_clock::now()).count();
            if (left <= 0) return false;
            limit = {.tv_sec = time_t(left / 1'000'000'000), .tv_nsec = long(left % 1'000'000'000)};
        }
        pollfd one{.fd = descriptor_, .events = events, .revents = 0};
        const int ready = ::ppoll(&one, 1, until ? &limit : nullptr, interruptible ? &signals_while_waiting : nullptr);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) throw file_failure("wait for", path_, errno);
    }
    return false;
}

void ControlClient::end_on_interrupt() {
    struct sigaction action {};
    action.sa_handler = [](int) { interrupted = 1; };
    sigset_t both;
    sigemptyset(&both);
    for (const int signal : {SIGINT, SIGTERM}) {
        sigaddset(&both, signal);
        sigaction(signal, &action, nullptr);
    }
    sigprocmask(SIG_BLOCK, &both, &signals_while_waiting);  // they come while we wait, at no other moment
    interruptible = true;
}

void ControlClient::lost(const std::string& expected) const {
    throw Failure(ExitCode::communication, fmt::format("{}: expected {}", path_, expected));
}

}  // namespace flowspan::cli

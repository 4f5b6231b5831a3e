// The client's end of the control socket: one connection to a running job (docs/control.md).
#pragma once

#include <flowspan/value.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>

namespace flowspan::cli {

/// The run answered with an error: what it says, for people.
struct ControlRefusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Waits for answers, unlike the server. Throws Refused or Failure, both with the exit code for communication, when nobody
/// serves the socket, the connection is lost or no answer comes in time.
class ControlClient {
public:
    using Seconds = std::chrono::duration<double>;
    /// Connects and reads the greeting.
    ControlClient(std::string path, Seconds patience);
    ~ControlClient();
    ControlClient(const ControlClient&) = delete;
    ControlClient& operator=(const ControlClient&) = delete;

    /// The result of a request. Throws ControlRefusal. `patience`: nothing means without limit.
    Value call(const std::string& method, Value::Map params, std::optional<Seconds> patience);
    /// The next notification, however long it takes: a map with `method` and `params`. Nothing when SIGINT or SIGTERM came
    /// instead, which `end_on_interrupt` asks for.
    std::optional<Value> next_notification();
    static void end_on_interrupt();

private:
    using Time = std::chrono::steady_clock::time_point;
    void connect(Time until);
    void greet(Time until, Seconds patience);
    void send(const std::string& line, std::optional<Time> until);
    /// The next line; nothing when the time is over or a signal came. Throws Failure at the end of the connection.
    std::optional<Value> receive(std::optional<Time> until);
    bool wait(short events, std::optional<Time> until) const;
    [[noreturn]] void lost(const std::string& expected) const;

    std::string path_;
    int descriptor_ = -1;
    std::int64_t last_id_ = 0;
    std::string in_;
    std::deque<Value> notifications_;
};

}  // namespace flowspan::cli

// What the control socket of a batch offers (docs/control.md): units that come and go, workers, its state, its end.
#pragma once

#include "batch/opening/opening.hpp"
#include "run/client/socket.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::batch {

class BatchService {
public:
    struct Batch {
        std::function<Value()> status;
        std::function<Added(const MoreUnits& more)> add;
        /// Those of these folders that are neither over nor unknown, or all. How many.
        std::function<std::size_t(const std::optional<std::vector<std::string>>& folders)> cancel;
        /// Units in this state, or all: a list of maps, as many as `bytes` of JSON hold; and how many there are.
        std::function<std::pair<Value::List, std::size_t>(const std::string& state, std::size_t bytes)> list;
        std::function<void(const std::vector<std::string>& plugins)> refresh;
        std::function<void()> stop;
    };
    /// Makes the socket. Throws Refused (key `--control`) or Failure. `greeting`: the first line to each client.
    BatchService(const std::string& path, Value greeting, Batch batch);
    /// Serves clients, at most once a millisecond.
    void poll(std::chrono::steady_clock::time_point now);
    /// The batch has ended as `state` says; waits a moment for clients to read that.
    void end(const std::string& state);

private:
    using Request = run::ControlSocket::Request;
    void handle(const Request& request);
    Value add(const Value& params) const;
    Value cancel(const Value& params) const;
    Value list(const Value& params) const;

    Batch batch_;
    std::chrono::steady_clock::time_point last_poll_{};
    run::ControlSocket socket_;
    bool ended_ = false;
};

}  // namespace flowspan::batch

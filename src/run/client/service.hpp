// What the control socket of a run offers (docs/control.md): requests become questions to blocks, answers go back.
#pragma once

#include "run/client/socket.hpp"
#include "run/job/job.hpp"
#include "run/star/requests.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace flowspan::run {

class ControlService {
public:
    /// What it needs of the run.
    struct Run {
        Requests* requests = nullptr;
        std::function<Progress()> progress;
        std::function<bool()> stopping;
        std::function<void()> stop;
    };
    /// Makes the socket. Throws Refused (key `--control`) or Failure. `greeting`: the first line to each client.
    ControlService(const std::string& path, Value greeting);
    void serve(Run run) { run_ = std::move(run); }
    /// Serves clients, at most once a millisecond.
    void poll(std::chrono::steady_clock::time_point now);
    /// The run has ended as `state` says; waits a moment for clients to read that.
    void end(const std::string& state);

private:
    using Request = ControlSocket::Request;
    void handle(const Request& request);
    void status(const Request& request);
    void ask(const Request& request, runtime::Ask::What what);
    void watch(const Request& request);
    void unwatch(const Request& request);
    void gone(ControlSocket::Client client);

    Run run_;
    std::map<std::pair<ControlSocket::Client, std::uint64_t>, std::uint64_t> watches_;  // number of the client -> of the run
    std::map<ControlSocket::Client, std::uint64_t> watch_numbers_;
    std::vector<std::pair<ControlSocket::Client, Value>> status_asked_;
    std::chrono::steady_clock::time_point last_poll_{};
    ControlSocket socket_;
};

}  // namespace flowspan::run

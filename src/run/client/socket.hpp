// The way into a running job: a Unix-domain socket on rank 0 that speaks the protocol of docs/control.md.
#pragma once

#include "run/client/connection.hpp"
#include "run/client/listener.hpp"

#include <flowspan/value.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::run {

/// Codes of refusals: those of JSON-RPC 2.0, and two of ours.
namespace control_errors {
constexpr int no_json = -32700, no_request = -32600, unknown_method = -32601, wrong_params = -32602, refused = -32000,
              ending = -32001;
}

/// Serves clients from the loop: no thread, and no call that waits. What a client does harms nobody but itself: it is
/// answered with an error or dropped.
class ControlSocket {
public:
    using Client = std::uint64_t;  // never used again for another
    struct Request {
        Client client;
        Value id;  // as the client gave it: an integer or a string
        std::string method;
        Value params;  // a map
    };
    /// Answers each request once, now or later, by `reply` or `refuse`. What it throws is an answer too: Refused and
    /// std::invalid_argument are wrong params, Failure is a refusal.
    using Handler = std::function<void(const Request&)>;

    /// Makes the socket file. `greeting`: the params of the first line to each client. `gone`: is called once for each client
    /// that has left, also for those that asked nothing. Throws Refused (key `--control`) or Failure.
    ControlSocket(std::string path, Value greeting, Handler handler, std::function<void(Client)> gone);
    /// Closes all connections and takes the socket file away.
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

    /// Accepts, reads, calls the handler and sends, a little of each; one system call when there is nothing to do. The loop
    /// calls it about once a millisecond. Within the handler it does nothing.
    void poll();

    /// All three are ignored once the client is gone, or, for the first two, when it has no such request outstanding.
    void reply(Client client, const Value& id, const Value& result);
    /// `message`: a sentence for people, "expected X, got Y"; `data` goes along unless it is null.
    void refuse(Client client, const Value& id, int code, const std::string& message, const Value& data = {});
    /// When the client does not read, this is dropped and counted: the next notification that has the same `watch` in its
    /// params (a map) carries the count as `dropped`.
    void notify(Client client, const std::string& method, const Value& params);

    /// The run has ended: refuses what is outstanding, notifies everyone with `end` and these params, accepts nothing more.
    /// Connections close once they are read; `poll` may be called on for a moment.
    void end(const Value& params);
    /// After `end`: every client has read all that was for it, or has gone.
    bool idle() const;

private:
    using Connections = std::map<Client, std::unique_ptr<ControlConnection>>;
    void accept_new();
    void come(Client client, std::uint32_t events);
    void handle_lines(Client client, ControlConnection& connection);
    void handle(Client client, ControlConnection& connection, const std::string& line);
    void answer(Client client, const Value& id, Value::Map message);
    void touch(Client client, ControlConnection& connection);
    void settle(Client client);
    ControlConnection* find(Client client);

    Handler handler_;
    std::function<void(Client)> gone_;
    std::string greeting_;
    std::unique_ptr<ControlListener> listener_;
    int epoll_ = -1;
    Client last_ = 0;
    Connections connections_;
    std::vector<Client> touched_, touched_later_;
    bool polling_ = false;
};

}  // namespace flowspan::run

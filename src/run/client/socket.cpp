#include "run/client/socket.hpp"

#include "run/client/request.hpp"

#include <flowspan/diagnostic.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

using namespace control_errors;

// What one `poll` does at most, so that a turn of the loop stays short whatever clients send.
constexpr std::size_t events_a_poll = 8, lines_a_poll = 32, accepted_a_poll = 8;
constexpr std::uint64_t listener_id = 0;

std::string refusal(int code, const std::string& message) {
    Value::Map wrong = control_error(code, message);
    wrong["id"] = Value();
    return control_line(std::move(wrong));
}

/// Tells a connection that is not served why, if it takes a line at once.
void turn_away(int descriptor, const std::string& message) {
    const std::string line = refusal(refused, message) + "\n";
    std::ignore = ::send(descriptor, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::close(descriptor);
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

ControlSocket::ControlSocket(std::string path, Value greeting, Handler handler, std::function<void(Client)> gone)
    : handler_(std::move(handler)),
      gone_(std::move(gone)),
      greeting_(control_line({{"method", "hello"}, {"params", std::move(greeting)}})),
      listener_(std::make_unique<ControlListener>(std::move(path))) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = listener_id}};
    if (epoll_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_->descriptor(), &event) != 0) {
        const int error = errno;
        if (epoll_ >= 0) ::close(epoll_);
        throw file_failure("watch", "the control socket", error);
    }
}

ControlSocket::~ControlSocket() {
    for (const auto& [client, connection] : connections_) connection->flush();
    ::close(epoll_);
}

void ControlSocket::poll() {
    if (polling_) return;
    std::array<epoll_event, events_a_poll> events;
    const int n = ::epoll_wait(epoll_, events.data(), int(events.size()), 0);
    if (n <= 0 && touched_.empty()) return;
    polling_ = true;
    for (int k = 0; k < n; ++k) {
        const epoll_event& event = events[std::size_t(k)];
        if (event.data.u64 == listener_id)
            accept_new();
        else
            come(event.data.u64, event.events);
    }
    for (std::size_t k = 0; k < touched_.size(); ++k) settle(touched_[k]);  // the handler may touch more
    touched_ = std::exchange(touched_later_, {});
    polling_ = false;
}

void ControlSocket::accept_new() {
    for (std::size_t k = 0; k < accepted_a_poll && listener_; ++k) {
        const int descriptor = listener_->accept();
        if (descriptor < 0) return;
        const uid_t user = peer_of(descriptor).user;
        if (user != ::geteuid() && user != 0) {
            turn_away(descriptor, fmt::format("expected user {}, who runs the job, got user {}", ::geteuid(), user));
            continue;
        }
        if (connections_.size() >= control_limits::clients) {
            turn_away(descriptor, fmt::format("expected at most {} clients, got one more", control_limits::clients));
            continue;
        }
        auto connection = std::make_unique<ControlConnection>(descriptor);
        epoll_event event{.events = 0, .data = {.u64 = last_ + 1}};
        if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) continue;
        connection->put(greeting_, control_limits::queue_bytes);
        touch(++last_, *connection);
        connections_.emplace(last_, std::move(connection));
    }
}

void ControlSocket::come(Client client, std::uint32_t events) {
    ControlConnection* connection = find(client);
    if (connection == nullptr) return;
    if ((events & EPOLLIN) != 0) connection->read();
    if ((events & EPOLLOUT) != 0) connection->may_flush();
    // Who sends and leaves at once has what it sent handled.
    const bool left = (events & (EPOLLHUP | EPOLLERR)) != 0 && (events & EPOLLIN) == 0;
    if (left && !(connection->has_line() && connection->may_request())) connection->drop();
    touch(client, *connection);
}

void ControlSocket::settle(Client client) {
    ControlConnection* connection = find(client);
    if (connection == nullptr) return;
    handle_lines(client, *connection);
    connection->touched = false;
    connection->flush();
    if (connection->finished()) {
        connections_.erase(client);
        if (gone_) gone_(client);
        return;
    }
    if (connection->has_line() && connection->may_request()) {
        connection->touched = true;
        touched_later_.push_back(client);
    }
    if (connection->wanted_events() != connection->events) {
        connection->events = connection->wanted_events();
        epoll_event event{.events = connection->events, .data = {.u64 = client}};
        ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connection->descriptor(), &event);
    }
}

void ControlSocket::handle_lines(Client client, ControlConnection& connection) {
    for (std::size_t k = 0; k < lines_a_poll && connection.may_request(); ++k) {
        if (connection.line_is_too_long()) {
            connection.put(
                refusal(no_request, fmt::format("expected a line of at most {} bytes, got more", control_limits::line_bytes)),
                control_limits::queue_bytes);
            connection.end();
            return;
        }
        const auto line = connection.next_line();
        if (!line) return;
        if (!is_blank(*line)) handle(client, connection, *line);
    }
}

void ControlSocket::handle(Client client, ControlConnection& connection, const std::string& line) {
    Request request{client, {}, {}, {}};
    try {
        ControlRequest read = read_control_request(line);
        request = {client, std::move(read.id), std::move(read.method), std::move(read.params)};
        if (!connection.outstanding.insert(request.id.json()).second)  // with its id, this would answer the other request
            throw WrongRequest(no_request, "id: expected one of its own, got that of a request which is not answered yet");
    } catch (const WrongRequest& wrong) {
        Value::Map message = control_error(wrong.code, wrong.what());
        message["id"] = wrong.id;
        if (!connection.put(control_line(std::move(message)), control_limits::queue_bytes)) connection.drop();
        return;
    }
    try {
        handler_(request);
    } catch (const Refused& wrong) {
        refuse(client, request.id, wrong_params, wrong.what());
    } catch (const std::invalid_argument& wrong) {
        refuse(client, request.id, wrong_params, wrong.what());
    } catch (const Failure& failure) { refuse(client, request.id, refused, failure.what()); }
}

void ControlSocket::reply(Client client, const Value& id, const Value& result) { answer(client, id, {{"result", result}}); }

void ControlSocket::refuse(Client client, const Value& id, int code, const std::string& message, const Value& data) {
    answer(client, id, control_error(code, message, data));
}

void ControlSocket::answer(Client client, const Value& id, Value::Map message) {
    ControlConnection* connection = find(client);
    if (connection == nullptr || connection->outstanding.erase(id.json()) == 0) return;
    message["id"] = id;
    std::string line = control_line(std::move(message));
    if (line.size() > control_limits::line_bytes) {
        Value::Map wrong = control_error(
            refused, fmt::format("expected an answer of at most {} bytes, got {}", control_limits::line_bytes, line.size()));
        wrong["id"] = id;
        line = control_line(std::move(wrong));
    }
    if (!connection->put(line, control_limits::queue_bytes)) connection->drop();
    touch(client, *connection);
}

void ControlSocket::notify(Client client, const std::string& method, const Value& params) {
    ControlConnection* connection = find(client);
    if (connection == nullptr) return;
    const Value* watch = params.find("watch");
    const std::string key = watch == nullptr ? std::string() : watch->json();
    const auto unsent = connection->unsent.find(key);
    Value::Map sent = params.map();
    const Value* before = params.find("dropped");  // on the way to this rank
    const std::int64_t dropped =
        (before == nullptr ? 0 : before->integer()) + (unsent == connection->unsent.end() ? 0 : unsent->second);
    if (dropped > 0) sent["dropped"] = dropped;
    const std::string line = control_line({{"method", method}, {"params", std::move(sent)}});
    if (line.size() > control_limits::line_bytes || !connection->put(line, control_limits::notification_bytes)) {
        connection->unsent[key] = dropped + 1;
        return;
    }
    if (unsent != connection->unsent.end()) connection->unsent.erase(unsent);
    touch(client, *connection);
}

void ControlSocket::end(const Value& params) {
    listener_.reset();
    for (const auto& [client, connection] : connections_) {
        for (const std::string& id : std::exchange(connection->outstanding, {})) {
            Value::Map message = control_error(ending, "expected a run that goes on, got one that is ending");
            message["id"] = Value::from_json(id);
            connection->put(control_line(std::move(message)), control_limits::queue_bytes);
        }
        Value::Map own = params.map();
        Value::List dropped;
        for (const auto& [watch, count] : connection->unsent)
            if (!watch.empty()) dropped.push_back(Value::Map{{"watch", Value::from_json(watch)}, {"dropped", count}});
        if (!dropped.empty()) own["dropped"] = std::move(dropped);
        connection->put(control_line({{"method", "end"}, {"params", std::move(own)}}), control_limits::queue_bytes);
        connection->end();
        touch(client, *connection);
    }
}

bool ControlSocket::idle() const {
    return std::all_of(connections_.begin(), connections_.end(), [](const auto& one) { return one.second->finished(); });
}

void ControlSocket::touch(Client client, ControlConnection& connection) {
    if (!std::exchange(connection.touched, true)) touched_.push_back(client);
}

ControlConnection* ControlSocket::find(Client client) {
    const auto at = connections_.find(client);
    return at == connections_.end() ? nullptr : at->second.get();
}

}  // namespace flowspan::run

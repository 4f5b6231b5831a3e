#include "batch/chief/service.hpp"

#include "run/client/connection.hpp"
#include "run/client/params.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flowspan::batch {
namespace {

constexpr auto poll_every = std::chrono::milliseconds(1);
constexpr auto end_is_read_within = std::chrono::milliseconds(200);
/// Of an answer's units: the rest of a line is for all else.
constexpr std::size_t most_of_units = run::control_limits::line_bytes - (std::size_t(64) << 10);
constexpr std::array<const char*, 6> states{"waiting", "running", "done", "failed", "cancelled", "left"};

}  // namespace

BatchService::BatchService(const std::string& path, Value greeting, Batch batch)
    : batch_(std::move(batch)),
      socket_(
          path, std::move(greeting), [this](const Request& request) { handle(request); }, [](run::ControlSocket::Client) {}) {}

void BatchService::poll(std::chrono::steady_clock::time_point now) {
    if (now - last_poll_ < poll_every) return;
    last_poll_ = now;
    socket_.poll();
}

void BatchService::end(const std::string& state) {
    if (std::exchange(ended_, true)) return;
    socket_.end(Value::Map{{"state", state}});
    const auto until = std::chrono::steady_clock::now() + end_is_read_within;
    while (!socket_.idle() && std::chrono::steady_clock::now() < until) {
        socket_.poll();
        std::this_thread::sleep_for(poll_every);
    }
}

void BatchService::handle(const Request& request) {
    Value answer = Value::Map{};
    if (request.method == "status") {
        run::take_only(request.params, {});
        answer = batch_.status();
    } else if (request.method == "units.add") {
        answer = add(request.params);
    } else if (request.method == "units.cancel") {
        answer = cancel(request.params);
    } else if (request.method == "units.list") {
        answer = list(request.params);
    } else if (request.method == "workers.refresh") {
        run::take_only(request.params, {"plugins"});
        batch_.refresh(run::texts_in(request.params, "plugins"));
    } else if (request.method == "stop") {
        run::take_only(request.params, {});
        batch_.stop();
        answer["units"] = "no more are handed out";
    } else {
        return socket_.refuse(
            request.client, request.id, run::control_errors::unknown_method,
            fmt::format("method: expected status, units.add, units.cancel, units.list, workers.refresh or stop, "
                        "as this is a batch, got {}",
                        request.method));
    }
    socket_.reply(request.client, request.id, answer);
}

Value BatchService::add(const Value& params) const {
    run::take_only(params, {"recordings", "sweeps", "list", "from", "duration", "graph", "plugins"});
    MoreUnits more;
    more.units.words = run::texts_in(params, "recordings");
    more.units.sweeps = run::texts_in(params, "sweeps");
    more.units.list = run::text_in(params, "list");
    more.units.from = run::text_in(params, "from");
    more.units.duration = run::text_in(params, "duration");
    more.graph = run::text_in(params, "graph");
    more.plugins = run::texts_in(params, "plugins");
    const Added added = batch_.add(more);
    return Value::Map{{"added", std::int64_t(added.units)},
                      {"before", std::int64_t(added.before)},
                      {"known", std::int64_t(added.known.size())},
                      {"notes", Value::List(added.notes.begin(), added.notes.end())}};
}

Value BatchService::cancel(const Value& params) const {
    run::take_only(params, {"units", "all"});
    const Value* all = params.find("all");
    if (all != nullptr && *all != Value(true)) run::refuse_params("all", "true, or units", all->json());
    if ((all == nullptr) == (params.find("units") == nullptr))
        run::refuse_params("units", "folders of units, or all", all == nullptr ? "neither" : "both");
    std::optional<std::vector<std::string>> folders;
    if (all == nullptr) folders = run::texts_in(params, "units");
    return Value::Map{{"cancelled", std::int64_t(batch_.cancel(folders))}};
}

Value BatchService::list(const Value& params) const {
    run::take_only(params, {"state"});
    const std::string state = run::text_in(params, "state");
    if (!state.empty() && std::find(states.begin(), states.end(), state) == states.end())
        run::refuse_params("state", fmt::format("one of {}", fmt::join(states, ", ")), state);
    auto [units, count] = batch_.list(state, most_of_units);
    Value::Map answer{{"count", std::int64_t(count)}};
    if (units.size() < count) answer["left_out"] = std::int64_t(count - units.size());
    answer["units"] = std::move(units);
    return answer;
}

}  // namespace flowspan::batch

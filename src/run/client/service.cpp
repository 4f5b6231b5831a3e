#include "run/client/service.hpp"

#include "run/client/params.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

constexpr auto poll_every = std::chrono::milliseconds(1);
/// Of what an answer says of blocks: the rest of a line is for all else.
constexpr std::size_t most_of_blocks = control_limits::line_bytes - (std::size_t(64) << 10);
constexpr auto end_is_read_within = std::chrono::milliseconds(200);

std::string name_in(const Value& params) {
    const Value* name = params.find("name");
    if (name == nullptr || !name->is<std::string>())
        refuse_params("name", "`block.name`, such as gain.constant", name == nullptr ? "nothing" : name->json());
    return name->string();
}

When when_in(const Value& params) {
    const Value* at = params.find("at");
    if (at == nullptr) return next_step();
    try {
        return When::from(*at);
    } catch (const std::invalid_argument&) {
        refuse_params("at", "a sample index, a time such as 1.5 s, or UTC such as 2026-01-31T12:00:00Z", at->json());
    }
}

Value number_or_null(double number, bool known) { return known ? Value(number) : Value(); }

}  // namespace

ControlService::ControlService(const std::string& path, Value greeting)
    : socket_(
          path, std::move(greeting), [this](const Request& request) { handle(request); },
          [this](ControlSocket::Client client) { gone(client); }) {}

void ControlService::poll(std::chrono::steady_clock::time_point now) {
    if (now - last_poll_ < poll_every) return;
    last_poll_ = now;
    socket_.poll();
}

void ControlService::end(const std::string& state) {
    run_ = {};
    socket_.end(Value::Map{{"state", state}});
    const auto until = std::chrono::steady_clock::now() + end_is_read_within;
    while (!socket_.idle() && std::chrono::steady_clock::now() < until) {
        socket_.poll();
        std::this_thread::sleep_for(poll_every);
    }
}

void ControlService::handle(const Request& request) {
    if (run_.requests == nullptr || run_.requests->closed())
        return socket_.refuse(request.client, request.id, control_errors::ending, "the run is ending");
    if (request.method == "status") {
        status(request);
    } else if (request.method == "get") {
        ask(request, runtime::Ask::What::get);
    } else if (request.method == "set") {
        ask(request, runtime::Ask::What::set);
    } else if (request.method == "call") {
        ask(request, runtime::Ask::What::call);
    } else if (request.method == "watch") {
        watch(request);
    } else if (request.method == "unwatch") {
        unwatch(request);
    } else if (request.method == "stop") {
        take_only(request.params, {});
        run_.stop();
        socket_.reply(request.client, request.id, Value::Map{});
    } else {
        socket_.refuse(request.client, request.id, control_errors::unknown_method,
                       fmt::format("method: expected status, get, set, call, watch, unwatch or stop, got {}", request.method));
    }
}

void ControlService::ask(const Request& request, runtime::Ask::What what) {
    using What = runtime::Ask::What;
    Value value;
    When when;
    if (what == What::get) {
        take_only(request.params, {"name"});
    } else {
        const std::string key = what == What::set ? "value" : "arguments";
        take_only(request.params, {"name", key, "at"});
        when = when_in(request.params);
        const Value* given = request.params.find(key);
        if (what == What::set && given == nullptr) refuse_params("value", "the new value", "nothing");
        if (what == What::call && given != nullptr && !given->is<Value::List>())
            refuse_params("arguments", "a list", given->json());
        value = given != nullptr ? *given : Value(Value::List{});
    }
    const auto answered = [this, what, client = request.client, id = request.id](const std::vector<Requests::Result>& results) {
        if (run_.requests == nullptr || run_.requests->closed())
            return socket_.refuse(client, id, control_errors::ending, "the run is ending");
        Value::List list;
        for (const Requests::Result& r : results) {
            Value::Map entry{{"block", r.block}};
            if (!r.answer.refusal.empty()) {
                entry["refused"] = r.answer.refusal;
            } else {
                entry["index"] = r.answer.index;
                if (what != What::set) entry["value"] = r.answer.value;
            }
            list.emplace_back(std::move(entry));
        }
        const char* key = what == What::get ? "values" : what == What::set ? "changes" : "results";
        socket_.reply(client, id, Value::Map{{key, std::move(list)}});
    };
    run_.requests->ask(what, name_in(request.params), value, when, answered);
}

void ControlService::watch(const Request& request) {
    take_only(request.params, {"name"});
    const std::uint64_t number = ++watch_numbers_[request.client];
    const auto seen = [this, client = request.client, number](const Event& e) {
        Value::Map params{{"watch", number},  {"block", e.block}, {"name", e.name},
                          {"index", e.index}, {"time", e.time},   {"value", e.value}};
        if (e.dropped > 0) params["dropped"] = e.dropped;
        socket_.notify(client, "event", params);
    };
    watches_[{request.client, number}] = run_.requests->watch(name_in(request.params), seen);
    socket_.reply(request.client, request.id, Value::Map{{"watch", number}});
}

void ControlService::unwatch(const Request& request) {
    take_only(request.params, {"watch"});
    const Value* number = request.params.find("watch");
    const auto it = number != nullptr && number->is<std::int64_t>()
                        ? watches_.find({request.client, std::uint64_t(number->integer())})
                        : watches_.end();
    if (it == watches_.end())
        refuse_params("watch", "a watch of this connection", number == nullptr ? "nothing" : number->json());
    run_.requests->unwatch(it->second);
    watches_.erase(it);
    socket_.reply(request.client, request.id, Value::Map{});
}

void ControlService::gone(ControlSocket::Client client) {
    watch_numbers_.erase(client);
    for (auto it = watches_.lower_bound({client, 0}); it != watches_.end() && it->first.first == client;) {
        if (run_.requests != nullptr) run_.requests->unwatch(it->second);
        it = watches_.erase(it);
    }
}

// All who ask while the ranks are asked get the same answer.
void ControlService::status(const Request& request) {
    take_only(request.params, {});
    status_asked_.emplace_back(request.client, request.id);
    if (status_asked_.size() > 1) return;
    run_.requests->status([this](const Value::List& states) {
        const auto asked = std::exchange(status_asked_, {});
        if (run_.requests == nullptr || run_.requests->closed()) {
            for (const auto& [client, id] : asked) socket_.refuse(client, id, control_errors::ending, "the run is ending");
            return;
        }
        const Progress p = run_.progress();
        Value::List blocks;
        std::int64_t changes = 0, left_out = 0;
        std::size_t bytes = 0;
        for (const Value& state : states) {
            Value::Map block = state.map();
            changes += block["changes"].integer();
            block.erase("changes");
            block.erase("number");
            const double fraction = block["fraction"].real();
            block["fraction"] = number_or_null(fraction, fraction >= 0);
            const Value& items = block["items_in"].is_null() ? block["items_out"] : block["items_in"];
            block["samples_per_s"] = p.seconds > 0 && !items.is_null() ? Value(items.real() / p.seconds) : Value();
            Value one(std::move(block));
            if (left_out == 0) bytes += one.json().size() + 1;
            if (bytes > most_of_blocks)
                ++left_out;
            else
                blocks.push_back(std::move(one));
        }
        const bool known = p.fraction > 0;
        Value::Map result{{"state", run_.stopping() ? "stopping" : "running"},
                          {"seconds", p.seconds},
                          {"fraction", number_or_null(p.fraction, p.fraction >= 0)},
                          {"eta_s", number_or_null(p.seconds * (1 - p.fraction) / p.fraction, known)},
                          {"samples", p.samples},
                          {"samples_per_s", p.samples_per_s},
                          {"times_real_time", number_or_null(p.times_real_time, p.times_real_time > 0)},
                          {"changes", changes},
                          {"blocks", std::move(blocks)}};
        if (left_out > 0) result["blocks_left_out"] = left_out;
        for (const auto& [client, id] : asked) socket_.reply(client, id, Value(result));
    });
}

}  // namespace flowspan::run

#include "fake_run.hpp"

#include "core/numbers/quantity.hpp"

#include <flowspan/units.hpp>
#include <flowspan/version.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace flowspan::test {
namespace {

constexpr std::int64_t rate = 48000, samples_a_poll = 48, all_samples = 10 * rate;

std::string block_of(const std::string& name) { return name.substr(0, name.rfind('.')); }
std::string last_of(const std::string& name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

FakeRun::FakeRun(const std::string& path)
    : parameters_{{"gain.constant", 2}},
      socket_(
          path,
          Value::Map{{"protocol", 1},
                     {"flowspan", version},
                     {"graph", "fm"},
                     {"run_id", "20240517-120000-1"},
                     {"pid", 4711},
                     {"ranks", 2}},
          [this](const Request& request) { handle(request); },
          [this](run::ControlSocket::Client client) {
              std::erase_if(watches_, [&](const Watch& one) { return one.client == client; });
          }) {
    for (int k = 0; k < 4; ++k) parameters_[fmt::format("receive[{}].demod.deviation", k)] = 75000;
}

void FakeRun::poll() {
    socket_.poll();
    if (ended_) return;
    sample_ += samples_a_poll;
    for (std::size_t k = 0; k < waiting_.size();) {
        if (waiting_[k].at > sample_) {
            ++k;
            continue;
        }
        const Change change = std::move(waiting_[k]);
        waiting_.erase(waiting_.begin() + std::ptrdiff_t(k));
        apply(change);
    }
    if (sample_ % (rate / 100) == 0) tell("probe.rms", 0.5);
    if (stopping_) end("stopped");
}

void FakeRun::end(const std::string& state) {
    ended_ = true;
    socket_.end(Value::Map{{"state", state}});
}

void FakeRun::handle(const Request& request) {
    const auto reply = [&](const Value& result) { socket_.reply(request.client, request.id, result); };
    if (request.method == "status") return reply(status());
    if (request.method == "get") return reply(get(request.params));
    if (request.method == "set") return set(request);
    if (request.method == "call") return call(request);
    if (request.method == "watch") return watch(request);
    if (request.method == "unwatch") return unwatch(request);
    if (request.method == "stop") {
        stopping_ = true;
        return reply(Value::Map{});
    }
    socket_.refuse(request.client, request.id, run::control_errors::unknown_method,
                   "method: expected status, get, set, call, watch, unwatch or stop, got " + request.method);
}

Value FakeRun::status() const {
    const double fraction = double(sample_) / double(all_samples);
    const auto block = [&](const std::string& name, int rank, bool source, const std::string& waiting,
                           const Value::List& waits_for) {
        return Value::Map{{"block", name},        {"rank", rank},          {"items_in", source ? Value() : Value(sample_)},
                          {"items_out", sample_}, {"fraction", fraction},  {"samples_per_s", double(rate)},
                          {"waiting", waiting},   {"waits_for", waits_for}};
    };
    return Value::Map{
        {"state", "running"},
        {"seconds", double(sample_) / rate},
        {"fraction", fraction},
        {"eta_s", double(all_samples - sample_) / rate},
        {"samples", sample_},
        {"samples_per_s", double(rate)},
        {"times_real_time", 1.0},
        {"blocks", Value::List{block("source", 0, true, "output", {"room in gain.in"}), block("gain", 1, false, "running", {}),
                               block("probe", 1, false, "input", {"samples from gain.out"})}},
        {"changes", std::int64_t(changes_)}};
}

std::vector<std::string> FakeRun::names_of(const Value& params, const std::string& what) const {
    const Value* name = params.find("name");
    if (name == nullptr || !name->is<std::string>())
        throw std::invalid_argument("name: expected a string, got " + (name == nullptr ? "nothing" : name->json()));
    std::vector<std::string> found;
    const std::size_t star = name->string().find("[*]");
    for (const auto& [known, value] : parameters_) {
        const bool same = known == name->string();
        const bool copy = star != std::string::npos && known.starts_with(name->string().substr(0, star + 1)) &&
                          known.ends_with(name->string().substr(star + 2));
        if (same || copy) found.push_back(known);
    }
    if (found.empty())
        throw std::invalid_argument(
            fmt::format("name: expected a {}, got {}\n   hint: did you mean `gain.constant`?", what, name->string()));
    return found;
}

std::int64_t FakeRun::index_of(const Value& params) const {
    const Value* at = params.find("at");
    if (at == nullptr) return sample_;
    if (at->is<std::int64_t>()) return at->integer();
    const auto time = at->is<std::string>() ? parse_quantity(at->string()) : std::nullopt;
    if (!time || time->dimension != Dimension::time)
        throw std::invalid_argument("at: expected a sample, a time as in \"1.5 s\" or UTC, got " + at->json());
    return std::int64_t(time->value * rate);
}

Value FakeRun::get(const Value& params) const {
    Value::List values;
    for (const std::string& name : names_of(params, "parameter"))
        values.push_back(Value::Map{{"block", block_of(name)}, {"value", parameters_.at(name)}, {"index", sample_}});
    return Value::Map{{"values", values}};
}

void FakeRun::set(const Request& request) {
    Value value = request.params.at("value");
    if (value.is<std::string>()) {
        const auto number = parse_quantity(value.string());
        if (!number) throw std::invalid_argument("value: expected a number, got " + value.string());
        value = number->value;
    }
    waiting_.push_back({request, names_of(request.params, "parameter"), value, index_of(request.params)});
}

void FakeRun::apply(const Change& change) {
    Value::List changes;
    for (const std::string& name : change.names) {
        Value::Map entry{{"block", block_of(name)}};
        if (change.value.real() > 100e3)
            entry["refused"] = fmt::format("expected a number of at most 100 kHz, got {}", change.value.json());
        else if (change.request.params.find("at") != nullptr && change.at <= sample_ - samples_a_poll)
            entry["refused"] = fmt::format("expected a sample from {} on, got {}", sample_, change.at);
        else {
            entry["index"] = std::max(change.at, sample_ - samples_a_poll);
            parameters_[name] = change.value;
            ++changes_;
            tell(name, change.value);
        }
        changes.push_back(std::move(entry));
    }
    socket_.reply(change.request.client, change.request.id, Value::Map{{"changes", changes}});
}

void FakeRun::call(const Request& request) {
    if (request.params.at("name") != Value("bursts.reset"))
        throw std::invalid_argument("name: expected a method, got " + request.params.at("name").json() +
                                    "\n   hint: did you mean `bursts.reset`?");
    const Value* arguments = request.params.find("arguments");
    const bool none = arguments == nullptr || arguments->list().empty();
    const Value::Map entry{{"block", "bursts"}, {"value", none ? Value() : arguments->list()[0]}, {"index", sample_}};
    socket_.reply(request.client, request.id, Value::Map{{"results", Value::List{entry}}});
}

void FakeRun::watch(const Request& request) {
    if (request.params.at("name") != Value("probe.rms")) names_of(request.params, "parameter, a reading or a message port");
    watches_.push_back({request.client, ++last_watch_, request.params.at("name").string()});
    socket_.reply(request.client, request.id, Value::Map{{"watch", last_watch_}});
}

void FakeRun::unwatch(const Request& request) {
    const std::size_t ended = std::erase_if(watches_, [&](const Watch& one) {
        return one.client == request.client && Value(one.number) == request.params.at("watch");
    });
    if (ended == 0)
        throw std::invalid_argument("watch: expected the number of a watch, got " + request.params.at("watch").json());
    socket_.reply(request.client, request.id, Value::Map{});
}

void FakeRun::tell(const std::string& name, const Value& value) {
    for (const Watch& one : watches_)
        if (one.name == name)
            socket_.notify(one.client, "event",
                           Value::Map{{"watch", one.number},
                                      {"block", block_of(name)},
                                      {"name", last_of(name)},
                                      {"index", sample_},
                                      {"time", double(sample_) / rate},
                                      {"value", value}});
}

}  // namespace flowspan::test

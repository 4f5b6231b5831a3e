// When operations of emulated devices run.
#include "memory/device/emulated/machine.hpp"

#include "memory/device/emulated/rights.hpp"
#include "memory/device/failed.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

namespace flowspan::device::emulated {

Machine::Machine() = default;
Machine& Machine::get() {
    static auto* machine = new Machine;  // (never destroyed: memory of others may end after it)
    return *machine;
}

const Behaviour& Machine::behaviour() {
    if (!behaviour_) {
        const char* text = std::getenv("FLOWSPAN_EMULATED");
        behave(parse_behaviour(text != nullptr ? text : ""));
    }
    return *behaviour_;
}

void Machine::behave(const Behaviour& behaviour) {
    behaviour_ = behaviour;
    random_.seed(behaviour.seed);
    made_ = {};
    copies_ = kernels_ = polls_ = in_vain_ = 0;
    lanes_.clear();
    lanes_made_.clear();
    forget_failures();
}

std::shared_ptr<Lane> Machine::make_lane(int device) {
    auto lane = std::make_shared<Lane>();
    lane->device = device;
    lane->number = lanes_made_[device]++;
    lanes_.push_back(lane);
    ++made_.queues;
    return lane;
}

void Machine::issue(Lane& lane, Operation operation) {
    expect_working(lane.device);
    operation.number = ++made_.operations;
    if (operation.kind == Operation::Kind::copy) operation.of_kind = ++copies_;
    if (operation.kind == Operation::Kind::kernel) operation.of_kind = ++kernels_;
    lane.operations.push_back(std::move(operation));
    if (behaviour().order == Order::early) run_some(SIZE_MAX);
    if (behaviour().order == Order::random) run_some(std::size_t(random_() % 2));
    if (behaviour().order == Order::starve && run_some(SIZE_MAX, false)) in_vain_ = 0;
}

void Machine::poll(Lane& lane) {
    switch (behaviour().order) {
        case Order::early:
            run_some(SIZE_MAX);
            break;
        case Order::late:
            if (++polls_ % 3 == 0) run_towards(lane);  // late, not never
            break;
        case Order::random:
            run_some(std::size_t(random_() % 4));
            break;
        case Order::starve:
            if (run_some(SIZE_MAX, false))
                in_vain_ = 0;
            else if (++in_vain_ >= longest_lag())
                in_vain_ = 0, run_some(1);
            break;
    }
}

bool Machine::lags(const Lane& lane) { return lane.number % 3 == behaviour().seed % 3; }
std::uint64_t Machine::longest_lag() {
    constexpr std::array<std::uint64_t, 3> polls = {1, 6, 36};
    return polls[behaviour().seed / 3 % 3];
}

bool Machine::can_run(const Lane& lane) const {
    return !lane.operations.empty() && !lane.stopped && !failed(lane.device) &&
           (lane.operations.front().after == nullptr || lane.operations.front().after->reached);
}

/// Up to so many operations, of lanes in any order. False: none could run.
bool Machine::run_some(std::size_t most, bool also_lagging) {
    const Opening opening;  // (once for all of them)
    bool any = false;
    for (; most > 0; --most) {
        std::vector<std::shared_ptr<Lane>> ready;
        for (const auto& lane : lanes_)
            if (can_run(*lane) && (also_lagging || !lags(*lane))) ready.push_back(lane);
        if (ready.empty()) break;
        run_first(*ready[std::size_t(random_() % ready.size())]);
        any = true;
    }
    forget_closed();
    return any;
}

/// One operation of this lane, or of one that it waits for.
bool Machine::run_towards(Lane& lane) {
    if (can_run(lane)) {
        run_first(lane);
        return true;
    }
    return run_some(1);
}

void Machine::run_first(Lane& lane) {
    Operation operation = std::move(lane.operations.front());
    if (operation.number == behaviour().stop) {
        lane.stopped = true;
        return;
    }
    lane.operations.pop_front();
    const Opening opening;
    run_operation(lane, operation);
}

void Machine::run_operation(Lane& lane, Operation& operation) {
    const bool copy_fails = operation.kind == Operation::Kind::copy && operation.of_kind == behaviour().fail_copy;
    const bool kernel_fails = operation.kind == Operation::Kind::kernel && operation.of_kind == behaviour().fail_kernel;
    if (copy_fails || kernel_fails) {
        give_up(lane.device, operation.call,
                fmt::format("emulated fault: {} {}", copy_fails ? "copy" : "kernel", operation.of_kind));
        return;
    }
    try {
        operation.run();
    } catch (const simt::Mistake& mistake) { give_up(lane.device, operation.call, mistake.what()); }
}

bool Machine::drain(const Lane& lane) {
    ++made_.waits;
    while (!lane.operations.empty() && run_some(1)) {}
    return lane.operations.empty();
}

void Machine::drain(int device) {
    const auto busy = [&] {
        return std::any_of(lanes_.begin(), lanes_.end(),
                           [&](const auto& lane) { return lane->device == device && can_run(*lane); });
    };
    while (busy() && run_some(1)) {}
}

void Machine::forget_closed() {
    std::erase_if(lanes_, [](const auto& lane) { return lane->closed && lane->operations.empty(); });
}

void behave(const Behaviour& behaviour) {
    const std::lock_guard lock(Machine::get().lock());
    Machine::get().behave(behaviour);
}

Made made() {
    const std::lock_guard lock(Machine::get().lock());
    return Machine::get().made();
}

Inside::Inside() { ++Door::depth(); }
Inside::~Inside() { --Door::depth(); }
bool inside() { return Door::depth() > 0; }

simt::Schedule schedule() {
    const Behaviour& behaviour = Machine::get().behaviour();
    const auto order = behaviour.order == Order::early  ? simt::Order::ascending
                       : behaviour.order == Order::late ? simt::Order::descending
                                                        : simt::Order::shuffled;
    return {order, behaviour.seed, 2};
}

}  // namespace flowspan::device::emulated

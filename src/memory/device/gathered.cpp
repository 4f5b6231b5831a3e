#include "memory/device/gathered.hpp"

#include "memory/device/device.hpp"

#include <algorithm>

namespace flowspan::device {

void Gathered::add(int stage, Issue issue, std::span<const std::byte> shape, std::span<const std::byte> pieces,
                   std::uint64_t items) {
    Key key{stage, issue, {}};
    std::memcpy(key.shape.data(), shape.data(), shape.size());
    auto& entry = *lists_.try_emplace(key).first;
    List& list = entry.second;
    if (list.pieces.empty()) {
        list.begun = touched_.size();
        touched_.push_back(&entry);
    }
    list.pieces.insert(list.pieces.end(), pieces.begin(), pieces.end());
    list.items += items;
    if (timed_.work_s != nullptr) list.timed.push_back({timed_.work_s, timed_.calls, double(items)});
}

void Gathered::issue(Queue& queue) {
    if (issuing_ || touched_.empty()) return;
    issuing_ = true;
    ++issued_;
    std::sort(touched_.begin(), touched_.end(), [](const auto* a, const auto* b) {
        return a->first.stage != b->first.stage ? a->first.stage < b->first.stage : a->second.begun < b->second.begun;
    });
    for (auto* entry : touched_) {
        List& list = entry->second;
        const bool timed = !list.timed.empty();
        const std::size_t begun = timed ? stopwatch_.begin() : 0;
        entry->first.issue(queue, list.pieces, entry->first.shape.data());
        if (timed) stopwatch_.end(begun, list.timed, double(list.items));
        list.pieces.clear();
        list.timed.clear();
        list.items = 0;
    }
    touched_.clear();
    issuing_ = false;
}

void Gathered::before_other(Queue& queue) {
    if (issuing_) return;
    issue(queue);
    if (timed_.work_s == nullptr || begun_) return;
    issuing_ = true;  // (what the stopwatch issues is its own)
    begun_ = stopwatch_.begin();
    issuing_ = false;
}

void Gathered::end_timed() {
    if (begun_) stopwatch_.end(*begun_, {&timed_, 1}, timed_.items);
    begun_.reset();
    timed_ = {};
}

void Queue::gather(Stopwatch& stopwatch) { gathered_ = std::make_unique<Gathered>(stopwatch); }

void Queue::flush() {
    if (gathered_ != nullptr) gathered_->issue(*this);
}

void Queue::before_other() {
    if (gathered_ != nullptr) gathered_->before_other(*this);
}

}  // namespace flowspan::device

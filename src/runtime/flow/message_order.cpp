#include "runtime/flow/message_order.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace flowspan::runtime {
namespace {

bool has_earlier(const MessageQueue& a, const MessageQueue& b) {
    return !a.empty() && (b.empty() || a.front().stamp < b.front().stamp);
}
bool has_any(const MessageQueue& a, const MessageQueue& b) { return !a.empty() && b.empty(); }
bool has_promised_less(const MessageQueue& a, const MessageQueue& b) { return a.watermark() < b.watermark(); }
bool may_have_earlier(const MessageQueue& a, const MessageQueue& b) { return a.earliest() < b.earliest(); }

}  // namespace

void Tournament::play() {
    first_ = std::bit_ceil(std::max<std::size_t>(1, queues_.size()));
    winners_.resize(2 * first_);
    for (std::size_t k = 0; k < first_; ++k) winners_[first_ + k] = k;
    for (std::size_t game = first_ - 1; game > 0; --game) winners_[game] = winner_of(game);
}

// A player that is not there loses: it is the one on the right.
std::size_t Tournament::winner_of(std::size_t game) const {
    const std::size_t left = winners_[2 * game], right = winners_[2 * game + 1];
    return right < queues_.size() && before_(*queues_[right], *queues_[left]) ? right : left;
}

void Tournament::changed(std::size_t number) {
    for (std::size_t game = (first_ + number) / 2; game > 0; game /= 2) {
        const std::size_t before = winners_[game];
        winners_[game] = winner_of(game);
        if (winners_[game] == before && before != number) return;
    }
}

MessageOrder::MessageOrder()
    : front_(has_earlier),
      watermark_(has_promised_less),
      earliest_(may_have_earlier),
      earliest_arrival_(may_have_earlier),
      arrived_(has_any) {}

MessageOrder::MessageOrder(const std::vector<MessageQueue*>& queues) : MessageOrder() {
    queues_ = queues;
    is_filling_.assign(queues.size(), false);
    for (std::size_t slot = 0; slot < queues.size(); ++slot) {
        MessageQueue& queue = *queues[slot];
        auto& slots = queue.arrival_order ? arrival_ : sorted_;
        number_.push_back(slots.size());
        slots.push_back(slot);
        if (queue.arrival_order)
            for (Tournament* t : {&earliest_arrival_, &arrived_}) t->add(queue);
        else
            for (Tournament* t : {&front_, &watermark_, &earliest_}) t->add(queue);
        if (queue.feedback) feedback_.push_back(&queue);
        if (!queue.feedback && !queue.ended()) ++open_;
        if (!queue.feedback && queue.ended()) final_ = std::max(final_, queue.final_watermark());
        queue.tell(this, slot);
        if (2 * queue.size() >= queue.capacity()) fills(slot);
    }
    for (Tournament* t : {&front_, &watermark_, &earliest_, &earliest_arrival_, &arrived_}) t->play();
}

std::size_t MessageOrder::first() const {
    if (sorted_.empty()) return nobody;
    const std::size_t slot = sorted_[front_.least()];
    return queues_[slot]->empty() ? nobody : slot;
}

std::size_t MessageOrder::first_arrived() const {
    if (arrival_.empty()) return nobody;
    const std::size_t slot = arrival_[arrived_.least()];
    return queues_[slot]->empty() ? nobody : slot;
}

Time MessageOrder::least_watermark() const {
    return sorted_.empty() ? Time::latest() : queues_[sorted_[watermark_.least()]]->watermark();
}

Time MessageOrder::earliest() const {
    return sorted_.empty() ? Time::latest() : queues_[sorted_[earliest_.least()]]->earliest();
}

Time MessageOrder::earliest_of_all() const {
    if (arrival_.empty()) return earliest();
    return std::min(earliest(), queues_[arrival_[earliest_arrival_.least()]]->earliest());
}

void MessageOrder::grow_filling() {
    for (const std::size_t slot : std::exchange(filling_, {})) {
        MessageQueue& queue = *queues_[slot];
        is_filling_[slot] = false;
        if (2 * queue.size() >= queue.capacity()) queue.grow();
        if (2 * queue.size() >= queue.capacity()) fills(slot);
    }
}

void MessageOrder::changed(std::size_t slot) {
    const std::size_t number = number_[slot];
    if (queues_[slot]->arrival_order)
        for (Tournament* t : {&earliest_arrival_, &arrived_}) t->changed(number);
    else
        for (Tournament* t : {&front_, &watermark_, &earliest_}) t->changed(number);
}

void MessageOrder::ended(std::size_t slot) {
    const MessageQueue& queue = *queues_[slot];
    if (queue.feedback) return;
    --open_;
    final_ = std::max(final_, queue.final_watermark());
}

void MessageOrder::fills(std::size_t slot) {
    if (is_filling_[slot]) return;
    is_filling_[slot] = true;
    filling_.push_back(slot);
}

}  // namespace flowspan::runtime

#include "run/star/control_star.hpp"

#include <algorithm>

namespace flowspan::run {

// A message goes as fragments: one byte that says whether it is the last, then bytes of the encoded value.
ControlStar::ControlStar(comm::Communicator& communicator, comm::Lane lane)
    : communicator_(communicator), lane_(lane), partial_(std::size_t(communicator.size())) {
    if (communicator_.size() == 1) return;
    receiving_.resize(communicator_.rank() == 0 ? 8 : 2);
    for (Receiving& r : receiving_) {
        r.bytes.resize(fragment_bytes + 1);
        r.request =
            communicator_.receive(communicator_.rank() == 0 ? comm::any_rank : 0, lane_, r.bytes.data(), r.bytes.size());
    }
}

ControlStar::~ControlStar() = default;

void ControlStar::send(int to, Word word, const Value& content) {
    if (to == communicator_.rank()) {
        inbox_.push_back({to, word, content});
        return;
    }
    const auto encoded = Value(Value::List{int(word), content}).encode();
    for (std::size_t at = 0; at < encoded.size(); at += fragment_bytes) {
        const std::size_t n = std::min(fragment_bytes, encoded.size() - at);
        Sending& s = sending_.emplace_back();
        s.bytes.reserve(n + 1);
        s.bytes.push_back(std::byte(at + n == encoded.size()));
        s.bytes.insert(s.bytes.end(), encoded.begin() + std::ptrdiff_t(at), encoded.begin() + std::ptrdiff_t(at + n));
        s.request = communicator_.send(to, lane_, s.bytes.data(), s.bytes.size());
    }
}

void ControlStar::send_to_all(Word word, const Value& content) {
    for (int r = 0; r < communicator_.size(); ++r) send(r, word, content);
}

void ControlStar::receive() {
    while (!receiving_.empty()) {
        Receiving& r = receiving_[next_];
        comm::Arrived arrived;
        if (!r.request || !communicator_.test(r.request, &arrived)) return;
        take(arrived.from, r.bytes.data(), arrived.bytes);
        r.request =
            communicator_.receive(communicator_.rank() == 0 ? comm::any_rank : 0, lane_, r.bytes.data(), r.bytes.size());
        next_ = (next_ + 1) % receiving_.size();
    }
}

void ControlStar::take(int from, const std::byte* data, std::size_t bytes) {
    auto& all = partial_[std::size_t(from)];
    all.insert(all.end(), data + 1, data + bytes);
    if (data[0] == std::byte(0)) return;
    std::span<const std::byte> rest(all);
    Value v = Value::decode(rest);
    inbox_.push_back({from, Word(v.list()[0].integer()), std::move(v.list()[1])});
    all.clear();
}

bool ControlStar::poll(ControlMessage& message) {
    receive();
    while (!sending_.empty() && communicator_.test(sending_.front().request)) sending_.pop_front();
    if (inbox_.empty()) return false;
    message = std::move(inbox_.front());
    inbox_.pop_front();
    return true;
}

bool ControlStar::all_sent() {
    while (!sending_.empty() && communicator_.test(sending_.front().request)) sending_.pop_front();
    return sending_.empty();
}

void ControlStar::close() {
    for (Receiving& r : receiving_) communicator_.cancel(r.request);
}

}  // namespace flowspan::run

// What is looked at in the whole graph, once its blocks are described: ends, delays of feedback, the schedule.
#include "runtime/block/changes.hpp"
#include "runtime/flowgraph/flowgraph.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {

void Flowgraph::check_ends(const DescribeOptions& options, Diagnostics& found) const {
    if (options.until_stopped) return;
    std::vector<bool> endless(blocks_.size(), false);
    for (const int number : order_) {
        const auto b = std::size_t(number);
        if (!described_ok_[b]) continue;
        const BlockDeclared& declared = blocks_[b]->declared();
        bool all = !inputs_[b].empty();
        for (const InputRef& i : inputs_[b]) all = all && endless[std::size_t(outputs_[std::size_t(i.output)].block)];
        endless[b] = (declared.endless || all) && !declared.total;
        if (endless[b] && blocks_[b]->outputs().empty() && blocks_[b]->message_outputs().empty()) {
            found.push_back({blocks_[b]->context().at,
                             "blocks." + blocks_[b]->name(),
                             "a stream that ends",
                             "one from endless sources only",
                             "put a `head` before it, give the source a `length`, or say --until-stopped",
                             {}});
        }
    }
}

void Flowgraph::check_feedback(Diagnostics& found) const {
    for (const MessageRef& m : messages_) {
        if (!m.feedback_delay || !is_described(m.from) || !is_described(m.to)) continue;
        const Block &from = *blocks_[std::size_t(m.from)], &to = *blocks_[std::size_t(m.to)];
        const Rational rate = to.inputs().empty() ? Rational(1) : to.inputs()[0]->description().ticks;
        const StreamDescription* sender = !from.inputs().empty()    ? &from.inputs()[0]->description()
                                          : !from.outputs().empty() ? &from.outputs()[0]->description()
                                                                    : nullptr;
        try {
            const Time delay = Time::of(std::int64_t(*m.feedback_delay), rate);
            if (*m.feedback_delay <= std::uint64_t(INT64_MAX) && (sender == nullptr || delay_fits(*sender, delay))) continue;
        } catch (const std::overflow_error&) {}
        found.push_back({to.context().at,
                         "blocks." + to.name(),
                         "a feedback delay that, added to times of its sender, fits in 64-bit rationals",
                         fmt::format("{} samples at {} Hz", *m.feedback_delay, rate.text()),
                         "",
                         {}});
    }
}

void check_schedule(const graph::FlowgraphSpec& spec, const std::function<const Block*(int)>& block, Diagnostics& found) {
    for (const graph::ScheduledChange& change : spec.schedule) {
        for (const int number : change.blocks) {
            const Block* target = block(number);
            const Ask ask{change.command ? Ask::What::call : Ask::What::set, change.name, change.value, change.when};
            auto wrong = target == nullptr ? std::nullopt : mistake_in(*target, ask);
            if (!wrong) continue;
            wrong->at = change.at;
            wrong->key = change.key;
            found.push_back(std::move(*wrong));
        }
    }
}

}  // namespace flowspan::runtime

#include "runtime/block/describe.hpp"

#include "core/mistakes/collect.hpp"
#include "core/numbers/exact.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include <fmt/format.h>

namespace flowspan {

void detail::end_describe() { throw runtime::NotKnown(); }

namespace runtime {
namespace {

// Of a block whose rate depends on the data: places are kept to a small part of an item of its input. Odd rates are rounded up,
// so that times have room in 64 bits.
Rational place_rate(const Rational& ticks) {
    constexpr std::int64_t most = std::int64_t(1) << 40;
    return ticks.numerator() < most && ticks.denominator() < most ? ticks : Rational(std::int64_t(std::ceil(ticks.value())));
}

constexpr std::uint64_t unknown_lead = std::uint64_t(1) << 32;

// Should the stretch end with input item N, the next output is at N; nominally it would be up to D/I + (I-1)/I - window later.
std::uint64_t slip_behind(const Ratio& r, std::uint64_t before) {
    const UnsignedWide own = UnsignedWide(r.decimation) + r.interpolation - 1,
                       window = UnsignedWide(r.interpolation) * r.window;
    const UnsignedWide slip = UnsignedWide(before) * r.interpolation + (own > window ? own - window : 0);
    return std::uint64_t((slip + r.decimation - 1) / r.decimation);
}

/// The least common multiple; nothing where 63 bits do not hold it.
std::optional<std::int64_t> common(std::int64_t a, std::int64_t b) {
    const Wide multiple = Wide(a / std::gcd(a, b)) * b;
    return multiple <= INT64_MAX ? std::optional(std::int64_t(multiple)) : std::nullopt;
}

/// Times of a stream's items are whole multiples of a second divided by this, from its origin on (see time_of).
std::int64_t units_per_s(const Rational& ticks, const Rational& places) {
    if (places == Rational(0)) return ticks.numerator();
    const Rational factor = places / ticks;
    constexpr int bits = 110;  // what time_of has room for
    if (Wide(factor.numerator()) > (Wide(1) << bits) / factor.denominator())
        throw std::overflow_error(
            "the rate of the block whose places are marked, divided by this one, takes more than 110 bits");
    return (places * Rational(1 << 16)).numerator();
}

[[noreturn]] void refuse_rate(const Block& block, const std::string& expected, const std::string& got,
                              const std::string& hint) {
    throw Refused(Diagnostic{block.context().at, "blocks." + block.name(), expected, got, hint, {}});
}

}  // namespace

Wishes::Wishes(Block& block) : block_(block) {
    for (InputPort* p : block.inputs()) needs_.emplace_back(Access::need(*p), Access::at_most(*p));
    for (OutputPort* p : block.outputs()) rooms_.push_back(Access::room(*p));
}

Wishes::~Wishes() {
    for (std::size_t k = 0; k < needs_.size(); ++k) block_.inputs()[k]->need(needs_[k].first, needs_[k].second);
    for (std::size_t k = 0; k < rooms_.size(); ++k) Access::room(*block_.outputs()[k]) = rooms_[k];
}

void check_rate(const Block& block) {
    const BlockDeclared& declared = block.declared();
    const bool asks =
        std::any_of(block.inputs().begin(), block.inputs().end(), [](const InputPort* p) { return Access::need(*p) > 0; });
    if (asks && !declared.data_dependent)
        refuse_rate(block, "`data_dependent()` in a block whose inputs say what they need", "none", "add it to describe()");
    if (declared.open_end && (!block.inputs().empty() || !block.message_inputs().empty() || block.outputs().empty()))
        refuse_rate(block, "`open_end()` in a source", "a block with inputs, or without outputs", "");
    if (declared.open_end && declared.data_dependent)
        refuse_rate(block, "a source with an open end or with a data-dependent rate", "one with both", "");
    if (!declared.data_dependent) return;
    if (declared.ratio.grid != 1 || declared.ratio.window != 1)
        refuse_rate(block, "no grid and no window in a block with a data-dependent rate", "one",
                    "`need` says what a call gets");
    if (block.inputs().empty() && block.message_inputs().empty())
        refuse_rate(block, "an input or a message input of a block with a data-dependent rate", "none",
                    "a source says how long it is by `total`");
    for (const OutputPort* p : block.outputs()) {
        const auto [interpolation, decimation] = Access::nominal(*p);
        if ((interpolation == 0) != (decimation == 0)) refuse_rate(block, "a nominal ratio of positive numbers", "a zero", "");
    }
    for (const InputPort* p : block.inputs()) {
        if (Access::skip(*p) > 0)
            refuse_rate(block, "no `skip` in a block with a data-dependent rate", "one", "put `skip` before it");
    }
}

Rational nominal_ratio(const Block& block, const OutputPort& port) {
    const auto [interpolation, decimation] = Access::nominal(port);
    const Ratio& r = block.declared().ratio;
    return interpolation == 0 ? Rational(std::int64_t(r.interpolation), std::int64_t(r.decimation))
                              : Rational(std::int64_t(interpolation), std::int64_t(decimation));
}

std::uint64_t room_of(const Block& block, const OutputPort& port) {
    if (const std::size_t given = Access::room(port); given > 0) return given;
    if (block.inputs().empty()) return 1;
    const Rational ratio = nominal_ratio(block, port);
    const std::uint64_t items = Access::at_most(*block.inputs()[0]);
    return std::uint64_t(static_cast<unsigned __int128>(items) * std::uint64_t(ratio.numerator()) /
                         std::uint64_t(ratio.denominator())) +
           1;
}

std::uint64_t first_output(const Block& block, const OutputPort& port, std::uint64_t first) {
    return outputs_of(nominal_ratio(block, port), first);
}

namespace {

[[noreturn]] void refuse_long(const Block& block) {
    refuse_rate(block, "a stream of fewer than 2^63 items", "more", "a lower rate");
}

/// How much later output index 0 is than input index 0, as far as times of recordings are exact.
Time utc_shift(const StreamDescription& in, const Rational& delay, std::uint64_t input_anchor, std::uint64_t output_anchor,
               const Rational& rate) {
    const Wide late = Wide(delay.numerator()) * in.ticks.denominator(),
               per_s = Wide(delay.denominator()) * in.ticks.numerator();
    const Time first = moved(Time::of(std::int64_t(input_anchor), in.ticks), Time() - exact_time(late, per_s));
    return moved(first, Time() - Time::of(std::int64_t(output_anchor), rate));
}

/// The time of output index 0: that of the input item at the anchor, less the group delay, less the anchor's own distance. All
/// items' times must have room in 64 bits: an origin without room for that is rounded to a small part of an item.
Time origin_of(const StreamDescription& in, const Rational& delay, std::uint64_t input_anchor, std::uint64_t output_anchor,
               const Rational& rate, const Rational& places) {
    const Time first = Time::of(std::int64_t(input_anchor), in.ticks), own = Time::of(std::int64_t(output_anchor), rate);
    const std::int64_t unit = units_per_s(rate, places);
    try {
        const Time origin = in.origin + (first - Time(delay / in.ticks) - own);
        if (common(origin.fraction().denominator(), unit)) return origin;
    } catch (const std::overflow_error&) {}
    std::int64_t fine = unit;
    while (fine <= INT64_MAX / 4) fine *= 2;
    const auto rounded = [&](const Time& t) {
        return Time(t.whole(), Rational(0)) + nearest_time(t.fraction().numerator(), t.fraction().denominator(), fine);
    };
    const Wide late = Wide(delay.numerator()) * in.ticks.denominator(),
               per_s = Wide(delay.denominator()) * in.ticks.numerator();
    return rounded(in.origin) + (rounded(first) - nearest_time(late, per_s, fine) - rounded(own));
}

// Of each input what filters before it made with zeros in sight, and what this block's own history of it sees.
std::uint64_t run_in_of(const Block& block, const Rational& ratio) {
    std::uint64_t items = 0;
    for (const InputPort* p : block.inputs()) items = std::max<std::uint64_t>(items, p->description().run_in + p->history());
    return outputs_of(ratio, items);
}

// Rate, length and times of an output, from input 0. `output_anchor` is the item that belongs to the input's `input_anchor`.
void follow_input(const Block& block, const OutputPort& port, StreamDescription& d, std::uint64_t input_anchor,
                  std::uint64_t output_anchor) {
    const BlockDeclared& declared = block.declared();
    const Ratio& r = declared.ratio;
    const StreamDescription& in = block.inputs()[0]->description();
    const Rational ratio = nominal_ratio(block, port), rate = in.ticks * ratio;
    if (d.sample_rate && *d.sample_rate == in.sample_rate) d.sample_rate = rate;
    d.ticks = rate;
    if (output_anchor > std::uint64_t(INT64_MAX)) refuse_long(block);
    d.places = in.places != Rational(0) || !declared.data_dependent ? in.places : place_rate(in.ticks);
    d.origin = origin_of(in, r.delay, input_anchor, output_anchor, rate, d.places);
    d.source = in.source;
    if (in.utc && in.sample_rate) d.utc = moved(*in.utc, utc_shift(in, r.delay, input_anchor, output_anchor, rate));
    d.run_in = run_in_of(block, ratio);
    d.slip = slip_behind(r, in.slip);
    const bool may_move = in.slip > 0 || in.lead > 0 || in.places != Rational(0);
    d.lead = in.lead >= unknown_lead ? in.lead : outputs_of(ratio, in.lead + (may_move ? Access::skip(*block.inputs()[0]) : 0));
    if (declared.data_dependent) {
        d.length.reset();
    } else if (in.length) {
        const std::uint64_t skipped = Access::skip(*block.inputs()[0]);
        const auto n = std::uint64_t(*in.length) > skipped ? std::uint64_t(*in.length) - skipped : 0;
        const std::uint64_t outputs = outputs_for(r, n);
        if (outputs > std::uint64_t(INT64_MAX)) refuse_long(block);
        d.length = std::int64_t(outputs);
    }
    if (declared.total)
        d.length = d.length ? std::min(*d.length, std::int64_t(*declared.total)) : std::int64_t(*declared.total);
}

}  // namespace

std::uint64_t messages_lag(const Block& block) {
    if (block.message_outputs().empty() || (block.inputs().empty() && block.outputs().empty())) return 0;
    std::uint64_t reach = 0;
    for (const MessageOutput* port : block.message_outputs()) reach = std::max(reach, port->reach());
    const Ratio& r = block.declared().ratio;
    std::uint64_t slip = 0;
    if (!block.inputs().empty()) {
        const StreamDescription& d = block.inputs()[0]->description();
        slip = d.slip + (d.lead < unknown_lead ? d.lead : 0);  // no ring waits for a first message
    }
    const UnsignedWide cell = (UnsignedWide(cell_for(r)) * r.decimation + r.interpolation - 1) / r.interpolation;
    return reach + slip + std::uint64_t(std::min<UnsignedWide>(cell, UINT64_MAX / 2));
}

Time delay_of(const Rational& delay, const Rational& rate) {
    return exact_time(Wide(delay.numerator()) * rate.denominator(), Wide(delay.denominator()) * rate.numerator());
}

bool delay_fits(const StreamDescription& sender, const Time& delay) {
    const auto unit = common(sender.origin.fraction().denominator(), units_per_s(sender.ticks, sender.places));
    return unit && common(*unit, delay.fraction().denominator());
}

ExitCode run_describe(Block& block, Diagnostics& found) {
    Diagnostics said;
    ExitCode code = ExitCode::usage;
    Access::found(block) = &said;
    try {
        block.describe();
    } catch (const Refused& refused) {
        if (said.empty()) code = refused.code();
        append(said, refused.diagnostics());
    } catch (const NotKnown&) {  // what it would have said of it nobody can tell
    } catch (...) {
        Access::found(block) = nullptr;
        throw;
    }
    Access::found(block) = nullptr;
    append(found, said);
    return code;
}

Doubt::Doubt(Block& block, const std::set<std::string>& parameters, bool inputs) : block_(block) {
    for (ParameterBase* p : block.parameters())
        Access::in_doubt(*p) = parameters.contains(p->name()) || (parameters.contains("") && !Access::explicitly_given(*p));
    for (InputPort* p : block.inputs()) Access::in_doubt(*p) = inputs;
}

Doubt::~Doubt() {
    for (ParameterBase* p : block_.parameters()) Access::in_doubt(*p) = false;
    for (InputPort* p : block_.inputs()) Access::in_doubt(*p) = false;
}

void describe_outputs(Block& block, const Anchors& anchors) {
    auto& declared = Access::declared(block);
    declared = BlockDeclared{};
    for (OutputPort* p : block.outputs()) {
        Access::described(*p) = false;
        Access::room(*p) = 0;
    }
    Diagnostics found;
    const ExitCode code = run_describe(block, found);
    if (!found.empty()) throw Refused(std::move(found), code);
    for (std::size_t k = 0; k < block.outputs().size(); ++k) {
        OutputPort& p = *block.outputs()[k];
        StreamDescription& d = Access::description(p);
        if (!Access::described(p) || d.type == SampleType::any) {
            throw Refused(Diagnostic{block.context().at,
                                     "blocks." + block.name(),
                                     fmt::format("a description of output `{}`", p.name()),
                                     "none",
                                     "the block's describe() forgets it",
                                     {}});
        }
        if (!block.inputs().empty()) {
            follow_input(block, p, d, anchors.input, k < anchors.outputs.size() ? anchors.outputs[k] : 0);
            continue;
        }
        d.ticks = d.sample_rate.value_or(Rational(1));
        if (!declared.data_dependent || block.message_inputs().empty()) continue;
        d.places = place_rate(d.ticks);
        d.lead = unknown_lead;  // the first message may be about anything, before the source's beginning, too
    }
}

std::string describe_retuned(Block& block, const Anchors& anchors) {
    const BlockDeclared declared = block.declared();
    const Wishes kept(block);
    std::vector<StreamDescription> before;
    for (const OutputPort* p : block.outputs()) before.push_back(p->description());
    std::string expected;
    bool refused = false;
    try {
        describe_outputs(block, anchors);
    } catch (const Refused& e) {
        refused = true;
        expected = e.diagnostics().front().expected;
        Access::declared(block) = declared;
    }
    for (std::size_t k = 0; k < before.size(); ++k) {
        OutputPort& p = *block.outputs()[k];
        before[k].center_frequency = p.description().center_frequency;
        if (p.description() == before[k] && !refused) continue;
        if (!refused) expected = "inputs whose retuning leaves all else as it is";
        before[k].center_frequency.reset();
        Access::description(p) = before[k];
        Access::described(p) = true;
    }
    return expected;
}

}  // namespace runtime
}  // namespace flowspan

#include "graph/described.hpp"
#include "runtime/block/describe.hpp"
#include "runtime/count/counting.hpp"
#include "runtime/task/access.hpp"

#include <flowspan/diagnostic.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

constexpr std::uint64_t most_without_taking = 1'000'000;  // calls: such a stream would never end

}  // namespace

DependentCount::DependentCount(BlockEnds& ends, const Block& block, const Standing& at, CountOptions options, bool exact)
    : ends_(ends),
      at_(at),
      o_(std::move(options)),
      exact_(exact || (!ends.ins.empty() && ends.ins[0].port->description().places != Rational(0))) {
    given_.resize(ends.ins.size());
    came_.taken.resize(ends.ins.size());
    came_.made.resize(ends.outs.size());
    for (const Out& out : ends.outs) {
        rooms_.push_back(room_of(block, *out.port));
        nominal_.push_back(nominal_ratio(block, *out.port));
    }
    begin_stretch();
}

std::size_t DependentCount::need_of(const In& in) { return Access::need(*in.port); }

bool DependentCount::lacks_room() const {
    for (std::size_t k = 0; k < rooms_.size(); ++k) {
        if (ends_.outs[k].wire != nullptr && ends_.outs[k].wire->buffer.room() < rooms_[k]) return true;
    }
    return false;
}

std::uint64_t DependentCount::room_for(std::size_t output) const {
    if (!o_.by_chunks) return rooms_[output];
    const Wire* wire = ends_.outs[output].wire;
    return wire == nullptr ? UINT64_MAX : wire->buffer.room();
}

// By chunks: of what it asks for at most, a call makes what it has declared; of D more items another one, where the nominal
// ratio is 1 / D.
std::uint64_t DependentCount::at_most(const In& in) const {
    const std::uint64_t least = need(in), asked = std::max<std::uint64_t>(least, Access::at_most(*in.port));
    std::uint64_t most = std::max(asked, o_.by_chunks ? in.wire->quantum : 0);
    for (std::size_t k = 0; k < rooms_.size() && most > asked; ++k) {
        const std::uint64_t further = room_for(k) - rooms_[k];
        const Ratio ratio{.interpolation = std::uint64_t(nominal_[k].numerator()),
                          .decimation = std::uint64_t(nominal_[k].denominator())};
        if (further < outputs_before(ratio, most - asked)) most = asked + input_of(ratio, further);
    }
    return most;
}

bool DependentCount::is_over(const In& in) const {
    return in.reader->stretch_complete() && in.reader->readable_end() - in.reader->index() < need(in);
}

// `describe` has sized the ring; `work` may ask for more, as far as that holds it wherever the block runs.
void DependentCount::check_fits() const {
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        if (need(ends_.ins[k]) <= most_[k]) continue;
        throw Failure(ExitCode::block,
                      fmt::format("needs {} items of `{}` at once: expected at most {}, what its describe() asks for",
                                  need(ends_.ins[k]), ends_.ins[k].port->name(), most_[k]));
    }
}

void DependentCount::begin_stretch() {
    short_done_ = false;
    most_.clear();
    for (const In& in : ends_.ins)
        most_.push_back(graph::most_needed(need(in), Access::at_most(*in.port), in.port->description().item_size()));
}

std::optional<Call> DependentCount::next(const Bounds& bounds, Wait& wait) {
    wait = Wait::nothing;
    if (left() == 0) return {};
    bool seam = false;
    short_ = false;
    for (const In& in : ends_.ins) {
        if (in.reader->readable_end() - in.reader->index() >= need(in)) continue;
        if (!in.reader->stretch_complete()) {
            wait = Wait::input;
            return {};
        }
        seam = seam || at_seam(in);
        short_ = true;
    }
    if (seam || (short_ && short_done_)) return {};
    if (bounds.messages <= ends_.ins[0].reader->index()) {
        wait = Wait::messages;
        return {};
    }
    if (lacks_room()) {
        ends_.lack_room();
        wait = Wait::output;
        return {};
    }
    had_enough_ = had_enough_ || !short_;
    const bool least = just_the_least(bounds);
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) given_[k] = given(k, bounds, least);
    return Call{given_[0], false};
}

// Exactly what is needed of all inputs where something lies among the items of one, or the end is near: how far a step goes
// then does not depend on how many items happened to be there.
bool DependentCount::just_the_least(const Bounds& bounds) const {
    if (short_ || exact_ || (!rooms_.empty() && left() <= rooms_[0])) return true;
    const std::uint64_t first = ends_.ins[0].reader->index(), behind = first + need(ends_.ins[0]);
    const std::uint64_t changes = std::min(bounds.barrier, bounds.retuning);
    if (bounds.messages < behind || (changes > first && changes < behind)) return true;
    return std::any_of(ends_.ins.begin(), ends_.ins.end(), [&](const In& in) {
        const std::uint64_t at = in.reader->index();
        const auto tag = in.wire->buffer.first_tag_from(at);
        return tag && *tag < at + need(in);
    });
}

std::size_t DependentCount::given(std::size_t input, const Bounds& bounds, bool just_least) const {
    const In& in = ends_.ins[input];
    const std::uint64_t at = in.reader->index(), there = in.reader->readable_end() - at, least = need(in);
    if (there <= least || just_least) return std::min(there, least);
    std::uint64_t n = std::min(there, at_most(in));
    const auto stop_at = [&](std::uint64_t index) { n = std::min(n, std::max(least, index - at)); };
    if (input == 0) {
        if (bounds.barrier > at) stop_at(bounds.barrier);
        if (bounds.retuning > at) stop_at(bounds.retuning);
        stop_at(bounds.messages);
    }
    if (const auto tag = in.wire->buffer.first_tag_from(at)) stop_at(*tag);
    if (o_.limit && n > least) n = least + o_.limit(n - least + 1) - 1;
    return n;
}

void DependentCount::place(const Call&) {
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        In& in = ends_.ins[k];
        const std::uint64_t at = in.reader->index();
        Access::place(*in.port, in.reader->item(at), at, given_[k]);
        Access::consumed(*in.port) = 0;
    }
    for (Out& out : ends_.outs) {
        Access::produced(*out.port) = 0;
        Access::stated(*out.port).clear();
        Access::place(*out.port, out.wire != nullptr ? out.wire->buffer.write_place() : nullptr, out.anchor + out.made);
    }
}

// Places and tags are of items that are made.
void DependentCount::check_said(const Out& out, std::size_t made) {
    for (const auto& stated : Access::stated(*out.port)) {
        if (stated.k >= made)
            throw Failure(ExitCode::block, fmt::format("states the place of item {} of `{}`, of {} that it makes", stated.k,
                                                       out.port->name(), made));
    }
    for (const Tag& tag : Access::tags(*out.port)) {
        if (tag.index >= out.anchor + out.made + made)
            throw Failure(ExitCode::block, fmt::format("tags item {} of `{}`, of {} that it makes",
                                                       tag.index - out.anchor - out.made, out.port->name(), made));
    }
}

const DependentCount::Came& DependentCount::came_of_message() {
    for (std::size_t k = 0; k < ends_.outs.size(); ++k) {
        const Out& out = ends_.outs[k];
        came_.made[k] = Access::produced(*out.port);
        if (came_.made[k] > room_for(k))
            throw Failure(ExitCode::block, fmt::format("makes {} items of `{}` in a call, more than the {} that it declares",
                                                       came_.made[k], out.port->name(), room_for(k)));
        check_said(out, came_.made[k]);
        if (k == 0) came_.made[k] = std::min<std::uint64_t>(came_.made[k], left());
        // Of items beyond the total nothing is known.
        std::erase_if(Access::stated(*out.port), [&](const auto& s) { return s.k >= came_.made[k]; });
        std::erase_if(Access::tags(*out.port), [&](const Tag& t) { return t.index >= out.anchor + out.made + came_.made[k]; });
    }
    return came_;
}

const DependentCount::Came& DependentCount::came(const Call&) {
    bool moved = false, enough = true, left = false;
    for (std::size_t k = 0; k < ends_.ins.size(); ++k) {
        const In& in = ends_.ins[k];
        came_.taken[k] = Access::consumed(*in.port);
        if (came_.taken[k] > given_[k])
            throw Failure(ExitCode::block, fmt::format("takes {} items of `{}`, of the {} that it was given", came_.taken[k],
                                                       in.port->name(), given_[k]));
        moved = moved || came_.taken[k] > 0;
        enough = enough && given_[k] >= need(in);
        left = left || given_[k] > came_.taken[k];
    }
    check_fits();
    const bool took = moved;
    if (took || short_)
        without_taking_ = 0;
    else if (++without_taking_ > most_without_taking)
        throw Failure(ExitCode::block, fmt::format("takes nothing in {} calls, and goes on making items", most_without_taking));
    came_of_message();
    for (const std::size_t n : came_.made) moved = moved || n > 0;
    if (!moved && enough && !short_)
        throw Failure(ExitCode::block, fmt::format("takes nothing and makes nothing of {} items of `{}`, as many as it needs",
                                                   given_[0], ends_.ins[0].port->name()));
    if (short_ && (!took || !left)) short_done_ = true;
    return came_;
}

}  // namespace flowspan::runtime

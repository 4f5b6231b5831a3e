// Changes of one block while it runs: what is asked, what waits for its index, what was done.
#pragma once

#include "runtime/block/describe.hpp"

#include <flowspan/block.hpp>
#include <flowspan/when.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace flowspan::runtime {

/// What is asked of one block.
struct Ask {
    enum class What : std::uint8_t { get, set, call, hold, release };
    What what = What::get;
    std::string name;  // of the parameter, reading or command; "" for hold and release
    Value value;       // set: the value; call: a list of arguments
    When when;

    Value packed() const;
    static Ask from(const Value& value);
};

struct Answer {
    std::string refusal;  // why not; "" when it was done
    Value value;          // get: the value; set: the value in force; call: the result
    std::uint64_t index = 0;

    Value packed() const;
    static Answer from(const Value& value);
};
using Answered = std::function<void(const Answer&)>;

/// A change that took effect, as the schedule of the run lists it.
struct Applied {
    Ask::What what;
    std::string name;
    Value value;
    std::uint64_t index;
};

/// What is wrong with it, if anything, before it is known whether the block agrees: unknown names, kinds, ranges, choices,
/// parameters that may not change any more. "expected …, got …".
std::string refusal_of(const Block& block, const Ask& ask);
std::optional<Diagnostic> mistake_in(const Block& block, const Ask& ask);

/// The index that `when` means for a block, in its present stretch; `next` is its next step's. Throws Failure with a sentence
/// where the stream has no such times.
std::uint64_t index_of(const Block& block, const When& when, std::uint64_t next);

/// The waiting and the made changes of one block. They wait in the order (index, those by tags first, as they came).
class Changes {
public:
    explicit Changes(Block& block) : block_(block) {}

    /// A change that takes effect at `index`.
    void add(const Ask& ask, std::uint64_t index, bool by_tag, Answered answered);
    /// The block stops before `index` until it is released.
    void hold(std::uint64_t index, Answered answered);
    void release();
    /// The index before which the block has to stop: of the first change or hold; UINT64_MAX when nothing waits.
    std::uint64_t barrier() const;
    std::uint64_t first() const { return first_; }

    /// Makes all changes up to `position`, where the block stands; the anchors are those of its present stretch. Parameters
    /// are set, `describe` is asked whether it agrees, `prepare` is called. Returns the outputs that have another centre
    /// frequency now, which their descriptions say.
    std::vector<std::size_t> apply(std::uint64_t position, const Anchors& anchors);
    /// Sets one parameter at once, as a message says. Throws Failure where it is refused.
    std::vector<std::size_t> set_by_message(const std::string& name, const Value& value, std::uint64_t position,
                                            const Anchors& anchors);
    /// Whether it is held at `position`; who asked is told.
    bool held_at(std::uint64_t position);
    /// A new stretch has begun at `position`: indices of times are worked out anew.
    void began_stretch(std::uint64_t position);
    /// The block has ended at `position`: what still waits will never be.
    void ended(std::uint64_t position);

    const std::vector<Applied>& applied() const { return applied_; }
    /// Those that were scheduled beyond the end.
    const std::vector<Applied>& never() const { return never_; }

    /// Called with every parameter that has changed.
    std::function<void(const std::string& name, std::uint64_t index, const Value&)> watcher;

private:
    struct Waiting {
        Ask ask;
        Answered answered;
        bool by_schedule;     // behind those by tags of the same index
        std::uint64_t order;  // in which they came
    };
    struct Due {
        std::uint64_t index, meant;  // a time before the present stretch means its first item
        Waiting change;
    };
    struct Hold {
        std::uint64_t index;
        Answered answered;  // empty once it was told
    };
    std::uint64_t meant(const Time& time, When::Kind kind) const;
    void find_first();
    std::vector<Due> take_due(std::uint64_t position);
    void make(Waiting& change, std::uint64_t position, const Anchors& anchors);
    std::string set(ParameterBase& parameter, const Value& value, std::uint64_t position, const Anchors& anchors);
    template <class F>
    std::vector<std::size_t> retunes(F changes, const Anchors& anchors);

    Block& block_;
    // What a time means changes from stretch to stretch, the order of times does not.
    std::multimap<std::uint64_t, Waiting> by_index_;
    std::map<When::Kind, std::multimap<Time, Waiting>> by_time_;
    std::uint64_t first_ = UINT64_MAX, begun_ = 0, came_ = 0;  // index of the first that waits; of the present stretch
    std::vector<Hold> holds_;
    std::vector<Applied> applied_, never_;
};

}  // namespace flowspan::runtime

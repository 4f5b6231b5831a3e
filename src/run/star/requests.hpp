// Asking blocks wherever they live: names to blocks, requests to their ranks, answers and events back, over the control star.
#pragma once

#include "core/mistakes/names.hpp"
#include "run/star/control_star.hpp"
#include "run/start/startup.hpp"
#include "runtime/block/changes.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flowspan::run {

/// Something that a watch saw.
struct Event {
    std::string block, name;  // of the parameter, reading or message port
    std::uint64_t index = 0;  // of the block's input 0, where it has one; of a message: how many came before it
    Value time;               // of that index, or of the message: seconds since index 0 of the source; or nothing
    Value value;
    std::uint64_t dropped = 0;  // events before this one that nobody had room for
};

/// The blocks that `gain`, `receive[3].demod` or `receive[*].demod` mean. Throws Refused where there are none.
std::vector<int> blocks_named(const Started& started, const std::string& pattern);
/// A text, such as `75 kHz`, read as the declaration of the parameter says; any other value as it is. Throws Refused.
Value value_as_written(const Started& started, int block, const std::string& parameter, const Value& value);

class Requests {
public:
    struct Result {
        std::string block;
        runtime::Answer answer;
    };
    using Done = std::function<void(const std::vector<Result>&)>;
    using Seen = std::function<void(const Event&)>;

    Requests(ControlStar& star, Started& started, int rank);

    /// Asks one or more blocks: "gain.constant", "receive[*].demod.deviation", for hold and release "gain". A text is read as
    /// the parameter's declaration says ("75 kHz"). `done` is called from `handle`, once, with the answers of all of them.
    /// Throws Refused where there is no such block.
    void ask(runtime::Ask::What what, const std::string& name, const Value& value, const When& when, Done done);
    /// Calls `seen` with every change of a parameter, update of a reading, or message of a port, until `unwatch` or the end.
    /// Best effort: what there is no room for is counted. Throws Refused where there is no such thing.
    std::uint64_t watch(const std::string& name, Seen seen);
    void unwatch(std::uint64_t watch);
    /// How all blocks of all ranks stand, a map each, by block number. On rank 0.
    void status(std::function<void(const Value::List&)> done);
    /// Nothing more is seen on this rank: the last that was, of each watch, is said even where there was no room for it.
    void say_last();
    /// True when the message was one of these.
    bool handle(const ControlMessage& message);
    /// This rank sends no more: what still waits is answered with `reason`.
    void close(const std::string& reason);
    bool closed() const { return closed_; }
    /// Questions, answers and events that this rank has sent and received: all ranks' together are equal when none is under
    /// way.
    std::uint64_t sent() const { return sent_; }
    std::uint64_t received() const { return received_; }

private:
    struct Target {
        std::vector<int> blocks;
        std::string name;
    };
    struct Open {
        Done done;
        std::vector<Result> results;
        std::size_t missing = 0;
    };
    struct Watch {
        std::vector<int> blocks;
        std::string name;
        Seen seen;
    };
    struct Subscriber {
        int rank = 0;
        std::uint64_t watch = 0;
        std::string name;
        std::uint64_t dropped = 0;     // before the next one
        std::optional<Sighting> held;  // the newest that found no room: the last word, unless another follows
    };

    Target find(const std::string& name) const;
    void route(int to, Word word, Value content);
    void deliver(const Reply& reply);
    void deliver(const Sighting& event);
    void take_state(int rank, const Value& state);
    using Known = KnownNames (runtime::BlockDeclarations::*)(const std::string& block) const;
    void check_name(const std::string& name, const Target& target, Known known_of) const;
    Value time_of(const Block& block, std::uint64_t index) const;
    void execute(const Question& question);
    void subscribe(const Watching& watching);
    void publish(int block, const std::string& name, std::uint64_t index, const Value& time, const Value& value);
    void say_held(Subscriber& s);
    Value block_states() const;

    ControlStar& star_;
    Started& started_;
    int rank_;
    bool closed_ = false;
    std::uint64_t last_id_ = 0, sent_ = 0, received_ = 0;
    std::map<std::uint64_t, Open> open_;
    std::map<std::uint64_t, Watch> watches_;
    std::map<int, std::vector<Subscriber>> subscribers_;  // by own block
    std::function<void(const Value::List&)> status_done_;
    std::vector<Value> states_;  // by rank, while a status is asked for
    std::size_t states_missing_ = 0;
};

}  // namespace flowspan::run

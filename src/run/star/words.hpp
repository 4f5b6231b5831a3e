// What ranks say to each other over the star: the words, and what goes with them.
#pragma once

#include "io/publish/product.hpp"
#include "runtime/block/changes.hpp"

#include <flowspan/diagnostic.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::run {

enum class Word : std::uint8_t {
    // To rank 0: how this rank is.
    alive,       // RankProgress, or nothing
    quiet,       // Quiet: nothing moves here
    ended,       // a list of blocks, where the graph has cycles
    begun,       // it may make samples
    stop_asked,  // the user, or the program
    failed,      // Cause
    made,        // Made
    done,        // its report
    published,   // its last word: its products have their names, but for these; a list of path and reason
    cleaned,     // its last word after a failure: a list, whether links could not be closed, and its report
    log,         // LogLine
    here,        // in the start: at which meeting; later: as an answer to `muster`
    left,        // its last word of the start; or, as an answer to `flee`, that it has cleared away
    // From rank 0: what happens.
    go,  // in the start: the number of the meeting that all have come to
    stop,
    unneeded,  // a list of blocks: nothing that they make can be seen any more
    abort,     // a list: Cause, and whether the products are committed
    publish,
    keep_partial,  // under this number
    hand_over,     // parts stay as they are
    leave,         // Cause, or nothing
    muster,        // who is there?
    flee,          // the run is lost: leave by force
    // To any rank, by way of rank 0: questions to blocks, and what comes of them.
    route,        // Routed
    ask,          // Question
    answer,       // Reply
    watch,        // Watching
    event,        // Sighting
    state_asked,  // from rank 0
    state,        // to rank 0: a list of maps, one a block
    // Of a batch, from rank 0: units, and what happens to their files.
    tasks,     // a list: to be computed in this order
    rename,    // a list of what is committed
    stop_now,  // what is computed is dropped
    all_over,  // nothing more will come
    cancel,    // a unit: nobody is to compute it
    refresh,   // a list of a number and OfferedPlugin: workers are forked anew, with these
    plugin,    // a piece of one: its number, bytes
    want,      // Piece, without bytes: of what this rank has offered
    taken,     // an attempt: all that it has offered of it, or no more is wanted
    // Of a batch, to rank 0.
    answers,      // a list; the parts of what was made are durable
    renamed,      // a list: what has been done of `rename`
    offer,        // Offer: parts that only its host sees
    piece,        // Piece, as an answer to `want`
    unit_line,    // a list of an attempt and LogLine, for its log
    lacks_plugin  // number and offset: the piece that it wants
};
std::string_view name_of(Word word);

/// Why a run ended otherwise than well.
struct Cause {
    ExitCode code = ExitCode::bug;
    int rank = -1;
    std::string host{}, block{}, text{};
    /// What an exception says; rank and host are still to be filled in.
    static Cause of(const std::exception& e);
    /// "rank 2 (node7): receive[3].audio: cannot write audio/03.wav: No space left on device"
    std::string line() const;
    Value value() const;
    static Cause from(const Value& v);
};

/// How far a rank is.
struct RankProgress {
    double samples = 0, stream_s = 0;  // that its sources have made; of the one that has come furthest, by its rate
    double fraction = -1;              // of the work that is done, where that is known
    double busiest_s = 0;              // time in calls of the block that took most
    std::string slowest;               // its name
    std::uint64_t activity = 0;        // grows when anything moves

    Value value() const;
    static RankProgress from(const Value& v);
};

/// A block's wish that nobody fulfils, for finding cycles.
struct Wish {
    int from = -1, to = -1;
    std::string why;
    friend bool operator==(const Wish&, const Wish&) = default;
};

/// What stands still on a rank.
struct Quiet {
    std::uint64_t activity = 0, sent = 0, received = 0;  // records, questions, answers
    std::vector<Wish> wishes;
    bool held = false;                  // a block is, by a program or a client
    std::optional<std::string> within;  // the call that its program waits in ("" for `run`); nothing: a client may still come

    Value value() const;
    static Quiet from(const Value& v);
    friend bool operator==(const Quiet&, const Quiet&) = default;
};

/// The products of a rank, all complete.
struct Made {
    std::vector<io::Publisher::Entry> products;
    bool cut = false;  // a stop has ended a source of this rank before its end

    Value value() const;
    static Made from(const Value& v);
};

/// Products that could not take their names, as a list of path and reason.
Value value_of(const std::vector<io::Unpublished>& left);
std::vector<io::Unpublished> unpublished_from(const Value& v);

/// Something for another rank.
struct Routed {
    int to = 0;
    Word word{};
    Value content;

    Value value() const;
    static Routed from(const Value& v);
};

struct Question {
    int asker = 0;          // the rank
    std::uint64_t id = 0;   // its number there
    std::size_t place = 0;  // among the blocks that it asks
    int block = 0;
    runtime::Ask ask;

    Value value() const;
    static Question from(const Value& v);
};

struct Reply {
    std::uint64_t id = 0;
    std::size_t place = 0;
    runtime::Answer answer;

    Value value() const;
    static Reply from(const Value& v);
};

struct Watching {
    int asker = 0;
    std::uint64_t id = 0;
    int block = 0;
    std::string name;
    bool begins = true;  // else it ends

    Value value() const;
    static Watching from(const Value& v);
};

struct Sighting {
    std::uint64_t id = 0;
    int block = 0;
    std::string name;
    std::uint64_t index = 0;
    Value time, seen;
    std::uint64_t dropped = 0;

    Value value() const;
    static Sighting from(const Value& v);
};

}  // namespace flowspan::run

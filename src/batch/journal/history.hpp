// What has become of all units of a part: the fold of its journals, in the order of their starts.
#pragma once

#include "batch/journal/files.hpp"
#include "batch/journal/lines/kinds.hpp"
#include "batch/journal/lines/line.hpp"
#include "batch/journal/lines/packed.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace flowspan::batch {

enum class State : std::uint8_t {
    fresh,      // to be done: never was, or is to be tried again
    running,    // the last start has handed it out, and nothing says how that ended
    committed,  // its products are to get their names
    done,
    failed,  // and not to be tried again
    deleted
};
std::string_view name_of(State state);

/// All that is known of a unit.
struct Known {
    Unit unit;
    State state = State::fresh;
    std::string run;                  // the attempt that the state is about; "" where there was none
    std::string key;                  // of the products, below
    Value content;                    // of what was read for them
    std::vector<MadeFile> products;   // those that have their names, perhaps of an older key
    std::string fingerprint;          // of the attempt that the state is about, as its line gave it
    int attempts = 0;                 // that failed since it was last done, or a person asked
    std::string cause, host;          // of the last of these
    int code = 0;                     // as above
    int deaths = 0;                   // of whole batches while it was handed out, in a row
    int deaths_alone = 0;             // of these: nothing else was handed out
    std::vector<std::string> places;  // the hosts that had it then
    std::uint32_t made_by = 0;        // the start that said last that its products are right; 0: none
};

/// What a start has said of itself.
struct StartSaid {
    std::optional<line::Begin> begin;
    std::optional<int> code;  // of its end; nothing: it runs, or died
};

/// What is to be done before a start hands anything out.
struct Committed {
    std::size_t unit = 0;
    std::string run;
    std::vector<MadeFile> products;
};
struct Dead {
    std::size_t unit = 0;
    std::string run;
    friend auto operator<=>(const Dead&, const Dead&) = default;
};

/// Units are numbered from 0 in the order of their first lines.
class History {
public:
    /// Reads all journals of a part. Whatever stands there, it throws nothing but Failure, where the folder cannot be read.
    /// `alive`: the batch that writes the last one runs. `light`: of what was made nothing is kept but that it was, which takes
    /// half of the memory: `known` has then neither content nor products.
    static History read(const std::string& out, int part = 0, bool alive = false, bool light = false);

    /// Takes all lines of the journal of this start, which `give` gives; starts come in their order.
    void journal(std::uint32_t start, const std::function<void(const TakeLine&, Troubles&)>& give);
    /// Takes a line of the journal of this start; the answer is why it is passed over, "" where it is not.
    std::string add(std::uint32_t start, std::string_view json);
    /// No more lines come: where the last start has not said that it ended, all that it had handed out are suspects.
    void end();

    std::size_t size() const { return units_.size(); }
    State state(std::size_t unit) const;
    Known known(std::size_t unit) const;
    std::optional<std::size_t> find(std::string_view folder) const;
    /// Its products were taken from the cache.
    bool cached(std::size_t unit) const { return units_.at(unit).base == State::done && units_[unit].cached; }
    /// By what lines name it.
    UnitId id(std::size_t unit) const { return units_.at(unit).id; }

    /// The first start, which pins parts, root and level for all later ones.
    const std::optional<line::Begin>& first() const { return first_; }
    /// By number.
    const std::map<std::uint32_t, StartSaid>& starts() const { return starts_; }
    /// The unit that lines mean by an id.
    std::optional<std::size_t> find(UnitId id) const {
        const std::size_t unit = described(id);
        return unit < units_.size() ? std::optional(unit) : std::nullopt;
    }
    /// Units that were handed out when a batch died without a word, and of which no more is known.
    std::vector<std::size_t> suspects() const;
    /// Commits without an end, in their order.
    std::vector<Committed> committed() const;
    /// Attempts whose parts may be there, and will not be wanted.
    std::vector<Dead> dead() const;
    /// Whether a line answers this request.
    bool has_answered(const std::string& request) const { return answered_.contains(request); }
    const Troubles& troubles() const { return troubles_; }
    /// A whole journal cannot be read, or has been removed: what it has said of any unit is not known.
    bool lacks_a_journal() const { return troubles_.whole > 0; }

private:
    struct Entry {
        UnitId id;
        Packed described, made, failure;  // JSON
        std::int32_t attempts = 0;
        std::uint32_t last_done = 0;  // a hash of the attempt
        std::uint32_t made_by = 0;
        State base = State::fresh;  // but for what is under way
        bool cached = false;
    };
    struct Open {
        std::string run, host;
    };
    struct Pending {
        std::string run, made;
        std::uint64_t order = 0;
        std::uint32_t start = 0;
        bool cached = false;
    };
    struct Deaths {
        int count = 0, alone = 0;
        std::set<std::string> hosts;
    };

    std::string made_of(const Fields& f) const;
    void turn(std::uint32_t start);
    void count_deaths();
    void forget_unsure();
    static void forget(Entry& entry);
    std::size_t described(UnitId id) const;
    std::size_t unit_of(const Fields& f) const;
    bool close(std::size_t unit, const std::string& run);
    void give_up(std::size_t unit, std::uint64_t before, const std::string& run = "");
    const Pending* pending(std::size_t unit, const std::string& run) const;
    void describe(const Fields& f);
    void start(const Fields& f);
    void commit(const Fields& f);
    std::string done(const Fields& f);
    std::string unchanged(const Fields& f);
    void failed(const Fields& f);
    void asked(const Fields& f);
    std::string take(const Fields& f);

    std::vector<Entry> units_;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> ids_;       // in order
    std::unordered_map<std::uint64_t, std::uint32_t> late_ids_;      // those that came out of it
    std::unordered_multimap<std::uint64_t, std::uint32_t> folders_;  // by hash
    std::unordered_map<std::size_t, std::vector<Open>> open_;        // of the last start
    std::unordered_map<std::size_t, std::vector<Pending>> pending_;
    std::map<std::size_t, Deaths> deaths_;
    std::vector<Dead> dead_;  // of earlier starts, and of commits that were given up
    std::set<std::string> answered_;
    std::optional<line::Begin> first_;
    std::map<std::uint32_t, StartSaid> starts_;
    Troubles troubles_;
    std::uint32_t start_ = 0;
    std::uint64_t commits_ = 0;
    std::size_t lost_before_ = 0;  // lines, when the last start began
    bool ended_ = true, light_ = false;
};

/// What the first starts of all parts have said, by K. Throws Failure where the folder cannot be read.
std::map<int, line::Begin> first_begins(const std::string& out, Troubles& troubles);

}  // namespace flowspan::batch

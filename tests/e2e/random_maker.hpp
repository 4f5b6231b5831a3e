// Grows a random flowgraph from its sources: trees of blocks, branches that are joined again, messages across all of it.
#pragma once

#include "random_model.hpp"
#include "random_recording.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace random_graph {

constexpr std::uint64_t most_items = 400000;

enum class Kind { complex, real };

/// An output that may be read, as far as the generator needs to know it.
struct Stream {
    std::size_t block = 0;
    std::string port;  // "out", "out[3]"
    Kind kind = Kind::complex;
    bool integer = false;                                              // an implicit conversion follows
    std::uint64_t rate = 0, rate_divisor = 1;                          // Hz; 0: unknown
    double items = 0, first = 0, start_s = 0;                          // length, first index, time of the first item
    bool centre = false, gaps = false, retunes = false, late = false;  // late: begins at another index than 0
    std::uint64_t spread = 1;  // items may be this many times as far apart as their rate says
    int source = 0;
    double rate_hz() const { return double(rate) / double(rate_divisor); }
};

/// A message output.
struct Sender {
    std::size_t block;
    std::string port;
    int source;  // -1: any, it has a rate
};

class Maker {
public:
    Maker(std::uint64_t seed, std::string folder, std::set<std::string> without, bool dependent)
        : random_(seed * 0x9e3779b97f4a7c15U + 1),
          folder_(std::move(folder)),
          without_(std::move(without)),
          dependent_(dependent) {}

    Graph make();

private:
    bool may(const std::string& construct, unsigned percent);

    // blocks and edges
    std::size_t add(const std::string& name, const std::string& type, Settings settings,
                    std::vector<std::string> outputs = {"out"});
    std::string name_of(std::size_t block) const { return graph_.blocks[block].name; }
    void connect(const Stream& from, std::size_t to, const std::string& port = "in");
    void tell(const Sender& from, std::size_t to, const std::string& port, const std::string& options = "");
    void speaks(const Stream& at, std::size_t block, const std::string& port, bool must_be_heard = false);
    /// One that may steer a block with stream inputs: it keeps pace with its source.
    void may_steer(const Stream& at, std::size_t block, const std::string& port);

    // numbers
    /// Hertz, from low to high percent of the rate.
    std::string part_of_rate(const Stream& s, std::uint64_t low, std::uint64_t high);
    std::string decimal();
    std::uint64_t length();

    /// A place in the stream for a change: an index of it, or a time.
    std::string place(const Stream& s);
    void changes(const Stream& at, std::size_t block, const std::string& parameter, const std::function<std::string()>& value);

    // sources
    std::uint64_t rate();
    Stream source();
    Stream recorded();
    Stream generated(bool complex, std::uint64_t items, std::uint64_t hz);
    Stream listed();

    /// Two generators of one rate and different lengths.
    Stream sum_of_sources();
    Stream sum(const std::vector<Stream>& all, bool ends_early);

    // one input, one output
    Stream next(Stream s, std::size_t block);
    Stream through(const Stream& s, const std::string& name, const std::string& type, Settings settings, bool optional = false);
    Stream resampled(Stream s, std::uint64_t up, std::uint64_t down);
    bool can_slow_down(const Stream& s, std::uint64_t by) const { return s.rate == 0 || s.rate_hz() / double(by) >= 100; }

    Stream copied(const Stream& s);
    Stream multiplied(const Stream& s);
    Stream filtered(const Stream& s, std::uint64_t decimation);
    Stream rational(const Stream& s, std::uint64_t up, std::uint64_t down);
    Stream translated(const Stream& s);
    Stream detected(const Stream& s);
    Stream probed(const Stream& s);
    Stream tagged(const Stream& s);
    Stream sending(const Stream& s);
    Stream logged(const Stream& s);
    /// About so many of its items.
    std::string spacing(const Stream& s, std::uint64_t wanted);
    Stream gained(const Stream& s);
    Stream steered(const Stream& s);
    Sender echoed(const Sender& sender);
    /// One that hears what comes of it: an answer to its own messages, or what is measured further down.
    Stream looped(const Stream& s);
    std::string only_recording(const std::vector<Sender>& senders) const;
    void unique_edges();
    Stream shortened(const Stream& s);
    Stream skipped(const Stream& s, std::uint64_t most);
    Stream dependent(const Stream& s);

    // random_table.cpp
    std::string drawn(const std::string& pattern);
    Stream of_table(const Stream& s, bool plain);
    Stream there_and_back(const Stream& s);

    /// Any block that leaves rate and length as they are.
    Stream same_rate(const Stream& s);

    /// Branches of one rate, added.
    Stream joined(const Stream& s);
    Stream side_by_side(const Stream& s);
    Stream any(const Stream& s);
    Stream demodulated(const Stream& s);
    Stream through_modulator(const Stream& s);
    Stream converted(const Stream& s);

    // trees and their leaves
    void grow(Stream s, std::uint64_t budget);
    void channels(const Stream& s, std::uint64_t budget);

    /// A group with as many copies as there are channels; their outputs are added, or end within.
    void receivers(const Stream& s, std::size_t bank, std::uint64_t count);
    std::string product(std::size_t& number, const std::string& extension);
    void sink(const Stream& s, const std::string& type, Settings settings);
    void end(Stream s);

    // messages
    void hear_all();
    void run_options();

    Random random_;
    std::string folder_;
    std::set<std::string> without_;
    bool dependent_;
    Graph graph_;
    std::vector<Sender> senders_, log_first_, steering_, numbers_;
    std::vector<Recording> recordings_;
    int sources_ = 0;
    std::size_t products_ = 0;
    std::uint64_t shortest_ = UINT64_MAX;
    bool reads_all_ = true, may_begin_late_ = true;
};

}  // namespace random_graph

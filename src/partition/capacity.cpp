// How many items every ring holds, so that no graph with known rates can stall on a full ring.
//
// Let p(v) be the time up to which block v has worked. v waits for u while p(u) < p(v) + d(v), where d(v) is what a step of v
// needs beyond its position: window, grid and one item of rounding. u waits for room while p(u) > p(v) + C(e), where C(e) is
// the ring's room beyond v's history and u's own step. Blocks that all wait for each other form a circle of such edges, and
// the sum of p around it is 0. Give every block the potential L(v) = max over its inputs of L(u) + d(v). If C(e) >=
// L(v) - L(u) on every edge, then the sum of room on the circle's edges towards readers is at least the sum of needs on
// those towards writers, which contradicts the circle. A message edge only ever makes v wait for u, so it has a potential
// and no ring; its sender's promises may lie behind p(u), which adds to L(v). A crossing is a block of its own between two
// rings: it may hold back a quantum. A block whose rate follows its data works up to what it has consumed. What it has made
// lies behind that by the item that is held back until the next is known, and by rounding to whole items.
#include "core/process/alive.hpp"
#include "partition/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace flowspan::partition {
namespace {

using graph::DescribedBlock;
using graph::DescribedGraph;
using graph::DescribedInput;
using Items = std::uint64_t;

constexpr std::uint64_t most_ring_bytes = std::uint64_t{1} << 40;  // more is a slip

constexpr Items ceil_div(Items a, Items b) { return a / b + (a % b != 0 ? 1 : 0); }
constexpr Items round_up(Items a, Items multiple) { return ceil_div(a, multiple) * multiple; }

/// What one step of a block needs, in items.
struct Step {
    Items grid = 1;   // outputs that it makes at least
    Items input = 1;  // input items that it takes for them
    Items ahead = 1;  // input items beyond its position that must be there
};

Step step_of(const DescribedBlock& block) {
    const Items decimation = std::max<Items>(1, block.ratio.decimation),
                interpolation = std::max<Items>(1, block.ratio.interpolation);
    Step step;
    step.grid = std::max<Items>(1, block.ratio.grid);
    step.input = ceil_div(step.grid * decimation, interpolation);
    step.ahead = block.ratio.window + step.input + ceil_div(decimation, interpolation);
    // Where items move, the last output waits until the next is known: tags may still come to it.
    const bool moves = interpolation != 1 || decimation != 1 || block.ratio.window != 1 || block.ratio.delay != Rational(0);
    if (moves) step.ahead += step.input;
    return step;
}

/// Items of an output that lie between what a block with a data-dependent rate has consumed and what can be read of it.
constexpr Items held_back = 2;

/// A block that reads a ring, and through which of its inputs.
struct Reader {
    int block = -1;
    const DescribedInput* input = nullptr;
};

class Sizes {
public:
    Sizes(const DescribedGraph& graph, const std::vector<int>& order, const Rates& rates, const PlanOptions& options,
          Plan& plan)
        : graph_(graph), order_(order), rates_(rates), options_(options), plan_(plan) {
        for (const DescribedBlock& block : graph.blocks) steps_.push_back(step_of(block));
        fastest_bytes_.assign(std::size_t(rates.parts), 0);
        for (int o = 0; o < int(graph.outputs.size()); ++o)
            fastest_bytes_of(o) = std::max(fastest_bytes_of(o), rates.of_output[std::size_t(o)] * double(item_size(o)));
    }

    void run() {
        find_readers();
        find_crossings();
        plan_.transfers = find_transfers(graph_, plan_);
        find_potentials();
        for (Transfer& t : plan_.transfers) size_transfer(t);
        for (int output = 0; output < int(graph_.outputs.size()); ++output) {
            still_here();
            size_rings_of(output);
        }
        for (const int block : order_) {
            still_here();
            share_memory(block);
        }
        for (Conversion& c : plan_.conversions) size_conversion(c);
    }

private:
    std::size_t item_size(int output) const { return std::max<std::size_t>(1, graph_.outputs[std::size_t(output)].item_size); }
    int producer(int output) const { return graph_.outputs[std::size_t(output)].block; }
    int rank_of(int block) const { return plan_.rank_of[std::size_t(block)]; }
    bool on_device(int block) const { return plan_.on_device[std::size_t(block)]; }
    bool lies_on_device(int output, int rank) const { return partition::lies_on_device(graph_, plan_, output, rank); }

    double& fastest_bytes_of(int output) { return fastest_bytes_[std::size_t(rates_.part_of[std::size_t(producer(output))])]; }
    /// `bytes` as items; less where a stream is so slow that four times the duration of a quantum of the fastest one of its
    /// part is less: others would wait for it that long. What runs beside it without any connection waits for nothing.
    Items scaled(int output, std::size_t bytes, std::size_t at_least) {
        double wanted = double(bytes);
        if (const double fastest = fastest_bytes_of(output); fastest > 0)
            wanted *= std::min(1.0, 4 * rates_.of_output[std::size_t(output)] * double(item_size(output)) / fastest);
        return std::max<Items>(1, Items(std::max(wanted, double(at_least))) / item_size(output));
    }

    void find_readers() {
        readers_.resize(graph_.outputs.size());
        for (std::size_t b = 0; b < graph_.blocks.size(); ++b) {
            for (const DescribedInput& input : graph_.blocks[b].inputs) {
                if (input.output < 0) continue;
                readers_[std::size_t(input.output)].push_back({int(b), &input});
                if (input.converted_to == SampleType::any) continue;
                const bool there = on_device(int(b)) && converts_on_devices(graph_.outputs[std::size_t(input.output)].type);
                plan_.conversions.push_back({input.output, input.converted_to, rank_of(int(b)), there, 0});
            }
        }
        const auto key = [](const Conversion& c) { return std::tuple(c.output, c.to, c.rank, c.on_device); };
        auto& all = plan_.conversions;
        std::sort(all.begin(), all.end(), [&](const Conversion& a, const Conversion& b) { return key(a) < key(b); });
        all.erase(
            std::unique(all.begin(), all.end(), [&](const Conversion& a, const Conversion& b) { return key(a) == key(b); }),
            all.end());
    }

    void find_crossings() {
        for (int output = 0; output < int(graph_.outputs.size()); ++output) {
            const int from = rank_of(producer(output));
            std::vector<int> to;
            for (const Reader& reader : readers_[std::size_t(output)])
                if (rank_of(reader.block) != from) to.push_back(rank_of(reader.block));
            std::sort(to.begin(), to.end());
            to.erase(std::unique(to.begin(), to.end()), to.end());
            if (to.empty()) continue;
            const Items grid = steps_[std::size_t(producer(output))].grid;
            const Items quantum = round_up(scaled(output, options_.crossing_quantum_bytes, 1), grid);
            for (const int rank : to) plan_.crossings.push_back({output, from, rank, quantum});
        }
    }
    Items device_quantum(int output, int rank) {
        const Items grid = rank_of(producer(output)) == rank ? steps_[std::size_t(producer(output))].grid : 1;
        return round_up(scaled(output, options_.device_chunk_bytes, std::min(least_piece_bytes, options_.device_chunk_bytes)),
                        grid);
    }
    void size_transfer(Transfer& t) {
        t.quantum = device_quantum(t.output, t.rank);
        std::vector<Reader> readers;
        for (const Reader& reader : readers_[std::size_t(t.output)])
            if (rank_of(reader.block) == t.rank && on_device(reader.block) == t.to_device) readers.push_back(reader);
        for (const Reader& reader : readers) t.quantum = std::max(t.quantum, step_of_reader(t.output, reader));
        t.capacity = Items(options_.device_depth) * t.quantum;
        for (const Reader& reader : readers)
            t.capacity = std::max(t.capacity, room_for(t.output, reader, 1, t.quantum, options_.device_depth));
        t.capacity += padding_for(readers);
        // (The type of a conversion is as wide as 32-bit floats, whatever comes.)
        const std::size_t size = converted_size(t.output, t.type);
        t.bytes = round_up(t.capacity * size,
                           std::max<std::size_t>(1, t.to_device ? options_.device_page_bytes : options_.page_bytes));
        if (t.capacity > most_ring_bytes / size) refuse_ring(t.output, t.rank, t.capacity);
    }
    /// As many items as what it reads has: the ring of a transfer, or the output's own.
    void size_conversion(Conversion& c) const {
        const auto between = std::find_if(plan_.transfers.begin(), plan_.transfers.end(), [&](const Transfer& t) {
            return t.output == c.output && t.rank == c.rank && t.to_device == c.on_device && t.type == SampleType::any;
        });
        const Buffer* own = plan_.buffer(c.output, c.rank);
        const Items items = between != plan_.transfers.end() ? between->bytes / item_size(c.output)
                            : own != nullptr                 ? own->capacity
                                                             : 0;
        c.bytes = round_up(items * converted_size(c.output, c.to),
                           std::max<std::size_t>(1, c.on_device ? options_.device_page_bytes : options_.page_bytes));
    }
    std::size_t converted_size(int output, SampleType type) const {
        const std::size_t size = item_size(output), sample = size_of(graph_.outputs[std::size_t(output)].type);
        return type == SampleType::any || sample == 0 ? size : size / sample * size_of(type);
    }
    /// A transfer reads the ring, or writes it.
    bool meets_transfer(int output, int rank) const {
        return std::any_of(plan_.transfers.begin(), plan_.transfers.end(),
                           [&](const Transfer& t) { return t.output == output && t.rank == rank; });
    }

    Items crossing_quantum(int output) const {
        const auto found = std::lower_bound(plan_.crossings.begin(), plan_.crossings.end(), output,
                                            [](const Crossing& crossing, int wanted) { return crossing.output < wanted; });
        return found->quantum;
    }

    bool data_dependent(int block) const { return graph_.blocks[std::size_t(block)].data_dependent; }
    /// Items beyond a block's position that must be in the ring before it moves. Where the rate follows the data, it may take
    /// less than it was given, so what it needs next time may lie as far again behind what it has seen.
    Items ahead(int block, const DescribedInput& input) const {
        return data_dependent(block) ? 2 * std::max<Items>(1, input.need) + 1 : steps_[std::size_t(block)].ahead;
    }
    /// Room that a writer needs for a step.
    Items writer_step(int output) const {
        const int writer = producer(output);
        if (!data_dependent(writer)) return steps_[std::size_t(writer)].grid;
        return std::max<Items>(1, graph_.outputs[std::size_t(output)].room) + 1;
    }
    double held_back_s(int output) const {
        return data_dependent(producer(output)) ? double(held_back) / rates_.of_output[std::size_t(output)] : 0;
    }
    /// L of what writes the ring that a reader on `rank` sees, in seconds.
    double potential_before(int output, int rank) const {
        const double of_producer = potential_[std::size_t(producer(output))];
        if (rank_of(producer(output)) == rank) return of_producer;
        return of_producer + held_back_s(output) + double(crossing_quantum(output)) / rates_.of_output[std::size_t(output)];
    }
    /// The same, of what can be read.
    double potential_seen(int output, int rank) const {
        const bool home = rank_of(producer(output)) == rank;
        return potential_before(output, rank) + (home ? held_back_s(output) : 0);
    }
    double need_s(int block, const DescribedInput& input) const {
        return double(ahead(block, input) + input.skip) / rates_.of_output[std::size_t(input.output)];
    }
    double lag_s(int sender) const {
        return double(graph_.blocks[std::size_t(sender)].messages_lag) / rates_.of_block[std::size_t(sender)];
    }

    void find_potentials() {
        potential_.assign(graph_.blocks.size(), 0);
        std::vector<std::vector<int>> senders(graph_.blocks.size());
        sends_or_receives_.assign(graph_.blocks.size(), false);
        for (const graph::DescribedMessageEdge& edge : graph_.messages) {
            sends_or_receives_[std::size_t(edge.from)] = sends_or_receives_[std::size_t(edge.to)] = true;
            if (!edge.feedback && !edge.arrival) senders[std::size_t(edge.to)].push_back(edge.from);
        }
        for (const int block : order_) {
            const auto b = std::size_t(block);
            double need = 0;
            for (const DescribedInput& input : graph_.blocks[b].inputs) {
                if (input.output < 0) continue;
                need = std::max(need, need_s(block, input));
                potential_[b] = std::max(potential_[b], potential_seen(input.output, rank_of(block)) + need_s(block, input));
            }
            for (const int sender : senders[b])
                potential_[b] = std::max(potential_[b], potential_[std::size_t(sender)] + lag_s(sender) + need);
        }
    }

    /// Room that a reader wants in its ring: what the argument above asks for, and `depth` quanta to work with.
    Items room_for(int output, const Reader& reader, Items writer_grid, Items quantum, int depth) {
        // A file block waits for half a ring: the other half takes a step of the writer.
        const Items halves = graph_.blocks[std::size_t(reader.block)].piece_bytes > 0 ? 2 : 1;
        const Items must = ahead(reader.block, *reader.input), least = halves * (reader.input->history + must + writer_grid);
        const double lead_s = potential_[std::size_t(reader.block)] - potential_before(output, rank_of(reader.block));
        // (what is skipped needs no room, and of a long skip the rounding of doubles is much)
        const double skip = double(reader.input->skip), beyond = lead_s * rates_.of_output[std::size_t(output)] - skip;
        const double lead = std::max(0.0, beyond) * (1 + 1e-9) + skip * 1e-15;
        // Where the rate follows the data the reader may take nothing for several steps of its writer.
        const Items step = data_dependent(reader.block) ? std::max(writer_grid, quantum) : writer_grid;
        const Items safe = Items(std::ceil(std::clamp(lead, double(must), 1e15))) + reader.input->history + step;
        if (reader.input->buffer) {
            const Items enough = std::max(least, safe);
            if (*reader.input->buffer < enough) {
                plan_.notes.push_back(fmt::format("buffer: {} before {} is raised to {}: with less the graph could stall",
                                                  *reader.input->buffer, graph_.blocks[std::size_t(reader.block)].name,
                                                  enough));
            }
            return std::max(*reader.input->buffer, enough);
        }
        const Items swift = reader.input->history + swift_beyond(output, reader) + Items(depth) * quantum;
        // What the argument asks for beyond one step is held while the reader waits, so the quanta come on top of it.
        return safe > least - writer_grid + step + quantum ? safe + Items(depth) * quantum : std::max(safe, swift);
    }

    /// Items that a call likes to see beyond those that it takes: a window; where the rate follows the data, all that one may
    /// come to need.
    Items swift_beyond(int output, const Reader& reader) const {
        if (!data_dependent(reader.block)) return std::max<Items>(1, graph_.blocks[std::size_t(reader.block)].ratio.window) - 1;
        return graph::most_needed(std::max<Items>(1, reader.input->need), reader.input->at_most, item_size(output));
    }

    /// Items of a step that a reader takes at once. Where the rate follows the data its nominal ratio says nothing of that: a
    /// sum over a long span takes it bit by bit.
    Items step_of_reader(int output, const Reader& reader) const {
        const Items nominal = steps_[std::size_t(reader.block)].input;
        return data_dependent(reader.block) ? std::min(nominal, swift_beyond(output, reader)) : nominal;
    }

    /// Zeros between stretches and after the end, whose room is kept free besides.
    Items padding_for(const std::vector<Reader>& readers) const {
        Items padding = 0;
        for (const Reader& reader : readers) {
            const Step& step = steps_[std::size_t(reader.block)];
            padding = std::max(padding, reader.input->history);
            if (step.grid > 1) padding = std::max(padding, step.input + graph_.blocks[std::size_t(reader.block)].ratio.window);
        }
        return padding;
    }

    void size_rings_of(int output) {
        const int writer = producer(output), home = rank_of(writer);
        std::map<int, std::vector<Reader>> by_rank;
        by_rank[home];
        for (const Reader& reader : readers_[std::size_t(output)]) by_rank[rank_of(reader.block)].push_back(reader);
        if (readers_[std::size_t(output)].empty() && graph_.outputs[std::size_t(output)].optional) return;
        for (const auto& [rank, readers] : by_rank) {
            if (rank == home)
                add(output, rank, home_ring(output, readers, by_rank.size() > 1));
            else
                add(output, rank, far_ring(output, readers));
        }
    }

    struct Ring {
        Items capacity = 0, quantum = 0;
    };
    Ring home_ring(int output, const std::vector<Reader>& readers, bool crosses) {
        const DescribedBlock& block = graph_.blocks[std::size_t(producer(output))];
        const Items step = writer_step(output), grid = steps_[std::size_t(producer(output))].grid;
        Ring ring;
        bool piecewise = block.piece_bytes > 0;
        std::size_t piece = block.piece_bytes;
        ring.quantum = std::max<Items>(1, options_.host_quantum_bytes / item_size(output));
        for (const Reader& reader : readers) {
            ring.quantum = std::max(ring.quantum, step_of_reader(output, reader));
            piecewise = piecewise || graph_.blocks[std::size_t(reader.block)].piece_bytes > 0;
            piece = std::max(piece, graph_.blocks[std::size_t(reader.block)].piece_bytes);
        }
        if (piecewise)
            ring.quantum =
                std::max(ring.quantum, scaled(output, std::min(piece, options_.file_piece_bytes), least_piece_bytes));
        ring.quantum = std::max(ring.quantum, graph_.outputs[std::size_t(output)].room);
        ring.quantum = round_up(ring.quantum, grid);
        int depth = piecewise ? options_.file_depth : options_.host_depth;
        const int home = rank_of(producer(output));
        if (lies_on_device(output, home) || meets_transfer(output, home)) {
            ring.quantum = std::max(ring.quantum, device_quantum(output, home));
            depth = std::max(depth, options_.device_depth);
        }
        ring.capacity = ring.quantum;
        if (meets_transfer(output, home)) ring.capacity *= Items(depth);
        if (block.data_dependent) ring.capacity = std::max(ring.capacity, 2 * graph_.outputs[std::size_t(output)].room + 1);
        for (const Reader& reader : readers)
            ring.capacity = std::max(ring.capacity, room_for(output, reader, step, ring.quantum, depth));
        if (crosses)
            ring.capacity = std::max(ring.capacity, Items(options_.crossing_depth) * crossing_quantum(output) +
                                                        std::max(step, ring.quantum) + (block.data_dependent ? held_back : 0));
        ring.capacity += padding_for(readers);
        return ring;
    }
    Ring far_ring(int output, const std::vector<Reader>& readers) {
        Ring ring;
        ring.quantum = crossing_quantum(output);
        std::size_t piece = 0;
        for (const Reader& reader : readers) {
            ring.quantum = std::max(ring.quantum, step_of_reader(output, reader));
            piece = std::max(piece, graph_.blocks[std::size_t(reader.block)].piece_bytes);
        }
        if (piece > 0)
            ring.quantum =
                std::max(ring.quantum, scaled(output, std::min(piece, options_.file_piece_bytes), least_piece_bytes));
        const int depth = std::max(options_.crossing_depth, piece > 0 ? options_.file_depth : 0);
        const int rank = rank_of(readers.front().block);
        if (meets_transfer(output, rank))
            ring.capacity = Items(options_.device_depth) * std::max(ring.quantum, device_quantum(output, rank));
        for (const Reader& reader : readers)
            ring.capacity = std::max(ring.capacity, room_for(output, reader, 1, ring.quantum, depth));
        ring.capacity += padding_for(readers);
        return ring;
    }

    [[noreturn]] void refuse_ring(int output, int rank, Items items) const {
        const DescribedBlock* first = &graph_.blocks[std::size_t(producer(output))];
        for (const Reader& reader : readers_[std::size_t(output)])
            if (rank_of(reader.block) == rank) {
                first = &graph_.blocks[std::size_t(reader.block)];
                break;
            }
        Diagnostic d;
        d.key = "blocks." + first->name;
        d.expected = fmt::format("at most {} items in a ring, {} bytes", most_ring_bytes / item_size(output), most_ring_bytes);
        d.got = fmt::format("{} of {} bytes each", items, item_size(output));
        d.hint = "a smaller `buffer:`, if the graph gives one";
        throw Refused(std::move(d));
    }

    void add(int output, int rank, const Ring& ring) {
        const std::uint64_t size = item_size(output);
        if (ring.capacity > most_ring_bytes / size) refuse_ring(output, rank, ring.capacity);
        const bool there = lies_on_device(output, rank);
        const std::size_t page = there ? options_.device_page_bytes : options_.page_bytes;
        const std::uint64_t bytes = round_up(ring.capacity * size, std::max<std::size_t>(1, page));
        plan_.buffers.push_back({output, rank, bytes / size, ring.quantum, bytes, -1, there});
    }

    /// Its one reader, if that takes the items as they are, one by one, on the same rank; else -1.
    int plain_reader(int output) const {
        const auto& readers = readers_[std::size_t(output)];
        if (readers.size() == 1 && (on_device(readers[0].block) || on_device(producer(output)))) return -1;
        if (readers.size() != 1 || rank_of(readers[0].block) != rank_of(producer(output))) return -1;
        const DescribedInput& input = *readers[0].input;
        const Step& step = steps_[std::size_t(readers[0].block)];
        const bool as_they_are = !data_dependent(readers[0].block) && input.history == 0 && input.skip == 0 &&
                                 input.converted_to == SampleType::any && !input.buffer && step.grid == 1 &&
                                 graph_.blocks[std::size_t(readers[0].block)].piece_bytes == 0;
        return as_they_are ? readers[0].block : -1;
    }
    /// One input and one output, item k of the one makes item k of the other, and it ends when nobody wants its output.
    bool makes_one_of_each(int block) const {
        const DescribedBlock& b = graph_.blocks[std::size_t(block)];
        return !sends_or_receives_[std::size_t(block)] && b.inputs.size() == 1 && b.inputs[0].output >= 0 &&
               b.outputs.size() == 1 && b.ratio.interpolation == 1 && b.ratio.decimation == 1 && b.ratio.window == 1 &&
               b.ratio.grid == 1 && b.ratio.delay == Rational(0) && !b.data_dependent && b.piece_bytes == 0 && !b.publishes;
    }
    Buffer& buffer_of(int output) { return const_cast<Buffer&>(*plan_.buffer(output, rank_of(producer(output)))); }

    /// `block` is the second of two plain ones: what it makes may overwrite what the first has read, so that a chain works in
    /// two buffers that stay in the cache. The room before the shared ring's writer then ends at the last reader, for which
    /// the argument above must hold.
    void share_memory(int block) {
        if (!makes_one_of_each(block)) return;
        const int between = graph_.blocks[std::size_t(block)].inputs[0].output,
                  after = graph_.blocks[std::size_t(block)].outputs[0];
        const int first = producer(between), last_reader = plain_reader(after);
        if (plain_reader(between) != block || last_reader < 0 || !makes_one_of_each(first)) return;
        const int before = graph_.blocks[std::size_t(first)].inputs[0].output;
        if (plain_reader(before) != first || item_size(before) != item_size(after)) return;
        Buffer& from = buffer_of(before);
        Buffer& to = buffer_of(after);
        const int head = from.memory_of < 0 ? before : from.memory_of;
        const double lead_s = potential_[std::size_t(last_reader)] - potential_[std::size_t(producer(head))];
        const double lead = lead_s * rates_.of_output[std::size_t(head)];
        // All that is in it goes down the chain before more comes, so it holds one quantum.
        Buffer& shared = buffer_of(head);
        if (from.quantum != to.quantum || lead > double(to.quantum) / 2) return;
        shared.bytes = from.memory_of < 0
                           ? round_up(to.quantum * item_size(head), std::max<std::size_t>(1, options_.page_bytes))
                           : shared.bytes;
        shared.capacity = to.capacity = shared.bytes / item_size(head);
        to.memory_of = head;
        to.bytes = 0;
    }

    static constexpr std::size_t least_piece_bytes = 64 << 10;
    const DescribedGraph& graph_;
    const std::vector<int>& order_;
    const Rates& rates_;
    const PlanOptions& options_;
    Plan& plan_;
    std::vector<Step> steps_;
    std::vector<std::vector<Reader>> readers_;  // by output
    std::vector<bool> sends_or_receives_;       // messages, by block
    std::vector<double> potential_;             // by block, seconds
    std::vector<double> fastest_bytes_;         // by part, a second
};

}  // namespace

void size_buffers(const DescribedGraph& graph, const std::vector<int>& order, const Rates& rates, const PlanOptions& options,
                  Plan& plan) {
    Sizes(graph, order, rates, options, plan).run();
}

}  // namespace flowspan::partition

// Who waits for whom within a partition: for deadlocks, and for people.
#include "runtime/partition/partition_tasks.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flowspan::runtime {

void PartitionTasks::account_idle(double seconds) {
    for (BlockTask* t : block_tasks_) clock_.waited(t->block(), t->statistics(), t->waiting(), seconds);
}

// Room in a ring is what its slowest reader has not taken yet; behind a sender those are the readers of the other rank. A ring
// that several buffers share is as full as the last of them.
void PartitionTasks::wishes_for_room(int from, const Wire& head, Readers& known, std::vector<WaitEdge>& edges) const {
    if (known.of_output.empty()) known = find_readers();
    const auto last = known.last_in_memory.find(&head);
    const Wire& wire = last == known.last_in_memory.end() ? head : *last->second;
    const auto& readers = wire.buffer.readers();
    std::size_t slowest = readers.size();
    for (std::size_t k = 0; k < readers.size(); ++k) {
        if (readers[k].cancelled()) continue;
        if (slowest == readers.size() || readers[k].index() < readers[slowest].index()) slowest = k;
    }
    if (slowest == readers.size()) return;
    const auto add = [&](int block) {
        edges.push_back(
            {from, block,
             fmt::format("room before {} (its ring holds {} items; `buffer: {}` on that connection enlarges it)",
                         graph_.spec().blocks[std::size_t(block)].name, wire.buffer.capacity(), 2 * wire.buffer.capacity())});
    };
    const auto* task = dynamic_cast<const BlockTask*>(wire.readers[slowest]);
    if (task != nullptr && task->number() >= 0) {
        add(task->number());
        return;
    }
    for (const int b : known.of_output[std::size_t(wire.output)]) {
        const bool here = plan_.rank_of[std::size_t(b)] == rank_;
        if (here == (task != nullptr)) add(b);
    }
}

PartitionTasks::Readers PartitionTasks::find_readers() const {
    Readers found;
    for (const auto& wire : wires_)
        if (wire->memory_of != nullptr) found.last_in_memory[wire->memory_of] = wire.get();
    found.of_output.resize(graph_.outputs().size());
    for (std::size_t b = 0; b < graph_.inputs().size(); ++b) {
        for (const InputRef& i : graph_.inputs()[b]) {
            auto& readers = found.of_output[std::size_t(i.output)];
            if (readers.empty() || readers.back() != int(b)) readers.push_back(int(b));
        }
    }
    return found;
}

// Of inputs that have nothing; where all have something, of those that may not have enough.
void PartitionTasks::wishes_for_samples(const BlockTask& task, std::vector<WaitEdge>& edges) const {
    const auto add = [&](const In& in, const std::string& what) {
        const OutputRef& o = graph_.outputs()[std::size_t(in.wire->output)];
        edges.push_back({task.number(), o.block, fmt::format("{} from {}", what, graph_.output_name(in.wire->output))});
    };
    const std::size_t before = edges.size();
    for (const In& in : task.ins) {
        if (!in.reader->stream_ended() && in.reader->readable_end() <= in.reader->index()) add(in, "samples");
    }
    if (edges.size() > before) return;
    for (const In& in : task.ins) {
        if (!in.reader->stretch_complete()) add(in, task.wanted_of(in));
    }
    // It has all that it will ever get and does not go on: that is a fault of ours, and is said rather than nothing.
    if (edges.size() > before) return;
    WaitEdge& edge = edges.emplace_back();
    edge.from = edge.to = task.number();
    edge.why = "itself, with all of its input there";
}

std::vector<PartitionTasks::WaitEdge> PartitionTasks::wait_edges() const {
    std::vector<WaitEdge> edges;
    Readers readers;
    for (const BlockTask* t : block_tasks_) {
        const int from = t->number();
        switch (t->waiting()) {
            case Wait::input:
                wishes_for_samples(*t, edges);
                break;
            case Wait::output:
                for (const auto& out : t->outs) {
                    if (out.wire != nullptr) wishes_for_room(from, *out.wire, readers, edges);
                }
                break;
            case Wait::messages:
                for (const auto& m : t->message_ins) {
                    if (m.queue->ended()) continue;
                    const MessageRef& ref = graph_.messages()[std::size_t(m.queue->number)];
                    const auto& port = graph_.described().messages[std::size_t(m.queue->number)].from_port;
                    edges.push_back({from, ref.from,
                                     fmt::format("messages of {}.{}", graph_.spec().blocks[std::size_t(ref.from)].name, port)});
                }
                break;
            case Wait::message_room:
                for (const auto& m : t->message_outs) {
                    for (const MessageQueue* q : m.queues) {
                        if (!q->full()) continue;
                        const int to = graph_.messages()[std::size_t(q->number)].to;
                        edges.push_back({from, to,
                                         fmt::format("room for messages before {} (its queue holds {})",
                                                     graph_.spec().blocks[std::size_t(to)].name, q->capacity())});
                    }
                }
                break;
            case Wait::held:
                edges.push_back({from, from, fmt::format("its release: it is held at {}", t->position())});
                break;
            default:
                break;
        }
    }
    return edges;
}

std::vector<std::string> PartitionTasks::stall_report() const {
    std::vector<std::string> lines;
    for (const WaitEdge& e : wait_edges()) {
        lines.push_back(fmt::format("{} waits for {}", graph_.spec().blocks[std::size_t(e.from)].name, e.why));
    }
    return lines;
}

}  // namespace flowspan::runtime

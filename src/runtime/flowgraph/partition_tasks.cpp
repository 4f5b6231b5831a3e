#include "runtime/flowgraph/partition_tasks.hpp"

#include "core/mistakes/collect.hpp"
#include "runtime/block/integers_to_floats.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <map>
#include <random>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

// Rings that all begin on a page share one cache set. Neighbours lie about half a page apart: a load that is ahead of a store
// by whole pages and a few bytes waits for it.
std::size_t stagger_of(int wire) { return 64 * std::size_t(wire * 33 % 61); }

ChunkLimit make_limit(const LoopOptions& options, int block) {
    if (options.chunk_seed == 0 && options.max_chunk == 0) return {};
    if (options.chunk_seed == 0) return [most = options.max_chunk](std::size_t n) { return std::min(n, most); };
    auto random = std::make_shared<std::mt19937_64>(options.chunk_seed * 1000003 + std::uint64_t(block));
    const std::size_t most = options.max_chunk == 0 ? SIZE_MAX : options.max_chunk;
    return [random, most](std::size_t n) {
        n = std::min(n, most);
        // Often one item or all, else anything: boundaries hide at both ends.
        switch ((*random)() % 4) {
            case 0:
                return std::size_t(1);
            case 1:
                return n;
            default:
                return std::size_t(1 + (*random)() % n);
        }
    };
}

}  // namespace

PartitionTasks::PartitionTasks(Flowgraph& graph, const partition::Plan& plan, comm::Communicator& communicator, Io& io,
                               const LoopOptions& options)
    : graph_(graph),
      plan_(plan),
      communicator_(communicator),
      io_(io),
      options_(options),
      rank_(communicator.rank()),
      channels_(communicator, options.epoch),
      wire_of_output_(graph.outputs().size(), nullptr),
      task_of_block_(std::size_t(graph.size()), nullptr) {
    clock_.observer = options.observer;
    channels_.watch(options.observer);
    make_buffers();
    make_conversions();
    make_blocks();
    share_memory();
    make_stream_links();
    make_messages();
    place_tasks();
}

PartitionTasks::~PartitionTasks() = default;

Wire& PartitionTasks::make_wire(int output, std::shared_ptr<const memory::Ring> ring, const StreamDescription& description,
                                std::uint64_t quantum, Wire* memory_of) {
    const OutputRef& o = graph_.outputs()[std::size_t(output)];
    const std::size_t stagger = memory_of != nullptr ? memory_of->buffer.stagger() : stagger_of(int(wires_.size()));
    auto& wire = *wires_.emplace_back(
        std::make_unique<Wire>(std::move(ring), description.item_size(), stagger, o.first_index, description));
    wire.memory_of = memory_of;
    wire.output = output;
    wire.quantum = quantum;
    return wire;
}

// The rings of one block's outputs share one memory file.
void PartitionTasks::make_buffers() {
    std::map<int, std::vector<const partition::Buffer*>> by_block;
    for (const partition::Buffer& b : plan_.buffers) {
        if (b.rank == rank_ && b.memory_of < 0) by_block[graph_.outputs()[std::size_t(b.output)].block].push_back(&b);
    }
    for (const auto& [block, buffers] : by_block) {
        std::vector<std::size_t> bytes;
        for (const partition::Buffer* b : buffers) {
            const std::size_t item = graph_.outputs()[std::size_t(b->output)].description.item_size();
            bytes.push_back(std::max<std::size_t>(b->bytes, b->capacity * item));
        }
        auto rings = memory::make_rings(bytes);
        for (std::size_t k = 0; k < buffers.size(); ++k) {
            const int output = buffers[k]->output;
            buffer_bytes_ += rings[k].size();
            wire_of_output_[std::size_t(output)] =
                &make_wire(output, std::make_shared<const memory::Ring>(std::move(rings[k])),
                           graph_.outputs()[std::size_t(output)].description, buffers[k]->quantum);
        }
    }
    for (const partition::Buffer& b : plan_.buffers) {
        if (b.rank != rank_ || b.memory_of < 0) continue;
        Wire& head = *wire_of_output_[std::size_t(b.memory_of)];
        wire_of_output_[std::size_t(b.output)] =
            &make_wire(b.output, head.buffer.ring(), graph_.outputs()[std::size_t(b.output)].description, b.quantum, &head);
    }
}

// After the readers are known.
void PartitionTasks::share_memory() {
    std::map<Wire*, std::vector<const memory::StreamBuffer*>> later;
    for (auto wire = wires_.rbegin(); wire != wires_.rend(); ++wire) {
        if ((*wire)->memory_of != nullptr) later[(*wire)->memory_of].push_back(&(*wire)->buffer);
    }
    for (auto& [head, buffers] : later) head->buffer.share_with(std::move(buffers));
}

void PartitionTasks::make_conversions() {
    for (const partition::Conversion& c : plan_.conversions) {
        if (c.rank != rank_) continue;
        Wire& from = *wire_of_output_[std::size_t(c.output)];
        const OutputRef& o = graph_.outputs()[std::size_t(c.output)];
        auto block = make_integers_to_floats(o.description.type);
        Access::context(*block).name = fmt::format("{}:{}", graph_.output_name(c.output), name_of(c.to));
        InputPort& in = *block->inputs()[0];
        OutputPort& out = *block->outputs()[0];
        Access::describe(in, o.description);
        describe_outputs(*block, {.input = o.first_index, .outputs = {o.first_index}});
        // As many items as before the conversion, but no more in a call than stays in cache.
        auto rings = memory::make_rings({from.buffer.capacity() * out.description().item_size()});
        buffer_bytes_ += rings[0].size();
        const std::size_t cache = (std::size_t(16) << 10) / out.description().item_size();
        Wire& to = make_wire(c.output, std::make_shared<const memory::Ring>(std::move(rings[0])), out.description(),
                             std::clamp<std::uint64_t>(cache, 1, from.quantum));
        auto task = std::make_unique<BlockTask>(std::move(block), -1);
        task->ins.push_back({&in, &from.buffer.add_reader(0, 0), &from});
        task->outs.push_back({&out, &to});
        from.readers.push_back(task.get());
        to.writer = task.get();
        conversions_.emplace_back(c, &to);
        owned_conversions_.push_back(std::move(task));
    }
}

Wire* PartitionTasks::wire_for(int output, SampleType converted_to) {
    if (converted_to == SampleType::any) return wire_of_output_[std::size_t(output)];
    for (const auto& [c, wire] : conversions_) {
        if (c.output == output && c.to == converted_to) return wire;
    }
    return nullptr;
}

void PartitionTasks::make_blocks() {
    for (const int number : graph_.order()) {
        const auto b = std::size_t(number);
        if (plan_.rank_of[b] != rank_) continue;
        auto task = std::make_unique<BlockTask>(std::move(graph_.owned(number)), number);
        Block& block = task->block();
        Access::context(block).io = &io_;
        for (const InputRef& i : graph_.inputs()[b]) {
            Wire& wire = *wire_for(i.output, i.converted_to);
            memory::Reader& reader = wire.buffer.add_reader(i.port->history(), padding_of(block.declared().ratio));
            wire.readers.push_back(task.get());
            task->ins.push_back({i.port, &reader, &wire});
        }
        for (const int o : graph_.outputs_of()[b]) {
            Wire* wire = wire_of_output_[std::size_t(o)];
            if (wire != nullptr) wire->writer = task.get();
            task->outs.push_back({graph_.outputs()[std::size_t(o)].port, wire});
        }
        for (MessageOutput* p : block.message_outputs()) task->message_outs.push_back({p, {}, {}});
        if (options_.seam && task->is_source()) task->end_by_seam();
        task_of_block_[b] = task.get();
        block_tasks_.push_back(task.get());
        owned_blocks_.push_back(std::move(task));
    }
}

void PartitionTasks::make_stream_links() {
    for (std::size_t edge = 0; edge < plan_.crossings.size(); ++edge) {
        const partition::Crossing& c = plan_.crossings[edge];
        if (c.from != rank_ && c.to != rank_) continue;
        Wire& wire = *wire_of_output_[std::size_t(c.output)];
        if (c.from == rank_) {
            memory::Reader& reader = wire.buffer.add_reader(0, 0);
            auto& link = *stream_senders_.emplace_back(
                std::make_unique<StreamSender>(channels_, wire, reader, std::max<std::uint64_t>(1, c.quantum)));
            wire.readers.push_back(&link);
            channels_.add(link, c.to, std::uint32_t(edge), true);
        } else {
            auto& link = *stream_receivers_.emplace_back(std::make_unique<StreamReceiver>(channels_, wire));
            wire.writer = &link;
            wire.starved = wire.lasting = true;
            channels_.add(link, c.from, std::uint32_t(edge), false);
        }
    }
}

void PartitionTasks::make_messages() {
    for (std::size_t k = 0; k < graph_.messages().size(); ++k) {
        const MessageRef& m = graph_.messages()[k];
        const int from = plan_.rank_of[std::size_t(m.from)], to = plan_.rank_of[std::size_t(m.to)];
        if (from != rank_ && to != rank_) continue;
        const auto edge = std::uint32_t(plan_.crossings.size() + k);
        MessageQueue& queue = *queues_.emplace_back(std::make_unique<MessageQueue>());
        queue.number = int(k);
        queue.arrival_order = m.arrival_order;
        queue.feedback_edge = m.feedback_delay.has_value();
        if (from == rank_) {
            BlockTask* task = task_of_block_[std::size_t(m.from)];
            queue.sender = task;
            for (auto& out : task->message_outs) {
                if (out.port == m.output) out.queues.push_back(&queue);
            }
        }
        if (to == rank_) {
            BlockTask* task = task_of_block_[std::size_t(m.to)];
            queue.receiver = task;
            queue.feedback = m.feedback_delay.has_value();
            if (queue.feedback) {
                const StreamDescription* d = task->ins.empty() ? nullptr : &task->ins[0].port->description();
                queue.delay = Time::of(std::int64_t(*m.feedback_delay), d != nullptr ? d->ticks : Rational(1));
                Time begin;
                if (d != nullptr) begin = d->origin + Time::of(std::int64_t(task->ins[0].reader->index()), d->ticks);
                queue.begin_at(begin + queue.delay);
            }
            task->message_ins.push_back({m.input, &queue});
        }
        if (from == rank_ && to != rank_) {
            auto& link = *message_senders_.emplace_back(std::make_unique<MessageSender>(channels_, queue));
            queue.receiver = &link;
            channels_.add(link, to, edge, true);
        } else if (to == rank_ && from != rank_) {
            auto& link = *message_receivers_.emplace_back(std::make_unique<MessageReceiver>(channels_, queue));
            queue.sender = &link;
            channels_.add(link, from, edge, false);
        }
    }
}

// Receivers, then blocks along the streams with the conversions of their outputs, then senders: one pass moves samples from
// one end of the partition to the other.
void PartitionTasks::place_tasks() {
    for (auto& r : stream_receivers_) tasks_.push_back(r.get());
    for (auto& r : message_receivers_) tasks_.push_back(r.get());
    const auto conversions_of = [&](const Task* writer) {
        for (auto& c : owned_conversions_) {
            if (c->ins[0].wire->writer == writer) tasks_.push_back(c.get());
        }
    };
    for (auto& r : stream_receivers_) conversions_of(r.get());
    for (BlockTask* b : block_tasks_) {
        tasks_.push_back(b);
        conversions_of(b);
    }
    for (auto& s : stream_senders_) tasks_.push_back(s.get());
    for (auto& s : message_senders_) tasks_.push_back(s.get());
    ready_.resize(tasks_.size());
    for (std::size_t k = 0; k < tasks_.size(); ++k) {
        tasks_[k]->place(ready_, k);
        tasks_[k]->wake();
        block_at_.push_back(dynamic_cast<BlockTask*>(tasks_[k]));
    }
}

void PartitionTasks::prepare() {
    Diagnostics found;
    const auto prepare_one = [&](BlockTask& task, std::uint64_t first, std::uint64_t quantum) {
        const Beginning beginning{first, quantum, make_limit(options_, task.number()), &clock_, options_.begin};
        collect(found, [&] { task.named([&] { task.prepare(beginning); }); });
    };
    for (auto& c : owned_conversions_) prepare_one(*c, c->ins[0].reader->index(), c->outs[0].wire->quantum);
    for (BlockTask* task : block_tasks_) {
        std::uint64_t quantum = UINT64_MAX, first = 0;
        for (const auto& out : task->outs) {
            if (out.wire != nullptr) quantum = std::min(quantum, out.wire->quantum);
        }
        if (!task->ins.empty()) {
            first = task->ins[0].reader->index();
            if (quantum == UINT64_MAX) quantum = std::max<std::uint64_t>(task->ins[0].wire->quantum, 1);
        } else if (!task->outs.empty()) {
            first = Access::first_index(*task->outs[0].port);
        }
        prepare_one(*task, first, std::max(quantum, task->block().declared().ratio.grid));
    }
    if (found.empty()) schedule_changes(found);
    if (!found.empty()) throw Refused(std::move(found));
    for (auto& c : owned_conversions_) c->find_followers();
    for (BlockTask* task : block_tasks_) task->find_followers();
    for (auto& c : owned_conversions_) c->look_at_chain();
    for (BlockTask* task : block_tasks_) task->look_at_chain();
}

void PartitionTasks::schedule_changes(Diagnostics& found) {
    for (const graph::ScheduledChange& change : graph_.spec().schedule) {
        for (const int number : change.blocks) {
            BlockTask* task = task_of_block_[std::size_t(number)];
            if (task == nullptr) continue;
            const Ask ask{change.command ? Ask::What::call : Ask::What::set, change.name, change.value, change.when};
            if (const std::string refusal = task->schedule(ask); !refusal.empty())
                found.push_back({change.at, change.key, "a change that can be made", refusal, "", {}});
        }
    }
}

void PartitionTasks::open() {
    channels_.open();
    for (auto& r : stream_receivers_) r->open();
}

bool PartitionTasks::turn() {
    bool any = channels_.progress();
    if (!aborted_) {
        for (std::size_t k = 0; k < unfinished_.size();) {
            unfinished_[k]->wake();
            if (unfinished_[k]->has_pending())
                ++k;
            else
                unfinished_.erase(unfinished_.begin() + std::ptrdiff_t(k));
        }
    }
    clock_.begin();
    ready_.pass([&](std::size_t position) {
        BlockTask* block = block_at_[position];
        if (block == nullptr) {
            any |= tasks_[position]->run();
            clock_.begin();
            return;
        }
        if (aborted_) return;
        block->named([&] { any |= block->run(); });
        clock_.ended(block->statistics());
        if (block->has_pending()) watch(*block);
    });
    if (!any && !aborted_) {
        for (auto& s : stream_senders_) any |= s->pump(true);
    }
    if (any) ++activity_;
    return any;
}

void PartitionTasks::watch(BlockTask& task) {
    if (std::find(unfinished_.begin(), unfinished_.end(), &task) == unfinished_.end()) unfinished_.push_back(&task);
}

bool PartitionTasks::finished() const {
    const bool blocks = std::all_of(block_tasks_.begin(), block_tasks_.end(), [](const BlockTask* t) { return t->finished(); });
    return blocks && (!channels_.used() || channels_.closed());
}

bool PartitionTasks::pending() const {
    return std::any_of(unfinished_.begin(), unfinished_.end(), [](const BlockTask* t) { return t->has_pending(); });
}

void PartitionTasks::stop_sources() {
    for (BlockTask* t : block_tasks_) {
        t->release();
        if (t->is_source()) t->stop();
    }
}

void PartitionTasks::abort() {
    if (aborted_) return;
    aborted_ = true;
    for (auto& s : stream_senders_) s->abort();
    for (auto& s : message_senders_) s->abort();
    for (auto& r : stream_receivers_) r->abort();
    for (auto& r : message_receivers_) r->abort();
}

void PartitionTasks::account_idle(double seconds) {
    for (BlockTask* t : block_tasks_) clock_.waited(t->block(), t->statistics(), t->waiting(), seconds);
}

// Room in a ring is what its slowest reader has not taken yet; behind a sender those are the readers of the other rank. A ring
// that several buffers share is as full as the last of them.
void PartitionTasks::wishes_for_room(int from, const Wire& head, std::vector<WaitEdge>& edges) const {
    const auto last = std::find_if(wires_.rbegin(), wires_.rend(), [&](const auto& w) { return w->memory_of == &head; });
    const Wire& wire = last == wires_.rend() ? head : **last;
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
    for (std::size_t b = 0; b < graph_.inputs().size(); ++b) {
        const bool there = task != nullptr ? plan_.rank_of[b] == rank_ : plan_.rank_of[b] != rank_;
        const auto& inputs = graph_.inputs()[b];
        if (there && std::any_of(inputs.begin(), inputs.end(), [&](const InputRef& i) { return i.output == wire.output; }))
            add(int(b));
    }
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
    if (edges.size() == before) edges.push_back({task.number(), task.number(), "itself, with all of its input there"});
}

std::vector<PartitionTasks::WaitEdge> PartitionTasks::wait_edges() const {
    std::vector<WaitEdge> edges;
    for (const BlockTask* t : block_tasks_) {
        const int from = t->number();
        switch (t->waiting()) {
            case Wait::input:
                wishes_for_samples(*t, edges);
                break;
            case Wait::output:
                for (const auto& out : t->outs) {
                    if (out.wire != nullptr) wishes_for_room(from, *out.wire, edges);
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

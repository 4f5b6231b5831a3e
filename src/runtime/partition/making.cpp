// What a partition is made of: rings, conversions, block tasks, queues and the ends of links.
#include "core/process/alive.hpp"
#include "runtime/block/to_floats.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/partition/partition_tasks.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

// Rings that all begin on a page share one cache set. Neighbours lie about half a page apart: a load that is ahead of a store
// by whole pages and a few bytes waits for it.
std::size_t stagger_of(int wire) { return 64 * std::size_t(wire * 33 % 61); }

}  // namespace

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
        still_here();
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
        auto block = make_to_floats(o.description.type);
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
        conversions_.emplace(std::pair(c.output, c.to), &to);
        owned_conversions_.push_back(std::move(task));
    }
}

Wire* PartitionTasks::wire_for(int output, SampleType converted_to) {
    if (converted_to == SampleType::any) return wire_of_output_[std::size_t(output)];
    const auto converted = conversions_.find({output, converted_to});
    return converted == conversions_.end() ? nullptr : converted->second;
}

void PartitionTasks::pad_buffers() {
    for (std::size_t b = 0; b < graph_.inputs().size(); ++b) {
        if (plan_.rank_of[b] != rank_) continue;
        for (const InputRef& i : graph_.inputs()[b])
            wire_for(i.output, i.converted_to)
                ->buffer.pad(std::max<std::uint64_t>(i.port->history(), padding_of(graph_.block(int(b)).declared().ratio)));
    }
}

void PartitionTasks::make_blocks() {
    pad_buffers();
    for (const int number : graph_.order()) {
        still_here();
        const auto b = std::size_t(number);
        if (plan_.rank_of[b] != rank_) continue;
        auto task = std::make_unique<BlockTask>(std::move(graph_.owned(number)), number);
        Block& block = task->block();
        Access::context(block).io = &io_.of_block(number);
        Access::context(block).hash_inputs = options_.hash_inputs;
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

}  // namespace flowspan::runtime

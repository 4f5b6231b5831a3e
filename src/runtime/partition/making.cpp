// What a partition is made of: rings, conversions, block tasks, queues and the ends of links.
#include "core/process/alive.hpp"
#include "runtime/block/to_floats.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/device/transfer.hpp"
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

Wire& PartitionTasks::make_wire(int output, std::shared_ptr<const memory::RingMemory> ring,
                                const StreamDescription& description, std::uint64_t quantum, Wire* memory_of, bool on_device) {
    const OutputRef& o = graph_.outputs()[std::size_t(output)];
    const std::size_t stagger = memory_of != nullptr ? memory_of->buffer.stagger()
                                : on_device          ? 0
                                                     : stagger_of(int(wires_.size()));
    auto& wire = *wires_.emplace_back(
        std::make_unique<Wire>(std::move(ring), description.item_size(), stagger, o.first_index, description));
    wire.memory_of = memory_of;
    wire.output = output;
    wire.quantum = quantum;
    wire.on_device = on_device;
    return wire;
}

std::shared_ptr<const memory::RingMemory> PartitionTasks::make_ring(int output, std::size_t bytes, bool on_device,
                                                                    bool copied_to) {
    std::shared_ptr<const memory::RingMemory> ring;
    if (on_device)
        ring = device_->make_ring(bytes, copied_to, graph_.output_name(output));
    else
        ring = std::make_shared<const memory::Ring>(std::move(memory::make_rings({bytes}).front()));
    (on_device ? device_bytes_ : buffer_bytes_) += ring->size();
    return ring;
}

// The rings of one block's outputs share one memory file.
void PartitionTasks::make_buffers() {
    std::map<int, std::vector<const partition::Buffer*>> by_block;
    for (const partition::Buffer& b : plan_.buffers) {
        still_here();
        if (b.rank == rank_ && b.on_device) {
            const StreamDescription& description = graph_.outputs()[std::size_t(b.output)].description;
            wire_of_output_[std::size_t(b.output)] =
                &make_wire(b.output, make_ring(b.output, b.bytes, true), description, b.quantum, nullptr, true);
        } else if (b.rank == rank_ && b.memory_of < 0)
            by_block[graph_.outputs()[std::size_t(b.output)].block].push_back(&b);
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

// A task of its own that makes of each item of one wire the item of another.
void PartitionTasks::put_between(Wire& from, Wire& to, std::unique_ptr<Block> block, bool on_device) {
    InputPort& in = *block->inputs()[0];
    OutputPort& out = *block->outputs()[0];
    if (on_device) Access::context(*block).queue = &device_->compute().queue();
    auto task = std::make_unique<BlockTask>(std::move(block), -1);
    task->ins.push_back({.port = &in, .reader = &from.buffer.add_reader(0, 0), .wire = &from});
    task->outs.push_back({.port = &out, .wire = &to});
    from.readers.push_back(task.get());
    to.writer = task.get();
    owned_betweens_.push_back({std::move(task), on_device});
}

void PartitionTasks::make_conversions() {
    for (const partition::Conversion& c : plan_.conversions)
        if (c.rank == rank_) make_conversion(c);
}

void PartitionTasks::make_conversion(const partition::Conversion& c) {
    Wire& from = *wire_for(c.output, c.on_device, SampleType::any);
    const OutputRef& o = graph_.outputs()[std::size_t(c.output)];
    auto block = c.on_device ? make_to_floats_on_device(o.description.type) : make_to_floats(o.description.type);
    Access::context(*block).name = fmt::format("{}:{}", graph_.output_name(c.output), name_of(c.to));
    Access::describe(*block->inputs()[0], o.description);
    describe_outputs(*block, {.input = o.first_index, .outputs = {o.first_index}});
    const StreamDescription made = block->outputs()[0]->description();
    // As many items as before the conversion; on the host no more in a call than stays in cache.
    auto ring = make_ring(c.output, from.buffer.capacity() * made.item_size(), c.on_device);
    const std::size_t cache = (std::size_t(16) << 10) / made.item_size();
    Wire& to = make_wire(c.output, std::move(ring), made,
                         c.on_device ? from.quantum : std::clamp<std::uint64_t>(cache, 1, from.quantum), nullptr, c.on_device);
    put_between(from, to, std::move(block), c.on_device);
    others_.emplace(std::tuple(c.output, c.on_device, c.to), &to);
}

/// Of what has been converted on the host, or of the others.
void PartitionTasks::make_transfers(bool of_converted) {
    for (const partition::Transfer& t : plan_.transfers)
        if (t.rank == rank_ && (t.type != SampleType::any) == of_converted) make_transfer(t);
}

void PartitionTasks::make_transfer(const partition::Transfer& t) {
    Wire& from = *wire_for(t.output, !t.to_device, t.type);
    const OutputRef& o = graph_.outputs()[std::size_t(t.output)];
    StreamDescription moved = o.description;
    if (t.type != SampleType::any) moved = moved.as(t.type);
    Wire& to = make_wire(t.output, make_ring(t.output, t.bytes, t.to_device, true), moved, t.quantum, nullptr, t.to_device);
    const auto& host = (t.to_device ? from : to).buffer.ring();
    const std::size_t most = t.quantum * moved.item_size();
    auto block = t.to_device ? make_to_device(*device_, host, *to.buffer.ring(), most) : make_to_host(*device_, host, most);
    Access::context(*block).name = fmt::format("{} to the {}", graph_.output_name(t.output), t.to_device ? "device" : "host");
    Access::describe(*block->inputs()[0], moved);
    describe_outputs(*block, {.input = o.first_index, .outputs = {o.first_index}});
    put_between(from, to, std::move(block), false);
    others_.emplace(std::tuple(t.output, t.to_device, t.type), &to);
}

Wire* PartitionTasks::wire_for(int output, bool on_device, SampleType converted_to) {
    Wire* home = wire_of_output_[std::size_t(output)];
    if (converted_to == SampleType::any && home != nullptr && home->on_device == on_device) return home;
    const auto other = others_.find({output, on_device, converted_to});
    return other == others_.end() ? nullptr : other->second;
}

void PartitionTasks::pad_buffers() {
    for (std::size_t b = 0; b < graph_.inputs().size(); ++b) {
        if (plan_.rank_of[b] != rank_) continue;
        for (const InputRef& i : graph_.inputs()[b])
            wire_for(i.output, is_on_device(int(b)), i.converted_to)
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
        if (is_on_device(number)) Access::context(block).queue = &device_->compute().queue();
        for (const InputRef& i : graph_.inputs()[b]) {
            Wire& wire = *wire_for(i.output, is_on_device(number), i.converted_to);
            memory::Reader& reader = wire.buffer.add_reader(i.port->history(), padding_of(block.declared().ratio));
            wire.readers.push_back(task.get());
            task->ins.push_back({.port = i.port, .reader = &reader, .wire = &wire});
        }
        for (const int o : graph_.outputs_of()[b]) {
            Wire* wire = wire_of_output_[std::size_t(o)];
            if (wire != nullptr) wire->writer = task.get();
            task->outs.push_back({.port = graph_.outputs()[std::size_t(o)].port, .wire = wire});
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
        Wire& wire = *wire_for(c.output, false, SampleType::any);
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

// Between two that the compute queue runs a step counts when it is issued, and so does what is copied to the device: the
// compute queue waits for that. What the copy queues read and write counts when it is complete.
void PartitionTasks::order_by_queue() {
    const auto computes = [this](const Task* task) {
        const auto* block = dynamic_cast<const BlockTask*>(task);
        if (block == nullptr) return false;
        if (block->number() >= 0) return is_on_device(block->number());
        return std::any_of(owned_betweens_.begin(), owned_betweens_.end(),
                           [&](const Between& b) { return b.task.get() == task && b.on_device; });
    };
    const auto mark = [&](BlockTask& task, bool on_device) {
        for (In& in : task.ins) in.by_queue = on_device && in.wire->on_device && computes(in.wire->writer);
        for (Out& out : task.outs) out.by_queue = out.wire != nullptr && out.wire->on_device;
    };
    for (Between& b : owned_betweens_) mark(*b.task, b.on_device);
    for (BlockTask* task : block_tasks_) mark(*task, is_on_device(task->number()));
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

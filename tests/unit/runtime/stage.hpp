// One block with rings, readers and queues of its own and without a graph: the parts of its task are driven one by one.
#pragma once

#include "memory/ring.hpp"
#include "runtime/block/describe.hpp"
#include "runtime/count/counts.hpp"
#include "runtime/task/access.hpp"
#include "runtime/task/block_ends.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::tests {

/// Waits to be woken, and does nothing.
struct Sleeper final : runtime::Task {
    bool run() override { return false; }
    bool finished() const override { return false; }
};

/// Work that is over when a test says so.
struct Token final : Pending {
    bool ready() override { return over; }
    bool over = false;
};

/// Items of one sample, or of a page each, so that a ring holds exactly as many as a test says.
inline StreamDescription stream(const Rational& rate = 1, bool pages = false) {
    StreamDescription d;
    d.type = SampleType::rf32;
    d.sample_rate = d.ticks = rate;
    if (pages) d.shape = {{.name = "page", .unit = "", .size = memory::page_size() / sizeof(f32)}};
    return d;
}

/// What a block declares, and what is around it.
struct Given {
    int inputs = 1, outputs = 1, message_inputs = 0, message_outputs = 0;
    Ratio ratio{};
    std::size_t history = 0;
    std::uint64_t skip = 0;
    bool data_dependent = false;
    std::size_t need = 0, at_most = 0, room = 0;
    TagPolicy tags = TagPolicy::all_to_all;
    std::uint64_t reach = 0;
    StreamDescription stream = tests::stream();
    std::uint64_t first = 0;                            // index of the first item of its inputs (a source: of its outputs)
    std::uint64_t in_capacity = 4096, capacity = 4096;  // items, paddings included
};

struct Probe final : Block {
    explicit Probe(Given s) : given(std::move(s)) {
        runtime::Access::context(*this).name = "probe";
        for (int k = 0; k < given.inputs; ++k) ins.emplace_back(*this, "in" + std::to_string(k));
        for (int k = 0; k < given.outputs; ++k) outs.emplace_back(*this, "out" + std::to_string(k));
        for (int k = 0; k < given.message_inputs; ++k) hears.emplace_back(*this, "hears" + std::to_string(k));
        for (int k = 0; k < given.message_outputs; ++k) says.emplace_back(*this, "says" + std::to_string(k));
    }
    void describe() override {
        ratio(given.ratio);
        tags(given.tags);
        if (given.data_dependent) data_dependent();
        for (auto& in : ins) {
            in.history(given.history);
            in.skip(given.skip);
            if (given.data_dependent) in.need(given.need, given.at_most);
        }
        for (auto& out : outs) {
            out.describe(ins.empty() ? given.stream : ins[0].description());
            if (given.room > 0) out.room(given.room);
        }
        for (auto& out : says) out.reach(given.reach);
    }
    void work(std::size_t n) override {
        if (on_work) on_work(n);
    }
    Given given;
    std::deque<Input<f32>> ins;
    std::deque<Output<f32>> outs;
    std::deque<MessageInput> hears;
    std::deque<MessageOutput> says;
    std::function<void(std::size_t)> on_work;
};

/// The block's ends, as if its graph had been built and its task prepared.
struct Stage : runtime::BlockEnds {
    explicit Stage(const Given& given) : block(given) {
        using runtime::Access;
        ready.resize(block.ins.size() + block.outs.size());
        tasks.resize(block.ins.size() + block.outs.size());
        for (std::size_t k = 0; k < tasks.size(); ++k) tasks[k].place(ready, k);
        for (auto& in : block.ins) Access::describe(in, given.stream);
        const bool source = block.ins.empty();
        at.input_anchor = given.first + (source ? 0 : given.skip);
        at.output_anchor = source ? given.first : runtime::outputs_before(given.ratio, given.first);
        runtime::describe_outputs(
            block, {.input = at.input_anchor, .outputs = std::vector<std::uint64_t>(block.outs.size(), at.output_anchor)});
        for (std::size_t k = 0; k < block.ins.size(); ++k) {
            InputPort& port = block.ins[k];
            runtime::Wire& wire = add_wire(given.in_capacity, given.first, port.description());
            memory::Reader& reader = wire.buffer.add_reader(given.history, runtime::padding_of(given.ratio));
            wire.writer = &tasks[k];
            reader.advance(at.input_anchor);
            Access::anchor(port, at.input_anchor);
            ins.push_back({.port = &port, .reader = &reader, .wire = &wire, .anchor = at.input_anchor});
        }
        for (std::size_t k = 0; k < block.outs.size(); ++k) {
            OutputPort& port = block.outs[k];
            runtime::Wire& wire = add_wire(given.capacity, at.output_anchor, port.description());
            readers.push_back(&wire.buffer.add_reader(0, 0));
            wire.writer = &writer;
            wire.readers.push_back(&tasks[block.ins.size() + k]);
            Access::anchor(port, at.output_anchor);
            Access::connect(port, true, port.description().item_size());
            outs.push_back({.port = &port, .wire = &wire, .anchor = at.output_anchor});
        }
        writer_ready.resize(1);
        writer.place(writer_ready, 0);
        for (auto& port : block.says) message_outs.push_back({.port = &port, .queues = {}, .tap = {}});
    }

    // What the blocks before it do.
    memory::StreamBuffer& before(std::size_t input = 0) { return ins[input].wire->buffer; }
    void feed(std::uint64_t n, std::size_t input = 0) {
        ASSERT_LE(n, before(input).room());
        before(input).issue(n);
        before(input).complete(n);
    }
    void tag(std::uint64_t index, std::string key, std::size_t input = 0) {
        before(input).add_tag({index, std::move(key), Value()});
    }
    void end(memory::EndKind kind = memory::EndKind::ok, std::size_t input = 0) { before(input).end(kind); }

    // What the blocks behind it do.
    memory::StreamBuffer& behind(std::size_t output = 0) { return outs[output].wire->buffer; }
    void read(std::uint64_t n, std::size_t output = 0) {
        readers[output]->advance(readers[output]->index() + n);
        readers[output]->release(readers[output]->index());
        outs[output].wire->freed();
    }
    void read_all() {
        for (std::size_t k = 0; k < outs.size(); ++k) read(behind(k).completed() - readers[k]->index(), k);
    }
    /// "index key" of each tag of an output, in order.
    std::vector<std::string> tags_of(std::size_t output = 0) {
        std::vector<Tag> tags;
        behind(output).tags_between(0, UINT64_MAX, tags);
        std::vector<std::string> texts;
        for (const Tag& t : tags) texts.push_back(std::to_string(t.index) + " " + t.key);
        return texts;
    }

    /// The call of a block with a fixed ratio is done: n items of every output, the next one begins with this input item.
    void made(std::size_t n, std::uint64_t next_input) {
        at.made += n;
        at.total_made += n;
        for (runtime::In& in : ins) {
            in.reader->advance(next_input);
            in.reader->release(next_input);
        }
        for (runtime::Out& out : outs) {
            out.wire->buffer.issue(n);
            out.wire->buffer.complete(n);
        }
    }
    /// Those that have been woken since the last time: "before 0 behind 1 itself".
    std::string woken() {
        std::string who;
        ready.pass([&](std::size_t p) {
            const bool is_before = p < ins.size();
            who += (is_before ? "before " : "behind ") + std::to_string(is_before ? p : p - ins.size()) + " ";
        });
        writer_ready.pass([&](std::size_t) { who += "itself "; });
        if (!who.empty()) who.pop_back();
        return who;
    }

    Probe block;
    runtime::Standing at;
    runtime::BlockStatistics statistics;
    std::vector<memory::Reader*> readers;  // of its outputs

private:
    runtime::Wire& add_wire(std::uint64_t capacity, std::uint64_t first, const StreamDescription& description) {
        auto rings = memory::make_rings({capacity * description.item_size()});
        wires.push_back(std::make_unique<runtime::Wire>(std::make_shared<const memory::Ring>(std::move(rings[0])),
                                                        description.item_size(), 0, first, description));
        return *wires.back();
    }
    runtime::ReadyList ready, writer_ready;
    std::deque<Sleeper> tasks;  // of the blocks before it, then of those behind it
    Sleeper writer;
    std::vector<std::unique_ptr<runtime::Wire>> wires;
};

/// The sentence of what `action` throws; "" when it throws nothing.
template <class Action>
std::string failure_of(Action action) {
    try {
        action();
    } catch (const std::exception& thrown) { return thrown.what(); }
    return {};
}

}  // namespace flowspan::tests

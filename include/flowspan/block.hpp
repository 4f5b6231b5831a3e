// A block: declares ports and parameters, describes its streams, and does one thing to samples.
#pragma once

#include <flowspan/command.hpp>
#include <flowspan/io.hpp>
#include <flowspan/parameter.hpp>
#include <flowspan/port.hpp>
#include <flowspan/product_pattern.hpp>
#include <flowspan/recording.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flowspan {

namespace device {
class Queue;
}

/// How outputs relate to inputs. Output m of a stretch exists iff floor(m * decimation / interpolation) + window <= N, where
/// N is the number of input items of the stretch.
struct Ratio {
    std::uint64_t interpolation = 1, decimation = 1;
    std::uint64_t window = 1;  // readable are in[-history] … in[floor((n-1) D/I) + window - 1]
    std::uint64_t grid = 1;    // first and n are multiples of it, counted from the stretch's anchor, in output items
    Rational delay{};          // group delay in input items, compensated in the time of index 0 and in tags
};

/// What a block remembers of its input beyond history and grid block: nothing, so many items, or everything (IIR, PLL, AGC).
struct Memory {
    std::uint64_t items = 0;
    static const Memory none, unbounded;
    friend bool operator==(const Memory&, const Memory&) = default;
};
inline constexpr Memory Memory::none{0};
inline constexpr Memory Memory::unbounded{UINT64_MAX};

/// What the runtime gives a block; set before `describe`.
struct BlockContext {
    std::string name;   // "receive[3].demod"
    int copy = 0;       // its index among the copies
    std::string graph;  // the graph's own name; "": it has none
    const Facts* facts = nullptr;
    Io* io = nullptr;                // from `prepare` on, on the rank that runs the block
    device::Queue* queue = nullptr;  // from `prepare` on, where it runs on a device
    Position at;
    bool hash_inputs = false;  // the report is to say what was read
    /// Product paths with `{datetime}` or of blocks that make parts, by parameter: the path of a file whose first sample is at
    /// another time, or at none that is known, and which is the part of that number.
    std::map<std::string, std::function<std::string(const std::optional<Time>&, std::uint64_t part)>> dated;
    /// The same paths with `no_date` characters where the time stands, and one `no_part` where the number does.
    std::map<std::string, std::string> undated;
    static constexpr char no_date = '\1', no_part = '\2';
};

/// What a block declared about itself, as data. Filled by `describe`.
struct BlockDeclared {
    Ratio ratio;                         // nominal where data-dependent
    bool data_dependent = false;         // how many items it takes and makes is not known before
    Memory memory;                       // what it depends on beyond history and grid block
    bool memory_stated = false;          // else: everything, where its rate is data-dependent
    std::string state;                   // what it remembers, in words
    std::optional<std::uint64_t> total;  // it ends after this many outputs
    bool endless = false;                // a source that never ends by itself
    bool open_end = false;               // a source that comes to its end before it knows of it
    bool on_rank_0 = false;              // what it needs is there alone
    std::uint64_t bytes = 0;             // memory it holds beside its buffers
    double cost = 1;                     // relative CPU cost per item of input 0 (a source: of output 0), for `--ranks auto`
    TagPolicy tags = TagPolicy::all_to_all;
    std::string cpu_only;            // why it cannot run on a device as its parameters and inputs are; "": it can
    std::uint64_t device_bytes = 0;  // memory of a device that it holds beside its buffers, where it runs on one
    bool device_transforms = false;  // there it needs the library of transforms that goes with the device
    bool ignores_tags = false;       // nothing need be kept of them for its sake
    std::size_t piece_bytes = 0;     // file blocks: how much a step moves at best; 0: the runtime chooses

    /// Of a source: how many outputs it makes, where that is known beforehand; with an open end `total` is but a bound.
    std::optional<std::uint64_t> known_total() const { return open_end ? std::nullopt : total; }
};

class Block {
public:
    Block() = default;
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    virtual ~Block() = default;

    /// Pure: sees parameters, input descriptions and facts; sets output descriptions, ratio, history, total, memory. Runs on
    /// every rank, and again at each new stretch.
    virtual void describe() = 0;
    /// Files, tables, devices; on the rank that runs the block, before the run and after each change of a parameter. It
    /// leaves alone what the block remembers of its stream.
    virtual void prepare() {}
    /// Makes n items on every output (a sink takes n).
    virtual void work(std::size_t n);
    /// For blocks that may finish later. Steps complete in order.
    virtual Step step(std::size_t n) {
        work(n);
        return Step::done();
    }
    /// A message on `port`, in the order of the delivery rule.
    virtual void receive(MessageInput& port, const Message& message);
    /// A new stretch begins (not called for the first). Descriptions are the new ones.
    virtual void restart() {}
    /// Within a stretch, the centre frequency of an input has changed at its next item. Descriptions are the new ones; anchors,
    /// filters and grids go on.
    virtual void retuned() {}
    /// The inputs have ended; what is still to be written goes to the I/O thread. Called again until it returns done.
    virtual Step finish() { return Step::done(); }
    /// Instead of `finish`, where the inputs end by SEAM: this segment of the stream is over, the stream is not. What is
    /// incomplete stays so; nothing is padded, flushed or reported. Called again until it returns done.
    virtual Step seam() { return Step::done(); }
    /// Final names of all files it will publish, from `describe` on; by default the values of its product parameters.
    virtual std::vector<std::string> products() const;
    /// Names of further ones that it announces while it runs, of which nobody knows the number before.
    virtual std::vector<ProductPattern> product_patterns() const { return {}; }
    /// Whether it divides its stream into files: `{part}` in its paths is the number of one, from 0. Known from its parameters.
    virtual bool makes_parts() const { return false; }
    /// What it found, for the report and the last lines of a run (bursts, clips, peak, …). Called after finish.
    virtual Value results() const { return {}; }

    const BlockContext& context() const { return context_; }
    const std::string& name() const { return context_.name; }
    const BlockDeclared& declared() const { return declared_; }
    const std::vector<ParameterBase*>& parameters() const { return parameters_; }
    const std::vector<InputPort*>& inputs() const { return inputs_; }
    const std::vector<OutputPort*>& outputs() const { return outputs_; }
    const std::vector<MessageInput*>& message_inputs() const { return message_inputs_; }
    const std::vector<MessageOutput*>& message_outputs() const { return message_outputs_; }
    const std::vector<PortGroup*>& groups() const { return groups_; }
    const std::vector<CommandBase*>& commands() const { return commands_; }
    const std::vector<ReadingBase*>& readings() const { return readings_; }
    ParameterBase* parameter(std::string_view name) const;

protected:
    void ratio(const Ratio& r) { declared_.ratio = r; }
    /// The number may be 0: history and the rest of a grid block are known anyway. `state`: what is remembered, in words.
    void memory(Memory m, std::string state = {}) {
        declared_.memory = m;
        declared_.memory_stated = true;
        declared_.state = std::move(state);
    }
    void memory(std::uint64_t items, std::string state = {}) { memory(Memory{items}, std::move(state)); }
    /// How many items it takes and makes depends on the data, or on messages: see InputPort::need, OutputPort::produce. `ratio`
    /// is nominal: rates, times and costs follow it. What says nothing of its memory remembers everything; what says that it is
    /// bounded makes exactly as much as the nominal ratio says.
    void data_dependent() {
        declared_.data_dependent = true;
        if (!declared_.memory_stated) declared_.memory = Memory::unbounded;
    }
    void total(std::optional<std::uint64_t> outputs) { declared_.total = outputs; }
    void endless() { declared_.endless = true; }
    /// A source that learns as it goes where its stream ends: see OutputPort::produce and OutputPort::ends. It may also learn
    /// of stretches, by OutputPort::stretch_at, for items from the next call on. `total` may still bound it.
    void open_end() { declared_.open_end = true; }
    /// It reads stdin, which rank 0 alone has.
    void on_rank_0() { declared_.on_rank_0 = true; }
    void holds(std::uint64_t bytes) { declared_.bytes = bytes; }
    void cost(double per_item) { declared_.cost = per_item; }
    void tags(TagPolicy policy) { declared_.tags = policy; }
    /// Its kernels for devices do not cover this: `why` goes on after "which" ("interpolates").
    void cpu_only(std::string why) { declared_.cpu_only = std::move(why); }
    /// What it allocates there where it runs on a device, tables and what they come from included.
    void holds_on_device(std::uint64_t bytes) { declared_.device_bytes = bytes; }
    /// Its kernels for devices use cuFFT for this: it runs where that is installed, and by `device: auto` nowhere else.
    void needs_device_transforms() { declared_.device_transforms = true; }
    /// A sink that does not look at the tags of its inputs.
    void ignores_tags() { declared_.ignores_tags = true; }
    void piece(std::size_t bytes) { declared_.piece_bytes = bytes; }
    const Facts& facts() const { return *context_.facts; }
    Io& io() const { return *context_.io; }
    /// From `prepare` on: the queue of the device that it runs on, nullptr on the CPU. `data()` of its ports is then memory of
    /// the device, which kernels alone touch, in the order of the queue; a call may make any number of items, whatever the
    /// grid. Of a block that sends messages `step` is called first for all items that are there, to ask for what it needs to
    /// know of them, by a step that pends; then for these, by grid, as on the host. Only of a block that says
    /// `static constexpr bool on_devices = true;`.
    device::Queue* queue() const { return context_.queue; }
    /// Refuses from `describe` or `prepare` something that no single parameter is to blame for.
    [[noreturn]] void refuse(const std::string& expected, const std::string& got, const std::string& hint = {}) const;
    /// The same in `describe`, which goes on: what else it refuses is said in one go. Elsewhere it is `refuse`.
    void wrong(const std::string& expected, const std::string& got, const std::string& hint = {}) const;
    /// From `receive`: `step` has begun (a piece of a file that is being written). No message and no sample is handed over
    /// before it has finished, so what waits stays bounded; what it throws fails the block.
    void wait_for(Step step) { begun_.push_back(std::move(step)); }
    /// A warning for the report and the log; repeated ones are counted. From `describe` it is said once, by `check` too.
    void warn(const std::string& text);

private:
    friend class ParameterBase;
    friend class CommandBase;
    friend class ReadingBase;
    friend class InputPort;
    friend class OutputPort;
    friend class MessageInput;
    friend class MessageOutput;
    friend struct runtime::Access;
    template <class T>
    friend class Outputs;
    template <class T>
    friend class Inputs;
    BlockContext context_;
    BlockDeclared declared_;
    std::vector<ParameterBase*> parameters_;
    std::vector<InputPort*> inputs_;
    std::vector<OutputPort*> outputs_;
    std::vector<MessageInput*> message_inputs_;
    std::vector<MessageOutput*> message_outputs_;
    std::vector<PortGroup*> groups_;
    std::vector<CommandBase*> commands_;
    std::vector<ReadingBase*> readings_;
    std::vector<std::pair<std::string, std::uint64_t>> warnings_;
    std::vector<Step> begun_;       // by `receive`
    Time handling_;                 // stamp of the message that is being handled
    Diagnostics* found_ = nullptr;  // while `describe` runs: where `wrong` says it
};

template <class T>
Outputs<T>::Outputs(Block& owner, std::string name, const Parameter<int>& size) : PortGroup(owner, std::move(name), size) {
    owner.groups_.push_back(this);
}
template <class T>
void Outputs<T>::resize() {
    while (size() < wanted()) {
        ports_.push_back(
            std::make_unique<Output<T>>(owner_, name_ + "[" + std::to_string(size()) + "]", OutputOptions{.optional = true}));
    }
}
template <class T>
Inputs<T>::Inputs(Block& owner, std::string name, const Parameter<int>& size, InputOptions options)
    : PortGroup(owner, std::move(name), size), options_(std::move(options)) {
    owner.groups_.push_back(this);
}
template <class T>
void Inputs<T>::resize() {
    while (size() < wanted())
        ports_.push_back(std::make_unique<Input<T>>(owner_, name_ + "[" + std::to_string(size()) + "]", options_));
}

}  // namespace flowspan

// Ports: where a block's streams and messages come in and go out.
//
// In `work(n)`, `out[k]` is output item index() + k, and `in[0]` is the input item that belongs to `out[0]`:
// floor(first * decimation / interpolation), counted from the anchors of the stretch.
#pragma once

#include <flowspan/description.hpp>
#include <flowspan/parameter.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace flowspan {

class Block;
struct RecordingPlaces;
namespace runtime {
struct Access;
}

struct AnyShape {};
inline constexpr AnyShape any_shape{};

/// Which items an input takes: `{}` those of one sample; `{"channel"}` those with that axis, too (of several names, any of the
/// axes, in this order); `any_shape` all.
class ItemShape {
public:
    ItemShape() noexcept {}
    ItemShape(std::initializer_list<std::string> axes) : axes_(axes) {}
    ItemShape(AnyShape) noexcept : any_(true) {}  // NOLINT(google-explicit-constructor)
    bool is_any() const { return any_; }
    const std::vector<std::string>& axes() const { return axes_; }
    bool takes(const std::vector<Axis>& shape) const;
    /// "items of one sample, or with an axis `channel`".
    std::string text() const;

private:
    std::vector<std::string> axes_;
    bool any_ = false;
};

struct InputOptions {
    ItemShape items{};
};

class InputPort {
public:
    InputPort(Block& owner, std::string name, SampleType type, InputOptions options);
    InputPort(const InputPort&) = delete;
    InputPort& operator=(const InputPort&) = delete;

    const std::string& name() const { return name_; }
    /// The type that the block declared; `any` takes all.
    SampleType declared_type() const { return type_; }
    const InputOptions& options() const { return options_; }
    /// Valid from `describe` on; in `restart` it is that of the new stretch.
    const StreamDescription& description() const { return description_; }
    /// Hz; refuses (with the key to give) when the stream has no rate.
    double sample_rate() const;
    /// In `describe`: how many items before in[0] the block reads. Before a stretch they are zero.
    void history(std::size_t items) { history_ = items; }
    std::size_t history() const { return history_; }
    /// In `describe`: drops the first n items of the stream; the block's outputs are renumbered from there.
    void skip(std::uint64_t items) { skip_ = items; }

    /// Absolute index of in[0].
    std::uint64_t index() const { return index_; }
    /// Items that this call takes from the stream (those which a next call will not see as new ones).
    std::size_t count() const { return count_; }
    /// Item k as bytes.
    const std::byte* item(std::ptrdiff_t k = 0) const { return data_ + k * std::ptrdiff_t(item_size_); }
    /// Tags of the items of this call, in order.
    std::span<const Tag> tags() const { return tags_; }
    /// What began the present stretch; nothing for the first.
    const std::optional<Discontinuity>& discontinuity() const { return discontinuity_; }

    /// in[0], counted from the first item of the present stretch.
    std::uint64_t in_stretch() const { return index_ - anchor_; }

    /// Where `count` items from `first` on lie in the recording, for a message about them: `start` and `length` in samples of
    /// the recording, `time_s` (s from its first sample to item `first`, missing samples included), `utc` where it is known,
    /// `freq_lower_edge` and `freq_upper_edge` (Hz) of complex samples whose centre frequency is known; and `index`, `first`
    /// itself. Delays of filters are made up for. Behind a source without a place in a recording (one that makes items of
    /// messages) there are only `index` and `utc`. Ask while the items are at hand: what is as far back as `reach` allows, or
    /// the last ones before `restart`.
    Value::Map place(std::uint64_t first, std::uint64_t count) const;

    /// For blocks with a data-dependent rate. In `describe` and `work`: the next call gets k to at_most items (of the last of a
    /// stretch fewer than k, perhaps none). Given exactly k items a block takes its smallest step, and no more:
    /// so many come where a change, a message or a tag lies among them. What it makes must not depend on how many it was given.
    /// What `work` asks for must fit the ring, which is made for what `describe` asked for.
    void need(std::size_t k, std::size_t at_most = 0) {
        need_ = k;
        at_most_ = at_most < k ? k : at_most;
    }
    /// In `work`: a items are done with. 0 without it.
    void consume(std::size_t a) { consumed_ = a; }

protected:
    friend struct runtime::Access;
    const std::byte* data_ = nullptr;  // what every step touches comes first
    std::size_t item_size_ = 0;
    std::uint64_t index_ = 0;
    std::size_t count_ = 0;
    std::vector<Tag> tags_;
    Block& owner_;
    std::string name_;
    SampleType type_;
    InputOptions options_;
    StreamDescription description_;
    std::size_t history_ = 0, need_ = 0, at_most_ = 0, consumed_ = 0;
    std::uint64_t skip_ = 0, anchor_ = 0;
    std::optional<Discontinuity> discontinuity_;
    /// The exact time of what comes `later` items after item `index`, counted from there at the stream's rate.
    using ItemTime = std::function<Time(std::uint64_t index, std::uint64_t later)>;
    /// The stretch before the present one.
    struct Left {
        StreamDescription description;
        ItemTime time;
    };
    std::shared_ptr<const RecordingPlaces> recording_;
    ItemTime time_;  // empty: every item is at its nominal time
    std::unique_ptr<const Left> left_;
};

/// An input of samples of type T (or `Any`). What items it takes the runtime sees to: those of one sample, an input of `Any`
/// all, unless the options say otherwise.
template <class T>
class Input final : public InputPort {
public:
    Input(Block& owner, std::string name, InputOptions options = usual_items())
        : InputPort(owner, std::move(name), sample_type_of<T>, std::move(options)) {}
    static InputOptions usual_items() { return {std::is_same_v<T, Any> ? ItemShape(any_shape) : ItemShape()}; }
    /// Sample k from the first sample of in[0]; negative k reads history. (For items of one sample: item k.)
    const T& operator[](std::ptrdiff_t k) const { return data()[k]; }
    const T* data() const { return reinterpret_cast<const T*>(data_); }
};

struct OutputOptions {
    bool optional = false;  // may stay unconnected
};

class OutputPort {
public:
    OutputPort(Block& owner, std::string name, SampleType type, OutputOptions options);
    OutputPort(const OutputPort&) = delete;
    OutputPort& operator=(const OutputPort&) = delete;

    const std::string& name() const { return name_; }
    SampleType declared_type() const { return type_; }
    const OutputOptions& options() const { return options_; }
    /// In `describe`: what comes out. Rate, length and times follow from `ratio()` and need not be touched. An `any` type in
    /// the description takes the port's.
    void describe(StreamDescription description);
    const StreamDescription& description() const { return description_; }

    /// Whether anybody reads it. When not, nothing need be written.
    explicit operator bool() const { return connected_; }
    /// Absolute index of out[0].
    std::uint64_t index() const { return index_; }
    std::byte* item(std::ptrdiff_t k = 0) const { return data_ + k * std::ptrdiff_t(item_size_); }
    /// Room for n items as bytes.
    std::span<std::byte> bytes(std::size_t n) const { return {data_, n * item_size_}; }
    /// Says something about out[k], 0 <= k < n.
    void tag(std::size_t k, std::string key, Value value);
    /// For sources: the item with this absolute index (not yet made) begins a new stretch, with this centre frequency and UTC
    /// of that item where they are given.
    void stretch_at(std::uint64_t index, Discontinuity what, std::optional<double> center_frequency = {},
                    std::optional<Time> utc_of_index = {});
    /// For sources, in `describe`: the stream begins at this absolute index (a recording that is read from later on).
    void first_index(std::uint64_t index) { first_index_ = index; }
    /// For sources, in `describe`: where the items lie in a recording. Without it they lie nowhere but in this stream.
    void recording(std::shared_ptr<const RecordingPlaces> places) { recording_ = std::move(places); }
    /// out[0], counted from the first item of the present stretch.
    std::uint64_t in_stretch() const { return index_ - anchor_; }

    /// For blocks with a data-dependent rate. In `describe`: a call makes at most k items of this output; without it, what the
    /// nominal ratio makes of `at_most` items, and one.
    void room(std::size_t k) { room_ = k; }
    /// In `describe`: the nominal ratio of this output, where it is not the block's.
    void nominal(std::uint64_t interpolation, std::uint64_t decimation) {
        nominal_interpolation_ = interpolation;
        nominal_decimation_ = decimation;
    }
    /// In `work`: b items were made. 0 without it. From `receive`, where the block has no stream inputs: of this message.
    void produce(std::size_t b) { produced_ = b; }
    /// In `work`, of an item that is made now: out[k] stands for this place of input 0, an absolute index with a fraction. Tags
    /// move by it, and messages about what comes of it have its time. Places never decrease; they lie within what has been
    /// given. An item of which nothing is said lies as far from the one before as the nominal ratio says.
    void at(std::size_t k, double place);
    void at(std::size_t k, std::uint64_t index, double fraction);

protected:
    friend struct runtime::Access;
    struct Stretch {
        std::uint64_t index;
        Discontinuity what;
        std::optional<double> center_frequency;
        std::optional<Time> utc;
    };
    std::byte* data_ = nullptr;  // what every step touches comes first
    std::size_t item_size_ = 0;
    std::uint64_t index_ = 0;
    std::vector<Tag> tags_;
    bool connected_ = false;
    Block& owner_;
    std::string name_;
    SampleType type_;
    OutputOptions options_;
    StreamDescription description_;
    bool described_ = false;
    /// What `at` said of item index_ + k: whole and fraction, in units of 2^-32.
    struct Stated {
        std::size_t k;
        std::int64_t whole;
        std::uint32_t fraction;
    };
    std::size_t room_ = 0, produced_ = 0;
    std::uint64_t first_index_ = 0, anchor_ = 0;
    std::uint64_t nominal_interpolation_ = 0, nominal_decimation_ = 0;  // 0: the block's ratio
    std::vector<Stated> stated_;
    std::deque<Stretch> stretches_;
    std::shared_ptr<const RecordingPlaces> recording_;
};

template <class T>
class Output final : public OutputPort {
public:
    Output(Block& owner, std::string name, OutputOptions options = {})
        : OutputPort(owner, std::move(name), sample_type_of<T>, options) {}
    T& operator[](std::ptrdiff_t k) const { return data()[k]; }
    T* data() const { return reinterpret_cast<T*>(data_); }
};

/// What the runtime sees of a port group: it is sized once the parameters are set.
class PortGroup {
public:
    PortGroup(Block& owner, std::string name, const Parameter<int>& size)
        : name_(std::move(name)), owner_(owner), size_(size) {}
    PortGroup(const PortGroup&) = delete;
    PortGroup& operator=(const PortGroup&) = delete;
    virtual ~PortGroup() = default;
    const std::string& name() const { return name_; }
    int wanted() const { return size_.get(); }
    /// The parameter that says how many ports there are.
    const Parameter<int>& size_parameter() const { return size_; }
    virtual bool is_input() const = 0;
    virtual void resize() = 0;

protected:
    std::string name_;
    Block& owner_;
    const Parameter<int>& size_;
};

/// A group of equal outputs, `out[0] … out[size-1]`, as many as a parameter says.
template <class T>
class Outputs final : public PortGroup {
public:
    Outputs(Block& owner, std::string name, const Parameter<int>& size);
    Output<T>& operator[](int k) { return *ports_[std::size_t(k)]; }
    int size() const { return int(ports_.size()); }
    /// Where each port's out[0] lies; nullptr: nobody reads that port.
    T* const* pointers() {
        pointers_.resize(ports_.size());
        for (std::size_t k = 0; k < ports_.size(); ++k) pointers_[k] = *ports_[k] ? ports_[k]->data() : nullptr;
        return pointers_.data();
    }
    bool is_input() const override { return false; }
    void resize() override;

private:
    std::vector<std::unique_ptr<Output<T>>> ports_;
    std::vector<T*> pointers_;
};

/// A group of equal inputs: the runtime refuses streams whose items are not alike.
template <class T>
class Inputs final : public PortGroup {
public:
    Inputs(Block& owner, std::string name, const Parameter<int>& size, InputOptions options = Input<T>::usual_items());
    Input<T>& operator[](int k) { return *ports_[std::size_t(k)]; }
    int size() const { return int(ports_.size()); }
    bool is_input() const override { return true; }
    void resize() override;

private:
    InputOptions options_;
    std::vector<std::unique_ptr<Input<T>>> ports_;
};

/// A message: a value, and the exact time it belongs to (seconds since index 0 of the source).
struct Message {
    Time stamp;
    Value value;
};

class MessageOutput {
public:
    MessageOutput(Block& owner, std::string name);
    MessageOutput(const MessageOutput&) = delete;
    MessageOutput& operator=(const MessageOutput&) = delete;
    const std::string& name() const { return name_; }
    /// In `describe`: messages may be about an item that lies so many items before the one that is being worked on, within the
    /// stretch. (Counted from the beginning of the grid block; of the aligned run of 64 items, where the block has no grid.)
    void reach(std::uint64_t items) { reach_ = items; }
    std::uint64_t reach() const { return reach_; }
    /// Whether anybody listens. When not, nothing need be sent.
    explicit operator bool() const { return bool(deliver_); }
    /// From `work`, `restart` and `finish`: a message about item `index` of the block's input 0 (a source: of its output 0).
    /// One about an item further back than `reach` says is refused, however the calls are cut.
    void send(std::uint64_t index, Value value);
    /// From `receive`: a message with the stamp of the one that is being handled.
    void send(Value value);

private:
    friend struct runtime::Access;
    Block& owner_;
    std::string name_;
    std::uint64_t reach_ = 0;
    std::function<void(std::optional<std::uint64_t> index, Value)> deliver_;  // empty: nobody listens; no index: an answer
};

struct MessageInputOptions {
    /// Name of a parameter of type InputPath: where it is given, only messages about that recording may come. A graph that
    /// connects others is refused before the run.
    std::string about;
};

class MessageInput {
public:
    MessageInput(Block& owner, std::string name, MessageInputOptions options = {});
    MessageInput(const MessageInput&) = delete;
    MessageInput& operator=(const MessageInput&) = delete;
    const std::string& name() const { return name_; }
    const MessageInputOptions& options() const { return options_; }
    /// From `prepare` on: where the items lie that messages are about; nullptr where not all are about one recording, or none.
    const std::shared_ptr<const RecordingPlaces>& about() const { return about_; }

private:
    friend struct runtime::Access;
    Block& owner_;
    std::string name_;
    MessageInputOptions options_;
    std::shared_ptr<const RecordingPlaces> about_;
};

}  // namespace flowspan

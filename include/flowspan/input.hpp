// Where a stream comes into a block.
//
// In `work(n)`, `in[0]` is the input item that belongs to `out[0]`: floor(first * decimation / interpolation), counted from the
// anchors of the stretch.
#pragma once

#include <flowspan/description.hpp>
#include <flowspan/diagnostic.hpp>

#include <cstddef>
#include <cstdint>
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
    const StreamDescription& description() const {
        if (in_doubt_) detail::end_describe();
        return description_;
    }
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
    /// Where the items of the source lie that the stream comes from, delays made up for: `recording().recording.path` is a name
    /// for `facts()`. nullptr where it comes from several sources, or of messages; `generated` where there is no recording.
    const RecordingPlaces* recording() const { return recording_.get(); }
    /// The exact time of item `index` of the present stretch, in seconds since index 0 of the source. From `work` on, while
    /// the item is at hand; of the one behind the last that is, as the stream's rate has it.
    Time time(std::uint64_t index) const;

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
    bool in_doubt_ = false;  // a mistake hides what comes
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

}  // namespace flowspan

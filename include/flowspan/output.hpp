// Where a stream comes out of a block. In `work(n)`, `out[k]` is output item index() + k.
#pragma once

#include <flowspan/description.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace flowspan {

class Block;
struct RecordingPlaces;
namespace runtime {
struct Access;
}

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
    /// For sources with an open end, in `work` or before the token of `step` is ready: `produce` says how many of the n items
    /// were made (all without it; 0: none yet, it is asked again), `ends` that no others follow.
    void ends() { ends_ = true; }
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
    bool connected_ = false, ends_ = false;
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

}  // namespace flowspan

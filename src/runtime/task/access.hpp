// The runtime's key to the private parts of blocks and ports.
#pragma once

#include <flowspan/block.hpp>

#include <utility>

namespace flowspan::runtime {

struct Access {
    static BlockContext& context(Block& b) { return b.context_; }
    static BlockDeclared& declared(Block& b) { return b.declared_; }
    static auto& warnings(Block& b) { return b.warnings_; }
    static void warn(Block& b, const std::string& text) { b.warn(text); }
    static const Time& handled(const Block& b) { return b.handling_; }
    static auto& begun(Block& b) { return b.begun_; }
    static void handling(Block& b, const Time& stamp) { b.handling_ = stamp; }

    static bool& given(ParameterBase& p) { return p.given_; }
    static bool& explicitly_given(ParameterBase& p) { return p.explicitly_given_; }
    static bool& in_doubt(ParameterBase& p) { return p.in_doubt_; }
    static bool& in_doubt(InputPort& p) { return p.in_doubt_; }
    static Diagnostics*& found(Block& b) { return b.found_; }
    static auto& watcher(ReadingBase& r) { return r.watcher_; }

    static void describe(InputPort& p, StreamDescription d) {
        p.item_size_ = d.item_size();
        p.description_ = std::move(d);
    }
    static void place(InputPort& p, const std::byte* data, std::uint64_t index, std::size_t count) {
        p.data_ = data;
        p.index_ = index;
        p.count_ = count;
    }
    static std::vector<Tag>& tags(InputPort& p) { return p.tags_; }
    static std::size_t need(const InputPort& p) { return p.need_; }
    static std::size_t& need(InputPort& p) { return p.need_; }
    static std::size_t at_most(const InputPort& p) { return p.at_most_; }
    static std::size_t& at_most(InputPort& p) { return p.at_most_; }
    static void anchor(InputPort& p, std::uint64_t index) { p.anchor_ = index; }
    static std::size_t& consumed(InputPort& p) { return p.consumed_; }
    static std::uint64_t skip(const InputPort& p) { return p.skip_; }
    static void recording(InputPort& p, std::shared_ptr<const RecordingPlaces> places) { p.recording_ = std::move(places); }
    static auto& time(InputPort& p) { return p.time_; }
    /// Its stretch is over; `time` goes on telling of its items, by `left`.
    static const auto& left(const InputPort& p) { return p.left_->time; }
    static void leave(InputPort& p, InputPort::ItemTime time) {
        p.left_ = std::make_unique<const InputPort::Left>(InputPort::Left{p.description_, std::move(time)});
    }
    static void discontinuity(InputPort& p, std::optional<Discontinuity> d) { p.discontinuity_ = d; }

    static StreamDescription& description(OutputPort& p) { return p.description_; }
    static bool& described(OutputPort& p) { return p.described_; }
    static void connect(OutputPort& p, bool connected, std::size_t item_size) {
        p.connected_ = connected;
        p.item_size_ = item_size;
    }
    static void place(OutputPort& p, std::byte* data, std::uint64_t index) {
        p.data_ = data;
        p.index_ = index;
    }
    static std::vector<Tag>& tags(OutputPort& p) { return p.tags_; }
    static auto& stretches(OutputPort& p) { return p.stretches_; }
    static void anchor(OutputPort& p, std::uint64_t index) { p.anchor_ = index; }
    static auto& stated(OutputPort& p) { return p.stated_; }
    static auto& recording(OutputPort& p) { return p.recording_; }
    static std::pair<std::uint64_t, std::uint64_t> nominal(const OutputPort& p) {
        return {p.nominal_interpolation_, p.nominal_decimation_};
    }
    static std::size_t room(const OutputPort& p) { return p.room_; }
    static std::size_t& room(OutputPort& p) { return p.room_; }
    static std::size_t& produced(OutputPort& p) { return p.produced_; }
    static bool ends(const OutputPort& p) { return p.ends_; }
    static std::uint64_t first_index(const OutputPort& p) { return p.first_index_; }

    static auto& deliver(MessageOutput& p) { return p.deliver_; }
    static auto& about(MessageInput& p) { return p.about_; }
};

}  // namespace flowspan::runtime

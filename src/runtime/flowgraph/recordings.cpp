// Which recording streams and messages are about: what sources say, and what receivers of messages want.
#include "runtime/flowgraph/flowgraph.hpp"
#include "runtime/task/access.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

bool makes_items_of_messages(const Block& block) {
    return block.inputs().empty() && !block.message_inputs().empty() && block.declared().data_dependent;
}

/// The parameter that names the recording which messages must be about; nullptr: any will do.
const ParameterBase* wanted_recording(const Block& block, const MessageInput& input) {
    if (input.options().about.empty()) return nullptr;
    const ParameterBase* parameter = block.parameter(input.options().about);
    return parameter != nullptr && parameter->given() ? parameter : nullptr;
}

/// What stands between samples, and before which.
std::vector<std::pair<std::uint64_t, std::uint64_t>> other_bytes(const RecordingFacts& r) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> all;
    for (const Capture& c : r.captures)
        if (c.header_bytes > 0) all.emplace_back(c.start, c.header_bytes);
    return all;
}

std::uint64_t frame_bytes(const RecordingFacts& r) { return size_of(r.type) * r.channels; }

/// Whether sample k of a file, as a source reads it, is sample k of what its header says. (Raw samples are what the source
/// says. Of two numbers of a WAV file a source makes one item, be they I and Q or two channels.)
bool are_same_samples(const RecordingFacts& header, const RecordingFacts& read) {
    if (header.format == "raw" && read.format == "raw") return true;
    const bool frames = header.format == "wav" && read.format == "wav" && frame_bytes(header) == frame_bytes(read);
    const bool alike = header.type == read.type && header.channels == read.channels;
    return (((frames || alike) && header.big_endian == read.big_endian) || header.type == SampleType::any) &&
           other_bytes(header) == other_bytes(read);
}

}  // namespace

std::shared_ptr<const RecordingPlaces> Flowgraph::places_of_source(int number) const {
    const Block& block = *blocks_[std::size_t(number)];
    if (block.outputs().empty() || makes_items_of_messages(block)) return nullptr;
    for (OutputPort* port : block.outputs())
        if (Access::recording(*port) != nullptr) return Access::recording(*port);
    const StreamDescription& stream = block.outputs()[0]->description();
    RecordingPlaces own;
    own.generated = true;
    own.ticks = stream.ticks;
    own.recording.type = stream.type;
    own.recording.sample_rate = stream.sample_rate;
    own.recording.frequency = stream.center_frequency;
    Capture capture;
    capture.frequency = stream.center_frequency;
    capture.utc = stream.utc;
    own.recording.captures = {capture};
    return std::make_shared<const RecordingPlaces>(std::move(own));
}

void Flowgraph::add_sources(int number, std::set<int>& sources, std::set<int>& seen) const {
    if (!seen.insert(number).second || !described_ok_[std::size_t(number)]) return;
    const Block& block = *blocks_[std::size_t(number)];
    int source = block.outputs().empty() ? -1 : number;
    if (!block.inputs().empty()) source = block.inputs()[0]->description().source;
    if (source >= 0 && places_[std::size_t(source)] != nullptr) {
        sources.insert(source);
        return;
    }
    // Its stream, or it itself, is made of messages.
    const int made_of_messages = source >= 0 ? source : number;
    if (made_of_messages != number) return add_sources(made_of_messages, sources, seen);
    for (const int m : messages_to_[std::size_t(number)]) add_sources(messages_[std::size_t(m)].from, sources, seen);
}

std::shared_ptr<const RecordingPlaces> Flowgraph::recording_about(int number, const MessageInput& input) const {
    std::set<int> sources, seen;
    for (const int m : messages_to_[std::size_t(number)])
        if (messages_[std::size_t(m)].input == &input) add_sources(messages_[std::size_t(m)].from, sources, seen);
    std::shared_ptr<const RecordingPlaces> about;
    for (const int source : sources) {
        const auto& places = places_[std::size_t(source)];
        if (about == nullptr) about = places;
        if (about == places) continue;
        if (!about->same_recording(*places) || about->pieces != places->pieces) return nullptr;
    }
    return about;
}

void Flowgraph::check_about(const MessageRef& message, Diagnostics& found) const {
    const Block &to = *blocks_[std::size_t(message.to)], &from = *blocks_[std::size_t(message.from)];
    const ParameterBase* parameter = wanted_recording(to, *message.input);
    if (parameter == nullptr) return;
    const std::string path = parameter->value().string();
    const auto refuse = [&](const std::string& got) {
        found.push_back(
            {parameter->position(),
             fmt::format("blocks.{}.{}", to.name(), parameter->name()),
             fmt::format("messages about {}", path),
             fmt::format("those of {}.{}, {}", from.name(), message.output->name(), got),
             fmt::format("name the recording that `{}` looks at, or leave `{}` out", from.name(), parameter->name()),
             {}});
    };
    std::set<int> sources, seen;
    add_sources(message.from, sources, seen);
    // (What passes messages on sends none where none come.)
    if (sources.empty() && blocks_[std::size_t(message.from)]->message_inputs().empty() &&
        described_ok_[std::size_t(message.from)])
        refuse("which are about no stream");
    for (const int source : sources) {
        const RecordingPlaces& places = *places_[std::size_t(source)];
        const std::string& name = blocks_[std::size_t(source)]->name();
        const Recording& wanted = facts_.recording(path);
        if (places.generated)
            refuse(fmt::format("about a stream that {} generates", name));
        else if (places.recording.identity != wanted.identity)
            refuse(fmt::format("about {}, which {} reads", places.recording.path, name));
        else if (!are_same_samples(wanted, places.recording))
            refuse(fmt::format("about {}, which {} reads as other samples", places.recording.path, name));
    }
}

// Of raw samples, sources may make this and that.
void Flowgraph::check_one_reading(int number, const MessageInput& input, Diagnostics& found) const {
    const ParameterBase* parameter = wanted_recording(*blocks_[std::size_t(number)], input);
    if (parameter == nullptr) return;
    std::set<int> sources, seen;
    for (const int m : messages_to_[std::size_t(number)])
        if (messages_[std::size_t(m)].input == &input) add_sources(messages_[std::size_t(m)].from, sources, seen);
    for (const int source : sources) {
        if (places_[std::size_t(source)]->same_recording(*places_[std::size_t(*sources.begin())])) continue;
        found.push_back({parameter->position(),
                         fmt::format("blocks.{}.{}", blocks_[std::size_t(number)]->name(), parameter->name()),
                         "messages about samples of one type, rate and frequency",
                         fmt::format("{} and {} read {} otherwise", blocks_[std::size_t(*sources.begin())]->name(),
                                     blocks_[std::size_t(source)]->name(), parameter->value().string()),
                         "give their sources the same parameters",
                         {}});
        return;
    }
}

void Flowgraph::connect_recordings(Diagnostics& found) {
    for (int b = 0; b < size(); ++b)
        for (MessageInput* input : block(b).message_inputs()) Access::about(*input) = recording_about(b, *input);
    std::set<const MessageInput*> wrong;
    for (const MessageRef& m : messages_) {
        const std::size_t before = found.size();
        check_about(m, found);
        if (found.size() > before) wrong.insert(m.input);
    }
    for (int b = 0; b < size(); ++b)
        for (const MessageInput* input : block(b).message_inputs())
            if (!wrong.contains(input)) check_one_reading(b, *input, found);
}

}  // namespace flowspan::runtime

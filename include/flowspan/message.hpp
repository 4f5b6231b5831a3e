// Where messages come into a block and out of it.
#pragma once

#include <flowspan/description.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace flowspan {

class Block;
struct RecordingPlaces;
namespace runtime {
struct Access;
}

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
    /// In `describe`: messages may be about an item that lies so many items before the cell of items that is being worked on,
    /// within the stretch. A cell is what docs/blocks.md says: whole grid blocks of about 64 input items, where these are less.
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

// One end of a worker's socket: messages with their length before them.
#pragma once

#include "batch/worker/nursery/descriptors.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flowspan::batch {

constexpr std::size_t largest_message = std::size_t(64) << 20;

/// What a message is. Its body is JSON.
enum class Kind : char { task = 't', progress = 'p', line = 'l', result = 'r', failed = 'f' };

struct Message {
    Kind kind;
    std::string_view body;  // holds until the next call
};

/// Whether it waits is the descriptor's: the rank's end does not, the worker's does.
class Wire {
public:
    explicit Wire(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    /// Queues a message. Throws Failure where it is larger than the largest.
    void put(Kind kind, std::string_view body);
    /// Sends what the other end takes; false: it is closed.
    bool flush();
    bool all_sent() const { return sent_ == out_.size(); }

    /// Takes what has come, at most about `most` bytes.
    void read(std::size_t most);
    /// The next whole message.
    std::optional<Message> next();
    /// The other end is closed.
    bool closed() const { return closed_; }
    /// There is a message that has begun and not ended.
    bool within_message() const { return begin_ < in_.size(); }
    /// What came that is no message, as the end of a sentence: "what is no message (68 65 6c 6c 6f)"; "" nothing.
    const std::string& wrong() const { return wrong_; }

    /// Bytes that have gone and come.
    std::uint64_t moved() const { return moved_; }
    int descriptor() const { return descriptor_.get(); }
    void close() { descriptor_.close(); }

private:
    Descriptor descriptor_;
    std::string out_, in_;
    std::size_t sent_ = 0, begin_ = 0;
    std::uint64_t moved_ = 0;
    bool closed_ = false;
    std::string wrong_;
};

}  // namespace flowspan::batch

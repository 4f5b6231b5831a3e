// One client of the control socket: lines in, lines out, all of it bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace flowspan::run {

/// The bounds of the protocol; docs/control.md states them.
namespace control_limits {
constexpr std::size_t line_bytes = std::size_t(1) << 20;  // without its end, in both directions
constexpr std::size_t clients = 32;
constexpr std::size_t outstanding = 64;                           // requests of one client that are not answered yet
constexpr std::size_t queue_bytes = std::size_t(4) << 20;         // what waits for a client to read
constexpr std::size_t notification_bytes = std::size_t(3) << 20;  // the rest of the queue is for answers
constexpr std::size_t depth = 64;                                 // of lists and objects in one line
}  // namespace control_limits

/// Owns the descriptor of a connection, which must not block.
class ControlConnection {
public:
    explicit ControlConnection(int descriptor) : descriptor_(descriptor) {}
    ~ControlConnection();
    ControlConnection(const ControlConnection&) = delete;
    ControlConnection& operator=(const ControlConnection&) = delete;

    /// One read of what has come.
    void read();
    /// The next whole line, without its end; nothing when there is none yet.
    std::optional<std::string> next_line();
    /// More has come without an end of line than a line may hold.
    bool line_is_too_long() const;
    /// Queues a line. False: it does not fit into `queue_bytes`, or the client has gone.
    bool put(std::string_view line, std::size_t queue_bytes);
    /// Sends what the client takes now.
    void flush();
    /// It takes more than when the last `flush` stopped.
    void may_flush() { blocked_ = false; }
    /// Takes nothing more from the client; `finished` once it has read what is queued.
    void end() { ending_ = true; }
    /// As if the client had left.
    void drop() { lost_ = true; }

    /// Nothing more is to be done for it.
    bool finished() const;
    /// What epoll is to report: input only while more requests may come in, output only while the client does not read.
    std::uint32_t wanted_events() const;
    bool may_request() const { return !ending_ && !lost_ && outstanding.size() < control_limits::outstanding; }
    bool has_line() const { return line_end_ != std::string::npos; }
    int descriptor() const { return descriptor_; }

    std::set<std::string> outstanding;           // ids, as JSON
    std::map<std::string, std::int64_t> unsent;  // notifications that found no room, by their `watch`
    std::uint32_t events = 0;                    // what epoll was told
    bool touched = false;                        // there may be something to do for it

private:
    int descriptor_;
    std::string in_, out_;
    std::size_t begin_ = 0, line_end_ = std::string::npos, sent_ = 0;  // line_end_: of the line at begin_, if it is there
    bool no_more_input_ = false, blocked_ = false, ending_ = false, lost_ = false;
    bool deaf_ = false;  // reads no more, but what it has sent before it left still counts
};

}  // namespace flowspan::run

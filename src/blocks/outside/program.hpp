// A program that reads from us and writes to us.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace flowspan::blocks {

/// Runs in a process group of its own, which is killed with this object. What it writes to stderr comes out line by line.
class Program {
public:
    using Environment = std::map<std::string, std::string>;
    using Say = std::function<void(const std::string& line)>;
    /// Throws Failure where it cannot be started.
    Program(const std::vector<std::string>& command, bool shell, const Environment& environment, Say say);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// More for its stdin.
    void write(std::span<const std::byte> bytes);
    /// Bytes that it has not taken yet; none any more once it has closed its stdin.
    std::size_t unsent() const { return unsent_.size() - sent_; }
    /// Nothing more will come: its stdin ends behind what is unsent.
    void end_input();
    /// Moves what can be moved both ways, for at most so long, until `to` is full, or nothing is unsent and (where its output
    /// goes on) something has been read. Returns how many bytes have come.
    std::size_t move(std::span<std::byte> to, std::chrono::milliseconds wait);
    /// It has closed its stdout, or is gone.
    bool ended() const { return output_ < 0; }
    /// Bytes of its stdin that it did not want.
    std::size_t refused() const { return refused_; }
    /// After `ended`: waits for its exit. Throws Failure where that is not 0.
    void finish();

private:
    bool step(std::span<std::byte> to, std::size_t& made, int wait_ms);
    bool send();
    bool listen();
    void close(int& descriptor);

    std::string name_;
    Say say_;
    pid_t process_ = 0;
    int input_ = -1, output_ = -1, error_ = -1;
    bool ends_ = false;
    std::vector<std::byte> unsent_;
    std::size_t sent_ = 0, refused_ = 0;
    std::string line_, last_;
};

}  // namespace flowspan::blocks

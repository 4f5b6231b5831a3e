// How ranks talk. Two implementations: comm/mpi (any MPI) and comm/local (n ranks as threads of one process, for tests and
// for a single rank). All calls of one communicator are made on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace flowspan::comm {

/// Messages of different lanes never match each other; within one lane messages between two ranks keep their order.
enum class Lane : int { records = 1, payload = 2, control = 3, start = 4, batch = 5 };

inline constexpr int any_rank = -1;

/// A send or receive that has begun. Empty when nothing is under way.
class Request {
public:
    Request() = default;
    explicit Request(void* handle) : handle_(handle) {}
    Request(Request&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Request& operator=(Request&& other) noexcept {
        handle_ = std::exchange(other.handle_, nullptr);
        return *this;
    }
    explicit operator bool() const { return handle_ != nullptr; }
    void*& handle() { return handle_; }

private:
    void* handle_ = nullptr;
};

/// Who sent what a finished receive holds, and how many bytes.
struct Arrived {
    int from = any_rank;
    std::size_t bytes = 0;
};

class Communicator {
public:
    virtual ~Communicator() = default;
    virtual int rank() const = 0;
    virtual int size() const = 0;
    virtual std::string host() const = 0;
    /// "local", "Open MPI v4.1.4, …".
    virtual std::string library() const = 0;

    // Collective; only before streaming begins. Every rank must call them in the same order.
    /// Rank 0's text, on every rank.
    virtual std::string broadcast(const std::string& text) = 0;
    /// Every rank's text, on every rank.
    virtual std::vector<std::string> all_gather(const std::string& text) = 0;
    /// A communicator of those that give the same `group`, in the order of their ranks here; nothing for a negative one. This
    /// one must live longer.
    virtual std::unique_ptr<Communicator> split(int group) = 0;

    // Streaming. The memory must stay until `test` says finished. All throw Failure (exit code 5).
    virtual Request send(int to, Lane lane, const void* data, std::size_t bytes) = 0;
    /// Finishes only once the receiver has begun to receive.
    virtual Request send_synchronous(int to, Lane lane, const void* data, std::size_t bytes) = 0;
    /// From one rank or any.
    virtual Request receive(int from, Lane lane, void* data, std::size_t bytes) = 0;
    /// True once it is finished; the request is then empty. An empty request is finished.
    virtual bool test(Request& request, Arrived* arrived = nullptr) = 0;
    /// Takes a posted receive back. False: a message had come in before. Empty afterwards either way.
    virtual bool cancel(Request& request) = 0;
    /// Whether some message lies here that nobody has received.
    virtual bool anything_unreceived() = 0;
    /// Ends all ranks now.
    [[noreturn]] virtual void abort(int code) = 0;
};

}  // namespace flowspan::comm

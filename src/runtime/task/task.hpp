// What a rank's loop runs: tasks (blocks, ends of links) and the list of those that may have something to do.
#pragma once

#include "memory/stream_buffer.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flowspan::runtime {

class Task;

/// Tasks that may have something to do, in the order of their positions. The cost of a turn follows the ready ones.
class ReadyList {
public:
    void resize(std::size_t tasks) { words_.assign((tasks + 63) / 64, 0); }
    void add(std::size_t position) { words_[position / 64] |= std::uint64_t(1) << position % 64; }
    bool empty() const {
        for (const std::uint64_t w : words_) {
            if (w != 0) return false;
        }
        return true;
    }
    /// Takes out each ready position in ascending order, those that become ready further on in the same pass included.
    template <class F>
    void pass(F f) {
        for (std::size_t w = 0; w < words_.size(); ++w) {
            std::uint64_t seen = 0;  // positions up to the last one run, so that a pass ends
            while (const std::uint64_t bits = words_[w] & ~seen) {
                const int bit = std::countr_zero(bits);
                seen = bit == 63 ? ~std::uint64_t(0) : (std::uint64_t(2) << bit) - 1;
                words_[w] &= ~(std::uint64_t(1) << bit);
                f(w * 64 + std::size_t(bit));
            }
        }
    }

private:
    std::vector<std::uint64_t> words_;
};

/// Something that the loop runs. `run` does one bounded piece of work and never blocks.
class Task {
public:
    virtual ~Task() = default;
    /// True when something was done. It wakes itself when it could do more.
    virtual bool run() = 0;
    /// Nothing is left to do, ever.
    virtual bool finished() const = 0;
    void wake() { ready_->add(position_); }
    void place(ReadyList& ready, std::size_t position) {
        ready_ = &ready;
        position_ = position;
    }

private:
    ReadyList* ready_ = nullptr;
    std::size_t position_ = 0;
};

/// A buffer and the tasks at its ends.
struct Wire {
    Wire(std::shared_ptr<const memory::RingMemory> ring, std::size_t item_size, std::size_t stagger, std::uint64_t first,
         StreamDescription description)
        : buffer(std::move(ring), item_size, stagger, first, std::move(description)) {}
    memory::StreamBuffer buffer;
    bool starved = false;  // its writer lacks room
    bool lasting = false;  // its writer wants to know of all room (a link that grants credit)
    Wire* memory_of = nullptr;
    Task* writer = nullptr;
    std::vector<Task*> readers;
    int output = -1;            // number in the graph
    std::uint64_t quantum = 0;  // items a step moves at most
    bool on_device = false;     // memory of the rank's device
    std::uint64_t read_at_level = 0,
                  written_at_level = 0;  // there, by calls that may wait for others (RankDevice::before_call)

    void written() {
        for (Task* t : readers) t->wake();
    }
    /// A reader has passed items: a writer that lacked room may go on, also that of the first buffer in the same memory.
    void freed() {
        if (starved) give_room();
        if (memory_of != nullptr && memory_of->starved) memory_of->give_room();
    }
    void give_room() {
        starved = lasting;
        writer->wake();
    }
    /// A reader or the writer has ended: that may be room for this buffer and for the first one in the same memory.
    void let_go() {
        give_room();
        if (memory_of != nullptr) memory_of->give_room();
    }
};

}  // namespace flowspan::runtime

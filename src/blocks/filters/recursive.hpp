// Recursive filters as blocks: what they remember of every channel.
#pragma once

#include <flowspan/flowspan.hpp>

#include "blocks/each_channel.hpp"
#include "kernels/iir/iir.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace flowspan::blocks {

/// A recursive filter of kernels/iir on each channel of a stream. To be a member of a block.
template <class T, class Kernel>
class Recursive {
public:
    static std::uint64_t bytes(const Input<T>& in, std::size_t sections) {
        return in.description().samples_per_item() * sections * 2 * sizeof(typename Kernel::Wide) +
               EachChannel<T, T>::bytes(in.description(), 0);
    }
    /// Another filter goes on from what was remembered.
    void set(Kernel filter, std::size_t channels) {
        filter_ = std::move(filter);
        states_.resize(channels);
    }
    void restart() {
        for (auto& state : states_) state = {};
    }
    void operator()(const Input<T>& in, const Output<T>& out, std::size_t n) {
        channels_(in, 0, n, out, n,
                  [&](std::size_t c, const T* x, T* y) { not_finite_ += filter_(x, y, n, in.in_stretch(), states_[c]); });
    }
    Value results() const { return Value::Map{{"not_finite", not_finite_}}; }

private:
    Kernel filter_;
    std::vector<typename Kernel::State> states_;
    EachChannel<T, T> channels_;
    std::uint64_t not_finite_ = 0;
};

}  // namespace flowspan::blocks

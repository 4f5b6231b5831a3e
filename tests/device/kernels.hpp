// What tests of kernels on devices have in common.
#pragma once

#include "tests/device/queues.hpp"
#include "tests/unit/kernels/levels.hpp"

#include <random>

namespace flowspan::device {

/// Items before and behind an output, which nobody may touch.
inline constexpr std::size_t margin = 5;

/// Runs a test in the orders of the emulation.
template <class Test>
void in_every_order(Test test) {
    for (const std::string& order : orders) {
        SCOPED_TRACE(order);
        behave(order);
        test();
    }
    behave("");
}

template <class T>
bool is_poison(const T& item) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&item);
    return std::all_of(bytes, bytes + sizeof(T), [](unsigned char byte) { return byte == 0xFF; });
}

/// Items `from` … n - 1 of an output with margins, around which all is as it was.
template <class T>
std::vector<T> unpoisoned(const std::vector<T>& all, std::size_t from, std::size_t n) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool outside = i < margin + from || i >= margin + n;
        if (outside && !is_poison(all[i])) ADD_FAILURE() << "item " << std::int64_t(i) - std::int64_t(margin) << " was written";
    }
    return {all.begin() + std::ptrdiff_t(margin + std::min(from, n)), all.begin() + std::ptrdiff_t(margin + n)};
}

/// The greatest difference as a part of the greatest magnitude.
inline double relative_error(const std::vector<cf32>& made, const std::vector<cf32>& expected) {
    double most = 1e-30, error = 0;
    for (const cf32 z : expected) most = std::max(most, double(std::abs(z)));
    for (std::size_t i = 0; i < made.size(); ++i) {
        const double e = std::abs(cf64(made[i]) - cf64(expected[i]));
        error = e <= error ? error : e;  // (a NaN, too)
    }
    return error / most;
}

}  // namespace flowspan::device

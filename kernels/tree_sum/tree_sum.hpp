// Sums of frames in binary trees over the frame's index, so that partial sums join to the same bits.
//
// Higham, Accuracy and Stability of Numerical Algorithms, 4.1 (pairwise summation): the error grows with log2 of the number of
// frames. A node is an aligned group of 2^k frames, [j 2^k, (j + 1) 2^k), and the sum of its halves; a half that has no frames
// does not count. Each sum so depends on the frames and their indices alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace flowspan::kernels {

/// The frames [first, next), held as the largest nodes that lie in it: at most 2 log2(n) + 2 of them. Memory of nodes is used
/// again, so a frame allocates nothing.
class TreeSum {
public:
    static constexpr int highest = 63;

    TreeSum();
    ~TreeSum();
    TreeSum(TreeSum&&) noexcept;
    TreeSum& operator=(TreeSum&&) noexcept;
    /// Frames of `size` numbers, from index `first` on. Nodes above `top` are not made: groups of 2^top stay apart.
    explicit TreeSum(std::size_t size, std::uint64_t first = 0, int top = highest);
    /// No frames, the next of which is `first`.
    void reset(std::uint64_t first = 0);

    /// Adds the frame of the numbers value(k), k < size.
    template <class F>
    void add(F value);
    /// The same in two steps, for kernels (tree_sum_cpu.hpp): fill the place, then say so.
    struct Place;
    Place place();
    void placed();
    /// Puts the frames of `next` behind, whose first is this one's next. Throws std::invalid_argument if it is another.
    void join(const TreeSum& next);
    /// Allows higher nodes.
    void raise(int top);

    std::size_t size() const { return size_; }
    std::uint64_t first() const { return first_; }
    std::uint64_t next() const { return next_; }
    std::uint64_t frames() const { return next_ - first_; }
    int top() const { return top_; }
    std::size_t nodes() const;
    /// Nodes for which it has memory, those to be used again included.
    std::size_t capacity() const;

    /// The sum of all frames, `size` numbers; zeros where there are none.
    void write(double* total) const { write(first_, next_, total); }
    /// That of the frames [from, to): each first, next or a multiple of 2^top.
    void write(std::uint64_t from, std::uint64_t to, double* total) const;

private:
    static constexpr std::size_t columns_at_once = 64;  // what they need on the way lies on the stack
    struct Cpu;
    void begin_frame();
    void put(std::size_t column, std::size_t n, double* numbers);
    void total_of(std::size_t from, std::size_t to, std::size_t column, std::size_t n, double* total) const;

    std::size_t size_ = 0;
    std::uint64_t first_ = 0, next_ = 0;
    int top_ = highest;
    std::unique_ptr<Cpu> cpu_;
};

template <class F>
void TreeSum::add(F value) {
    begin_frame();
    double numbers[columns_at_once];
    for (std::size_t c = 0; c < size_; c += columns_at_once) {
        const std::size_t n = std::min(columns_at_once, size_ - c);
        for (std::size_t k = 0; k < n; ++k) numbers[k] = value(c + k);
        put(c, n, numbers);
    }
    placed();
}

}  // namespace flowspan::kernels

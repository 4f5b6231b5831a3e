#include "kernels/tree_sum/tree_sum.hpp"

#include <bit>
#include <stdexcept>
#include <utility>

namespace flowspan::kernels {
namespace {

void add_to(double* sum, const double* more, std::size_t n) {
    for (std::size_t k = 0; k < n; ++k) sum[k] += more[k];
}

}  // namespace

void TreeSum::reset(std::uint64_t first) {
    for (Node& node : nodes_) spare_.push_back(std::move(node.sum));
    nodes_.clear();
    first_ = next_ = first;
}

TreeSum::Numbers TreeSum::memory() {
    if (spare_.empty()) return Numbers(size_);
    Numbers numbers = std::move(spare_.back());
    spare_.pop_back();
    return numbers;
}

// How many nodes, from the last one on, the next frame completes.
std::size_t TreeSum::merges() const {
    const std::size_t most = std::min(std::size_t(top_), nodes_.size());
    std::size_t n = 0;
    while (n < most && (next_ >> n) % 2 == 1 && nodes_[nodes_.size() - 1 - n].level == int(n)) ++n;
    return n;
}

TreeSum::Place TreeSum::place() {
    depth_ = merges();
    for (std::size_t m = 0; m < depth_; ++m) left_[m] = nodes_[nodes_.size() - 1 - m].sum.data();
    if (depth_ == 0) nodes_.push_back({next_, 0, memory()});
    return {nodes_[nodes_.size() - std::max<std::size_t>(1, depth_)].sum.data(), left_.data(), depth_};
}

void TreeSum::placed() {
    for (std::size_t m = 1; m < depth_; ++m) {
        spare_.push_back(std::move(nodes_.back().sum));
        nodes_.pop_back();
    }
    if (depth_ > 0) nodes_.back().level = int(depth_);
    ++next_;
}

// The last node goes into its left neighbour while both are halves of one.
void TreeSum::push(Node node) {
    nodes_.push_back(std::move(node));
    while (nodes_.size() > 1) {
        Node &last = nodes_.back(), &left = nodes_[nodes_.size() - 2];
        const bool right_half = (last.begin >> last.level) % 2 == 1;
        if (last.level >= top_ || !right_half || left.level != last.level) return;
        add_to(left.sum.data(), last.sum.data(), size_);
        ++left.level;
        spare_.push_back(std::move(last.sum));
        nodes_.pop_back();
    }
}

void TreeSum::join(const TreeSum& next) {
    if (next.size_ != size_ || next.first_ != next_) throw std::invalid_argument("TreeSum::join: not what follows");
    for (const Node& node : next.nodes_) {
        Node copy{node.begin, node.level, memory()};
        std::copy(node.sum.begin(), node.sum.end(), copy.sum.begin());
        push(std::move(copy));
    }
    next_ = next.next_;
}

void TreeSum::raise(int top) {
    if (top <= top_) return;
    top_ = top;
    for (Node& node : std::exchange(nodes_, {})) push(std::move(node));
}

std::size_t TreeSum::node_at(std::uint64_t index) const {
    const auto node =
        std::lower_bound(nodes_.begin(), nodes_.end(), index, [](const Node& n, std::uint64_t i) { return n.begin < i; });
    return std::size_t(node - nodes_.begin());
}

void TreeSum::write(std::uint64_t from, std::uint64_t to, double* total) const {
    const std::size_t begin = node_at(from), end = node_at(to);
    if (begin == end) std::fill(total, total + size_, 0.0);
    for (std::size_t c = 0; begin < end && c < size_; c += columns_at_once)
        total_of(begin, end, c, std::min(columns_at_once, size_ - c), total + c);
}

// Two parts meet in the node whose middle lies between them, and the highest such node is met last.
void TreeSum::total_of(std::size_t from, std::size_t to, std::size_t column, std::size_t n, double* total) const {
    if (to - from == 1) {
        std::copy_n(nodes_[from].sum.data() + column, n, total);
        return;
    }
    std::size_t middle = from + 1;
    for (std::size_t k = middle; k < to; ++k)
        if (std::countr_zero(nodes_[k].begin) > std::countr_zero(nodes_[middle].begin)) middle = k;
    double right[columns_at_once];
    total_of(from, middle, column, n, total);
    total_of(middle, to, column, n, right);
    add_to(total, right, n);
}

}  // namespace flowspan::kernels

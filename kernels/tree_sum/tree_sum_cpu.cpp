#include "kernels/tree_sum/tree_sum_cpu.hpp"

#include "kernels/aligned.hpp"

#include <array>
#include <bit>
#include <stdexcept>
#include <utility>
#include <vector>

namespace flowspan::kernels {
namespace {

using Numbers = AlignedVector<double>;

struct Node {
    std::uint64_t begin;
    int level;
    Numbers sum;
};

void add_to(double* sum, const double* more, std::size_t n) {
    for (std::size_t k = 0; k < n; ++k) sum[k] += more[k];
}

}  // namespace

struct TreeSum::Cpu {
    Numbers memory(std::size_t size) {
        if (spare.empty()) return Numbers(size);
        Numbers numbers = std::move(spare.back());
        spare.pop_back();
        return numbers;
    }
    void drop_last() {
        spare.push_back(std::move(nodes.back().sum));
        nodes.pop_back();
    }
    Node& from_last(std::size_t k) { return nodes[nodes.size() - 1 - k]; }
    /// How many nodes, from the last one on, frame `next` completes.
    std::size_t merges(std::uint64_t next, int top) {
        const std::size_t most = std::min(std::size_t(top), nodes.size());
        std::size_t n = 0;
        while (n < most && (next >> n) % 2 == 1 && from_last(n).level == int(n)) ++n;
        return n;
    }
    /// Where the frame that is being added goes.
    double* frame() { return from_last(std::max<std::size_t>(1, depth) - 1).sum.data(); }
    void push(Node node, std::size_t size, int top);
    std::size_t node_at(std::uint64_t index) const;

    std::vector<Node> nodes;  // in the order of their frames
    std::vector<Numbers> spare;
    std::array<const double*, highest> left{};  // of the frame that is being added, and how many
    std::size_t depth = 0;
};

// The last node goes into its left neighbour while both are halves of one.
void TreeSum::Cpu::push(Node node, std::size_t size, int top) {
    nodes.push_back(std::move(node));
    while (nodes.size() > 1) {
        Node &last = nodes.back(), &left_one = nodes[nodes.size() - 2];
        const bool right_half = (last.begin >> last.level) % 2 == 1;
        if (last.level >= top || !right_half || left_one.level != last.level) return;
        add_to(left_one.sum.data(), last.sum.data(), size);
        ++left_one.level;
        drop_last();
    }
}

std::size_t TreeSum::Cpu::node_at(std::uint64_t index) const {
    const auto node =
        std::lower_bound(nodes.begin(), nodes.end(), index, [](const Node& n, std::uint64_t i) { return n.begin < i; });
    return std::size_t(node - nodes.begin());
}

TreeSum::TreeSum() : TreeSum(0) {}
TreeSum::~TreeSum() = default;
TreeSum::TreeSum(TreeSum&&) noexcept = default;
TreeSum& TreeSum::operator=(TreeSum&&) noexcept = default;

TreeSum::TreeSum(std::size_t size, std::uint64_t first, int top)
    : size_(size), first_(first), next_(first), top_(top), cpu_(std::make_unique<Cpu>()) {}

void TreeSum::reset(std::uint64_t first) {
    while (!cpu_->nodes.empty()) cpu_->drop_last();
    first_ = next_ = first;
}

std::size_t TreeSum::nodes() const { return cpu_->nodes.size(); }
std::size_t TreeSum::capacity() const { return cpu_->nodes.size() + cpu_->spare.size(); }

TreeSum::Place TreeSum::place() {
    Cpu& cpu = *cpu_;
    cpu.depth = cpu.merges(next_, top_);
    for (std::size_t m = 0; m < cpu.depth; ++m) cpu.left[m] = cpu.from_last(m).sum.data();
    if (cpu.depth == 0) cpu.nodes.push_back({next_, 0, cpu.memory(size_)});
    return {cpu.frame(), cpu.left.data(), cpu.depth};
}

void TreeSum::placed() {
    Cpu& cpu = *cpu_;
    for (std::size_t m = 1; m < cpu.depth; ++m) cpu.drop_last();
    if (cpu.depth > 0) cpu.nodes.back().level = int(cpu.depth);
    ++next_;
}

void TreeSum::begin_frame() { place(); }

void TreeSum::put(std::size_t column, std::size_t n, double* numbers) {
    for (std::size_t m = 0; m < cpu_->depth; ++m)
        for (std::size_t k = 0; k < n; ++k) numbers[k] = cpu_->left[m][column + k] + numbers[k];
    std::copy_n(numbers, n, cpu_->frame() + column);
}

void TreeSum::join(const TreeSum& next) {
    if (next.size_ != size_ || next.first_ != next_) throw std::invalid_argument("TreeSum::join: not what follows");
    for (const Node& node : next.cpu_->nodes) {
        Node copy{node.begin, node.level, cpu_->memory(size_)};
        std::copy(node.sum.begin(), node.sum.end(), copy.sum.begin());
        cpu_->push(std::move(copy), size_, top_);
    }
    next_ = next.next_;
}

void TreeSum::raise(int top) {
    if (top <= top_) return;
    top_ = top;
    for (Node& node : std::exchange(cpu_->nodes, {})) cpu_->push(std::move(node), size_, top_);
}

void TreeSum::write(std::uint64_t from, std::uint64_t to, double* total) const {
    const std::size_t begin = cpu_->node_at(from), end = cpu_->node_at(to);
    if (begin == end) std::fill(total, total + size_, 0.0);
    for (std::size_t c = 0; begin < end && c < size_; c += columns_at_once)
        total_of(begin, end, c, std::min(columns_at_once, size_ - c), total + c);
}

// Two parts meet in the node whose middle lies between them, and the highest such node is met last.
void TreeSum::total_of(std::size_t from, std::size_t to, std::size_t column, std::size_t n, double* total) const {
    const std::vector<Node>& nodes = cpu_->nodes;
    if (to - from == 1) {
        std::copy_n(nodes[from].sum.data() + column, n, total);
        return;
    }
    std::size_t middle = from + 1;
    for (std::size_t k = middle; k < to; ++k)
        if (std::countr_zero(nodes[k].begin) > std::countr_zero(nodes[middle].begin)) middle = k;
    double right[columns_at_once];
    total_of(from, middle, column, n, total);
    total_of(middle, to, column, n, right);
    add_to(total, right, n);
}

}  // namespace flowspan::kernels

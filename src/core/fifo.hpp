// A queue that keeps its memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace flowspan {

/// As std::deque from behind and in front, but once as long as it ever gets it allocates nothing.
template <class T>
class Fifo {
public:
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    T& front() { return places_[first_]; }
    const T& front() const { return places_[first_]; }
    void push_back(T item) {
        if (size_ == places_.size()) grow();
        places_[(first_ + size_++) % places_.size()] = std::move(item);
    }
    void pop_front() {
        places_[first_] = T();
        first_ = (first_ + 1) % places_.size();
        --size_;
    }

private:
    void grow() {
        std::rotate(places_.begin(), places_.begin() + std::ptrdiff_t(first_), places_.end());
        first_ = 0;
        places_.resize(std::max<std::size_t>(4, 2 * places_.size()));
    }
    std::vector<T> places_;
    std::size_t first_ = 0, size_ = 0;
};

}  // namespace flowspan

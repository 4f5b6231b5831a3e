#include "io/writing/readers.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace flowspan::io {
namespace {

constexpr std::size_t least_part = std::size_t(128) << 10;  // smaller ones cost more to hand over than they save
constexpr std::size_t unit = 4096;                          // parts begin at pages, as the file's first byte does

/// Threads that wait for work, until the process ends.
class Helpers {
public:
    explicit Helpers(int count) {
        for (int k = 0; k < count; ++k) threads_.emplace_back([this](const std::stop_token& stop) { serve(stop); });
    }
    ~Helpers() {
        for (auto& thread : threads_) thread.request_stop();
    }
    std::size_t count() const { return threads_.size(); }
    void give(std::function<void()> work) {
        {
            const std::lock_guard lock(guard_);
            work_.push_back(std::move(work));
        }
        wake_.notify_one();
    }

private:
    void serve(const std::stop_token& stop) {
        while (true) {
            std::function<void()> work;
            {
                std::unique_lock lock(guard_);
                if (!wake_.wait(lock, stop, [this] { return !work_.empty(); })) return;
                work = std::move(work_.front());
                work_.pop_front();
            }
            work();
        }
    }
    std::mutex guard_;
    std::condition_variable_any wake_;
    std::deque<std::function<void()>> work_;
    std::vector<std::jthread> threads_;  // the last, so that they end first
};

std::mutex guard;
std::shared_ptr<Helpers> helpers;

std::shared_ptr<Helpers> present() {
    const std::lock_guard lock(guard);
    return helpers;
}

/// Parts of one read, and how many others have not read theirs yet.
struct Shared {
    std::vector<std::exception_ptr> failed;
    std::size_t left = 0;
    std::mutex guard;
    std::condition_variable done;

    void over() {
        const std::lock_guard lock(guard);
        --left;
        done.notify_one();
    }
};

template <class Read>
std::exception_ptr failure_of(Read read) {
    try {
        read();
        return nullptr;
    } catch (...) { return std::current_exception(); }
}

}  // namespace

void read_by(int threads) {
    auto others = threads > 1 ? std::make_shared<Helpers>(threads - 1) : nullptr;
    const std::lock_guard lock(guard);
    std::swap(helpers, others);
}

void read_in_parts(std::uint64_t offset, std::span<std::byte> to,
                   const std::function<void(std::uint64_t, std::span<std::byte>)>& read) {
    const auto threads = present();
    const std::size_t parts = threads == nullptr ? 1 : std::clamp<std::size_t>(to.size() / least_part, 1, threads->count() + 1);
    if (parts == 1) return read(offset, to);
    const std::size_t each = (to.size() / parts + unit - 1) / unit * unit;
    Shared shared;
    shared.failed.resize(parts);
    shared.left = parts - 1;
    const auto read_part = [&](std::size_t k) {
        const std::size_t from = std::min(k * each, to.size()), left = to.size() - from;
        shared.failed[k] =
            failure_of([&] { read(offset + from, to.subspan(from, k + 1 == parts ? left : std::min(each, left))); });
    };
    for (std::size_t k = 1; k < parts; ++k)
        threads->give([&, k] {
            read_part(k);
            shared.over();
        });
    read_part(0);
    {
        std::unique_lock lock(shared.guard);
        shared.done.wait(lock, [&] { return shared.left == 0; });
    }
    for (const auto& failure : shared.failed)
        if (failure != nullptr) std::rethrow_exception(failure);
}

}  // namespace flowspan::io

#include "io/writing/thread.hpp"

#include "io/publish/product.hpp"

#include <utility>

namespace flowspan::io {

class Thread::OfBlock final : public Io {
public:
    OfBlock(Thread& thread, int number) : thread_(thread), number_(number) {}
    Step submit(std::function<void()> job) override { return thread_.submit(std::move(job)); }
    std::shared_ptr<Product> product(const std::string& path) override { return thread_.publisher_.create(path, number_); }

private:
    Thread& thread_;
    int number_;
};

bool Thread::Job::ready() {
    if (!finished_.load(std::memory_order_acquire)) return false;
    if (error_) std::rethrow_exception(error_);
    return true;
}

void Thread::Job::run() noexcept {
    try {
        work_();
        close(nullptr);
    } catch (...) { close(std::current_exception()); }
}

void Thread::Job::drop() {
    close(std::make_exception_ptr(Failure(ExitCode::file, "a file operation was given up because the run ends")));
}

void Thread::Job::close(std::exception_ptr error) noexcept {
    work_ = nullptr;  // what it holds (files, buffers) is let go before the loop learns of the end
    error_ = std::move(error);
    finished_.store(true, std::memory_order_release);
}

Thread::Thread(Publisher& publisher, double patience_s)
    : publisher_(publisher), waits_(patience_s), worker_([this] { serve(); }) {}

Thread::~Thread() {
    discard();
    {
        const std::lock_guard lock(mutex_);
        leave_ = true;
    }
    wake_worker_.notify_one();
    worker_.join();
}

void Thread::watch(Observer* observer) {
    const std::lock_guard lock(mutex_);
    observer_ = observer;
}

Step Thread::submit(std::function<void()> job) {
    auto token = std::make_shared<Job>(std::move(job));
    outstanding_.fetch_add(1, std::memory_order_relaxed);
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(token);
    }
    wake_worker_.notify_one();
    return {std::move(token)};
}

std::shared_ptr<Product> Thread::product(const std::string& path) { return publisher_.create(path); }

Io& Thread::of_block(int number) {
    auto& own = of_block_[number];
    if (!own) own = std::make_unique<OfBlock>(*this, number);
    return *own;
}

void Thread::serve() {
    EndOfWaits::of_this_thread() = &waits_;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_worker_.wait(lock, [&] { return leave_ || !queue_.empty(); });
        if (queue_.empty()) return;
        const std::shared_ptr<Job> job = std::move(queue_.front());
        queue_.pop_front();
        Observer* const observer = observer_;
        lock.unlock();
        if (observer == nullptr) {
            job->run();
        } else {
            const auto begun = Observer::Clock::now();
            job->run();
            observer->file(begun, Observer::Clock::now());
        }
        lock.lock();
        finished_one();
    }
}

void Thread::finished_one() {
    ++finished_;
    outstanding_.fetch_sub(1, std::memory_order_release);
    wake_loop_.notify_all();
}

void Thread::wait_for_progress(std::chrono::microseconds at_most) {
    std::unique_lock lock(mutex_);
    wake_loop_.wait_for(lock, at_most, [&] { return finished_ != seen_; });
    seen_ = finished_;
}

void Thread::drain() {
    std::unique_lock lock(mutex_);
    wake_loop_.wait(lock, [&] { return outstanding() == 0; });
}

void Thread::discard() {
    waits_.give_up();
    std::deque<std::shared_ptr<Job>> dropped;
    {
        const std::lock_guard lock(mutex_);
        dropped.swap(queue_);
    }
    for (const auto& job : dropped) job->drop();
    const std::lock_guard lock(mutex_);
    for (std::size_t k = 0; k < dropped.size(); ++k) finished_one();
}

}  // namespace flowspan::io

// The I/O thread of a rank: jobs run one after the other in the order of submission, the event loop only polls.
#pragma once

#include <flowspan/io.hpp>

#include "core/observer.hpp"
#include "io/writing/waiting.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

namespace flowspan::io {

class Publisher;

/// `submit` never blocks the loop. The queue stays short because every block keeps only a few steps outstanding.
class Thread final : public Io {
public:
    /// Products are announced to `publisher`, which must outlive the thread.
    /// A FIFO that a job writes to gets its reader within the patience.
    explicit Thread(Publisher& publisher, double patience_s = 30);
    /// Sees every job. Before the first one.
    void watch(Observer* observer);
    /// Waits for the job that is running; jobs that have not begun are dropped, and their tokens throw.
    ~Thread() override;

    Step submit(std::function<void()> job) override;
    std::shared_ptr<Product> product(const std::string& path) override;
    Io& of_block(int number) override;

    /// For a loop with nothing to do: returns when a job has finished since the last call, or after `at_most`.
    void wait_for_progress(std::chrono::microseconds at_most);
    /// Waits until all jobs have run (outside the loop: start-up, the end, tests).
    void drain();
    /// Drops the jobs that have not begun: their tokens throw "… was given up".
    void discard();
    /// Sources end: no job waits any more for somebody who takes nothing.
    void stop() { waits_.stop(); }
    /// By path: what that has kept from being written.
    std::map<std::string, NotWritten> lost() const { return waits_.lost(); }
    /// Jobs that have been submitted and not finished.
    std::size_t outstanding() const { return outstanding_.load(std::memory_order_acquire); }

private:
    class Job final : public Pending {
    public:
        explicit Job(std::function<void()> work) : work_(std::move(work)) {}
        bool ready() override;
        void run() noexcept;
        void drop();

    private:
        void close(std::exception_ptr error) noexcept;
        std::function<void()> work_;
        std::exception_ptr error_;
        std::atomic<bool> finished_{false};
    };

    class OfBlock;

    void serve();
    void finished_one();

    Publisher& publisher_;
    std::map<int, std::unique_ptr<Io>> of_block_;
    Observer* observer_ = nullptr;  // under mutex_
    mutable std::mutex mutex_;
    std::condition_variable wake_worker_, wake_loop_;
    std::deque<std::shared_ptr<Job>> queue_;
    std::atomic<std::size_t> outstanding_{0};
    std::uint64_t finished_ = 0, seen_ = 0;  // under mutex_
    bool leave_ = false;
    EndOfWaits waits_;
    std::thread worker_;
};

}  // namespace flowspan::io

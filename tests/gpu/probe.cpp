// What device edges take for granted (docs/decisions/025), tried on the device at hand: a line each, `ok …` or `FAILED …`.
//
//   gpu_probe [--small] [FILE]     FILE: at least 256 MiB, read from the page cache by several threads
//
// About 20 s on a device; --small: little memory, few rounds, for the emulation. Exit code 0; 1: something FAILED; 77: no
// device.
#include "memory/device/device.hpp"
#include "memory/ring.hpp"
#include "tests/gpu/probe_kernels.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace flowspan::device {
namespace {

constexpr double most_s = 30;  // that anything may take

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}
void finish(Queue& queue) {
    if (!queue.finish(most_s)) throw Error(queue.device(), "the wait for a queue", fmt::format("nothing in {} s", most_s));
}

/// How large and how often.
struct Scale {
    std::size_t host_bytes = std::size_t(256) << 20, piece = std::size_t(16) << 20;
    int laps = 5000, launches = 500, repeats = 7;
    bool timed = true;  // whether durations mean something
};

class Probe {
public:
    Probe(Scale scale, std::string file) : scale_(scale), file_(std::move(file)) {}

    /// Runs one; what it throws is its failure.
    void attempt(const std::string& name, const std::function<std::string()>& run) {
        std::string said;
        bool good = true;
        try {
            said = run();
        } catch (const std::exception& e) {
            good = false;
            said = e.what();
        }
        bad_ += good ? 0 : 1;
        fmt::print("{} {}: {}\n", good ? "ok" : "FAILED", name, said);
        std::fflush(stdout);
    }
    int bad() const { return bad_; }

    std::string ring();
    std::string pin();
    std::string pin_second_mapping();
    std::string wrap();
    std::string rates();
    std::string launches();
    std::string lists();
    std::string reads();
    std::string handle();

private:
    template <int entries>
    double list_us(Queue& queue, const Memory& ones, Memory& sum);

    Scale scale_;
    std::string file_;
    int bad_ = 0;
    memory::Ring ring_;
    std::optional<Pin> pinned_;
};

struct Wrong : std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <class T>
T value_at(Queue& queue, const void* at) {
    const PinnedMemory pinned(queue.device(), sizeof(T));
    queue.to_host(pinned.data(), at, sizeof(T));
    finish(queue);
    T value;
    std::memcpy(&value, pinned.data(), sizeof value);
    return value;
}

/// Chunks that cross the end again and again, written through one mapping and compared through both.
std::string Probe::ring() {
    std::optional<Ring> made;
    try {
        made.emplace(0, 8 * properties(0).page);
    } catch (const Error& e) {
        throw Wrong(std::string(e.what()) + "; without it rings go back to slots with headroom (docs/decisions/025)");
    }
    const std::size_t items = made->size() / 8, chunk = items / 3 + 17;
    auto* base = reinterpret_cast<std::uint64_t*>(made->base());
    Queue queue(0);
    const Memory wrong(0, sizeof(unsigned));
    queue.zero(wrong.data(), sizeof(unsigned));
    auto* count = reinterpret_cast<unsigned*>(wrong.data());
    std::uint64_t position = 0;
    for (int lap = 0; lap < scale_.laps; ++lap, position += chunk) {
        number(queue, base + position % items, position, chunk);
        compare(queue, base + position % items, position, chunk, count);
        const std::uint64_t back = position + chunk / 2;
        compare(queue, base + back % items, back, chunk / 4, count);
    }
    const auto seen = value_at<unsigned>(queue, wrong.data());
    if (seen != 0) throw Wrong(fmt::format("{} wrong items of {} chunks", seen, scale_.laps));
    return fmt::format("one allocation mapped twice, pages of {} KiB, {} chunks across the end", properties(0).page >> 10,
                       scale_.laps);
}

std::string Probe::pin() {
    ring_ = std::move(memory::make_rings({scale_.host_bytes}).front());
    std::memset(ring_.base(), 1, ring_.size());
    const double begin = now_s();
    pinned_.emplace(0, ring_.base(), ring_.size());
    return fmt::format("a host ring of {} MiB, which is mapped twice, in {:.0f} ms", ring_.size() >> 20,
                       (now_s() - begin) * 1e3);
}

/// (The runtime does not ask for it.)
std::string Probe::pin_second_mapping() {
    try {
        const Pin second(0, ring_.base() + ring_.size(), ring_.size());
        return "it can be pinned, too";
    } catch (const Error& e) { return fmt::format("it cannot be pinned, and need not be ({})", e.words()); }
}

/// As two copies, each within what is pinned.
std::string Probe::wrap() {
    const std::size_t size = ring_.size(), piece = scale_.piece, half = piece / 2;
    for (std::size_t k = 0; k < piece; ++k) ring_.base()[(size - half + k) % size] = std::byte(k * 7 % 251);
    Queue queue(0);
    const Memory device(0, piece);
    const PinnedMemory back(0, piece);
    queue.to_device(device.data(), ring_.base() + size - half, half);
    queue.to_device(device.data() + half, ring_.base(), piece - half);
    queue.to_host(back.data(), device.data(), piece);
    finish(queue);
    for (std::size_t k = 0; k < piece; ++k)
        if (back.data()[k] != std::byte(k * 7 % 251)) throw Wrong(fmt::format("byte {} of {} is another one", k, piece));
    return "the bytes of both parts";
}

/// GB/s of copies from and to the ring, and how much longer both take while the device computes.
std::string Probe::rates() {
    if (!pinned_) throw Wrong("no ring is pinned");
    const std::size_t size = ring_.size(), piece = scale_.piece;
    const Memory there(0, size), back(0, size), sums(0, std::size_t(256) * 256 * sizeof(float));
    const PinnedMemory returned(0, size);
    Queue in(0), out(0), computing(0);
    const auto seconds = [&](bool to, bool from, bool compute_too) {
        std::vector<double> all;
        for (int k = 0; k < scale_.repeats; ++k) {
            for (Queue* queue : {&in, &out, &computing}) finish(*queue);
            const double begin = now_s();
            if (compute_too) compute(computing, 256, scale_.timed ? 2'000'000 : 10, reinterpret_cast<float*>(sums.data()));
            for (std::size_t o = 0; o < size; o += piece) {
                if (to) in.to_device(there.data() + o, ring_.base() + o, std::min(piece, size - o));
                if (from) out.to_host(returned.data() + o, back.data() + o, std::min(piece, size - o));
            }
            for (Queue* queue : {&in, &out}) finish(*queue);
            all.push_back(now_s() - begin);
        }
        for (Queue* queue : {&in, &out, &computing}) finish(*queue);
        return median(all);
    };
    out.zero(back.data(), size);
    finish(out);
    const double in_s = seconds(true, false, false), out_s = seconds(false, true, false), both_s = seconds(true, true, false);
    const double computing_s = seconds(true, true, true), gb = double(size) / 1e9;
    if (scale_.timed && both_s > 0.9 * (in_s + out_s))
        throw Wrong(
            fmt::format("in {:.1f}, out {:.1f}, both at once only {:.1f} GB/s each way", gb / in_s, gb / out_s, gb / both_s));
    return fmt::format("in {:.1f}, out {:.1f}, both at once {:.1f}, beside a kernel {:.1f} GB/s each way, {} MiB pieces",
                       gb / in_s, gb / out_s, gb / both_s, gb / computing_s, piece >> 20);
}

std::string Probe::launches() {
    Queue queue(0);
    std::vector<Fence> fences;
    for (int k = 0; k < scale_.launches; ++k) fences.emplace_back(0);
    nothing(queue);
    finish(queue);
    double begin = now_s();
    for (int k = 0; k < scale_.launches; ++k) nothing(queue);
    const double issue = now_s() - begin;
    finish(queue);
    const double done = now_s() - begin;
    begin = now_s();
    for (Fence& fence : fences) queue.record(fence);
    const double record = now_s() - begin;
    finish(queue);
    begin = now_s();
    for (const Fence& fence : fences)
        if (!fence.done()) throw Wrong("a fence is not done when its queue is");
    const double poll = now_s() - begin, us = 1e6 / scale_.launches;
    return fmt::format("launch {:.2f} us issued, {:.2f} us in a row; fence {:.2f} us recorded, {:.2f} us polled", issue * us,
                       done * us, record * us, poll * us);
}

template <int entries>
double Probe::list_us(Queue& queue, const Memory& ones, Memory& sum) {
    const auto list = std::make_unique<List<entries>>();
    for (auto& at : list->at) at = reinterpret_cast<const unsigned*>(ones.data());
    auto* total = reinterpret_cast<unsigned*>(sum.data());
    queue.zero(sum.data(), sizeof(unsigned));
    add_list(queue, *list, total);
    if (const auto seen = value_at<unsigned>(queue, total); seen != entries)
        throw Wrong(fmt::format("{} of {} entries arrived", seen, entries));
    const double begin = now_s();
    for (int k = 0; k < scale_.launches; ++k) add_list(queue, *list, total);
    finish(queue);
    return (now_s() - begin) * 1e6 / scale_.launches;
}

std::string Probe::lists() {
    Queue queue(0);
    const Memory ones(0, sizeof(unsigned));
    Memory sum(0, sizeof(unsigned));
    const PinnedMemory one(0, sizeof(unsigned));
    const unsigned value = 1;
    std::memcpy(one.data(), &value, sizeof value);
    queue.to_device(ones.data(), one.data(), sizeof value);
    const double small = list_us<500>(queue, ones, sum), large = list_us<4000>(queue, ones, sum);
    return fmt::format("of 4 kB {:.2f} us a launch, of 32 kB {:.2f} us", small, large);
}

/// pread by N threads into the pinned ring.
std::string Probe::reads() {
    if (file_.empty()) return "no file was given: not tried";
    if (!pinned_) throw Wrong("no ring is pinned");
    const int file = open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat found {};
    if (file < 0 || fstat(file, &found) != 0) throw Wrong(file_ + " cannot be read");
    constexpr std::size_t piece = std::size_t(1) << 20;
    const std::size_t total = std::min<std::size_t>(std::size_t(found.st_size), std::size_t(4) << 30) / piece * piece;
    std::string said;
    for (const int threads : {1, 1, 2, 4, 8, 16}) {  // (the first fills the cache)
        const double begin = now_s();
        std::vector<std::thread> pool;
        for (int k = 0; k < threads; ++k)
            pool.emplace_back([&, k] {
                for (std::size_t o = std::size_t(k) * piece; o < total; o += std::size_t(threads) * piece)
                    (void)!pread(file, ring_.base() + o % ring_.size(), std::min(piece, ring_.size()), off_t(o));
            });
        for (auto& thread : pool) thread.join();
        said += fmt::format("{}{} threads {:.1f}", said.empty() ? "" : ", ", threads, double(total) / (now_s() - begin) / 1e9);
    }
    close(file);
    return said + " GB/s from the page cache";
}

/// Another process opens memory of this one by its handle, and reads it.
std::string Probe::handle() {
    const std::size_t size = scale_.piece;
    Queue queue(0);
    const Memory own(0, size);
    number(queue, reinterpret_cast<std::uint64_t*>(own.data()), 77, size / 8);
    finish(queue);
    int pipes[2];
    if (pipe(pipes) != 0) throw Wrong("no pipe");
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipes[0], 0);
        close(pipes[1]);
        execl("/proc/self/exe", "gpu_probe", "--open-handle", nullptr);
        _exit(9);
    }
    close(pipes[0]);
    const Handle handle = own.handle();
    (void)!write(pipes[1], &handle, sizeof handle);
    close(pipes[1]);
    int status = 0;
    waitpid(child, &status, 0);
    if (status != 0) throw Wrong("another process did not find the numbers in it");
    return "another process reads it";
}

/// The other process.
int open_handle() {
    Handle handle;
    if (read(0, &handle, sizeof handle) != ssize_t(sizeof handle)) return 2;
    Queue queue(0);
    const Memory theirs = Memory::open(0, handle), wrong(0, sizeof(unsigned));
    queue.zero(wrong.data(), sizeof(unsigned));
    compare(queue, reinterpret_cast<const std::uint64_t*>(theirs.data()), 77, theirs.size() / 8,
            reinterpret_cast<unsigned*>(wrong.data()));
    return value_at<unsigned>(queue, wrong.data()) == 0 ? 0 : 1;
}

int probe_all(const Scale& scale, const std::string& file) {
    if (const Seen found = seen(); found.count == 0) {
        fmt::print("skipped: {}\n", found.why_none);
        return 77;
    }
    const Properties device = properties(0);
    fmt::print("{}, {} multiprocessors, {:.1f} GiB, pages of {} KiB\n", device.name, device.multiprocessors,
               double(device.memory) / double(1 << 30), device.page >> 10);
    Probe probe(scale, file);
    probe.attempt("memory for another process", [&] { return probe.handle(); });
    probe.attempt("ring on the device", [&] { return probe.ring(); });
    probe.attempt("host ring pinned in place", [&] { return probe.pin(); });
    probe.attempt("its second mapping", [&] { return probe.pin_second_mapping(); });
    probe.attempt("copies across its end", [&] { return probe.wrap(); });
    probe.attempt("copies both ways", [&] { return probe.rates(); });
    probe.attempt("launches and fences", [&] { return probe.launches(); });
    probe.attempt("lists of arguments", [&] { return probe.lists(); });
    probe.attempt("reading by several threads", [&] { return probe.reads(); });
    fmt::print("{}\n", probe.bad() == 0 ? "all is as docs/decisions/025 takes it"
                                        : fmt::format("{} not as docs/decisions/025 takes it", probe.bad()));
    return probe.bad() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace flowspan::device

int main(int argc, char** argv) {
    using namespace flowspan::device;
    Scale scale;
    std::string file;
    for (int k = 1; k < argc; ++k) {
        const std::string word = argv[k];
        if (word == "--open-handle") return open_handle();
        if (word == "--small")
            scale = {std::size_t(1) << 20, std::size_t(128) << 10, 20, 20, 1, false};
        else
            file = word;
    }
    return probe_all(scale, file);
}

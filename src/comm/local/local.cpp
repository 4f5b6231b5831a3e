#include "comm/local/local.hpp"

#include <flowspan/diagnostic.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <unordered_map>

#include <fmt/format.h>

namespace flowspan::comm {
namespace {

/// One send or receive; shared by both sides.
struct Operation {
    int peer = any_rank;  // of a receive: from whom; of a send: who sent it
    Lane lane{};
    std::byte* to = nullptr;          // of a receive
    const std::byte* from = nullptr;  // of a send that is not copied
    std::vector<std::byte> copied;    // of an eager send
    std::size_t bytes = 0;
    Arrived arrived;
    std::atomic<bool> done = false;
    int patience = 0;  // how often `test` still says "not yet"
};

using Shared = std::shared_ptr<Operation>;

/// What has been sent to one rank and not received, and what it waits for.
struct Mailbox {
    std::mutex mutex;
    std::deque<Shared> sent, waiting;
};

struct World {
    explicit World(int ranks, const LocalOptions& o) : options(o), boxes(std::size_t(ranks)), texts(std::size_t(ranks)) {}
    LocalOptions options;
    std::vector<Mailbox> boxes;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> texts, result;
    std::size_t arrived = 0;
    std::uint64_t round = 0;
    std::map<std::pair<std::uint64_t, int>, std::shared_ptr<World>> parts;  // by the how manieth split, and the group
};

bool matches(const Operation& receive, const Operation& send) {
    return receive.lane == send.lane && (receive.peer == any_rank || receive.peer == send.peer);
}

void deliver(Operation& send, Operation& receive) {
    if (send.bytes > receive.bytes) {
        throw Failure(ExitCode::communication,
                      fmt::format("a message of {} bytes came where {} were expected", send.bytes, receive.bytes));
    }
    const std::byte* data = send.from != nullptr ? send.from : send.copied.data();
    if (send.bytes != 0) std::memcpy(receive.to, data, send.bytes);
    receive.arrived = {send.peer, send.bytes};
    send.done.store(true, std::memory_order_release);
    receive.done.store(true, std::memory_order_release);
}

class Local final : public Communicator {
public:
    Local(World& world, int rank)
        : world_(world), rank_(rank), random_(world.options.delay_seed + std::uint64_t(rank) * 7919) {}
    /// A rank of a part, which all its ranks own.
    Local(std::shared_ptr<World> part, int rank) : Local(*part, rank) { part_ = std::move(part); }

    int rank() const override { return rank_; }
    int size() const override { return int(world_.boxes.size()); }
    std::string host() const override {
        char name[256] = {};
        gethostname(name, sizeof name - 1);
        return name;
    }
    std::string library() const override { return "local"; }

    std::string broadcast(const std::string& text) override { return all_gather(text).front(); }

    std::vector<std::string> all_gather(const std::string& text) override {
        std::unique_lock lock(world_.mutex);
        world_.texts[std::size_t(rank_)] = text;
        const std::uint64_t round = world_.round;
        if (++world_.arrived == world_.texts.size()) {
            world_.arrived = 0;
            world_.result = world_.texts;
            ++world_.round;
            world_.changed.notify_all();
        } else {
            world_.changed.wait(lock, [&] { return world_.round != round; });
        }
        return world_.result;
    }

    std::unique_ptr<Communicator> split(int group) override {
        const std::vector<std::string> groups = all_gather(std::to_string(group));
        const std::uint64_t number = splits_++;
        if (group < 0) return nullptr;
        const auto own = groups.begin() + rank_;
        const auto before = std::count(groups.begin(), own, *own);
        const std::lock_guard lock(world_.mutex);
        auto& part = world_.parts[{number, group}];
        if (part == nullptr)
            part = std::make_shared<World>(int(std::count(groups.begin(), groups.end(), *own)), world_.options);
        return std::make_unique<Local>(part, int(before));
    }

    Request send(int to, Lane lane, const void* data, std::size_t bytes) override {
        return post_send(to, lane, data, bytes, bytes <= world_.options.eager_bytes);
    }
    Request send_synchronous(int to, Lane lane, const void* data, std::size_t bytes) override {
        return post_send(to, lane, data, bytes, false);
    }

    Request receive(int from, Lane lane, void* data, std::size_t bytes) override {
        auto op = make(from, lane, bytes);
        op->to = static_cast<std::byte*>(data);
        Mailbox& box = world_.boxes[std::size_t(rank_)];
        const std::lock_guard lock(box.mutex);
        const auto it = std::find_if(box.sent.begin(), box.sent.end(), [&](const Shared& s) { return matches(*op, *s); });
        if (it == box.sent.end()) {
            box.waiting.push_back(op);
        } else {
            deliver(**it, *op);
            box.sent.erase(it);
        }
        return Request(keep(std::move(op)));
    }

    bool test(Request& request, Arrived* arrived) override {
        if (!request) return true;
        auto* shared = static_cast<Shared*>(request.handle());
        Operation& op = **shared;
        if (!op.done.load(std::memory_order_acquire)) return false;
        if (op.patience > 0) {
            --op.patience;
            return false;
        }
        if (arrived != nullptr) *arrived = op.arrived;
        let_go(shared);
        request.handle() = nullptr;
        return true;
    }

    bool cancel(Request& request) override {
        if (!request) return true;
        auto* shared = static_cast<Shared*>(request.handle());
        Mailbox& box = world_.boxes[std::size_t(rank_)];
        const std::lock_guard lock(box.mutex);
        const auto it = std::find(box.waiting.begin(), box.waiting.end(), *shared);
        const bool waited = it != box.waiting.end();
        if (waited) box.waiting.erase(it);
        let_go(shared);
        request.handle() = nullptr;
        return waited;
    }

    bool anything_unreceived() override {
        Mailbox& box = world_.boxes[std::size_t(rank_)];
        const std::lock_guard lock(box.mutex);
        return !box.sent.empty();
    }

    void abort(int code) override { std::_Exit(code); }

private:
    // Who throws, or leaves, does not look at its requests any more.
    void* keep(Shared op) {
        auto owned = std::make_unique<Shared>(std::move(op));
        Shared* const handle = owned.get();
        open_.emplace(handle, std::move(owned));
        return handle;
    }
    void let_go(Shared* handle) { open_.erase(handle); }
    Shared make(int peer, Lane lane, std::size_t bytes) {
        auto op = std::make_shared<Operation>();
        op->peer = peer;
        op->lane = lane;
        op->bytes = bytes;
        if (world_.options.delay_seed != 0) op->patience = int(random_() % 11);
        return op;
    }

    Request post_send(int to, Lane lane, const void* data, std::size_t bytes, bool eager) {
        auto op = make(rank_, lane, bytes);
        const auto* from = static_cast<const std::byte*>(data);
        Mailbox& box = world_.boxes[std::size_t(to)];
        const std::lock_guard lock(box.mutex);
        op->from = from;
        const auto it = std::find_if(box.waiting.begin(), box.waiting.end(), [&](const Shared& r) { return matches(*r, *op); });
        if (it != box.waiting.end()) {
            const Shared waiting = *it;
            box.waiting.erase(it);
            deliver(*op, *waiting);
        } else {
            if (eager) {
                op->copied.assign(from, from + bytes);
                op->from = nullptr;
                op->done = true;
            }
            box.sent.push_back(op);
        }
        return Request(keep(std::move(op)));
    }

    World& world_;
    std::shared_ptr<World> part_;  // the same, where it is one
    int rank_;
    std::uint64_t splits_ = 0;
    std::minstd_rand random_;
    std::unordered_map<Shared*, std::unique_ptr<Shared>> open_;
};

struct Single final : Communicator {
    World world{1, {}};
    Local local{world, 0};
    int rank() const override { return 0; }
    int size() const override { return 1; }
    std::string host() const override { return local.host(); }
    std::string library() const override { return "none (one rank)"; }
    std::string broadcast(const std::string& text) override { return text; }
    std::vector<std::string> all_gather(const std::string& text) override { return {text}; }
    std::unique_ptr<Communicator> split(int group) override { return group < 0 ? nullptr : std::make_unique<Single>(); }
    Request send(int to, Lane lane, const void* data, std::size_t bytes) override { return local.send(to, lane, data, bytes); }
    Request send_synchronous(int to, Lane lane, const void* data, std::size_t bytes) override {
        return local.send_synchronous(to, lane, data, bytes);
    }
    Request receive(int from, Lane lane, void* data, std::size_t bytes) override {
        return local.receive(from, lane, data, bytes);
    }
    bool test(Request& request, Arrived* arrived) override { return local.test(request, arrived); }
    bool cancel(Request& request) override { return local.cancel(request); }
    bool anything_unreceived() override { return local.anything_unreceived(); }
    void abort(int code) override { std::_Exit(code); }
};

}  // namespace

void run_local(int ranks, const std::function<void(Communicator&)>& body, const LocalOptions& options) {
    World world(ranks, options);
    std::exception_ptr first;
    std::mutex mutex;
    std::vector<std::thread> threads;
    threads.reserve(std::size_t(ranks));
    for (int rank = 0; rank < ranks; ++rank) {
        threads.emplace_back([&, rank] {
            try {
                Local communicator(world, rank);
                body(communicator);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!first) first = std::current_exception();
            }
        });
    }
    for (std::thread& t : threads) t.join();
    if (first) std::rethrow_exception(first);
}

std::unique_ptr<Communicator> single_rank() { return std::make_unique<Single>(); }

}  // namespace flowspan::comm

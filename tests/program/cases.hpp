// Programs of many ranks, a case each: every rank runs the same, as programs of users do. A case says on rank 0 what it found,
// the same at any number of ranks, and throws when something does not hold.
#pragma once

#include <flowspan/block.hpp>
#include <flowspan/program.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

namespace flowspan::program_cases {

// Of control.cpp.
void hold(Session& session);
void ask(Session& session);
void watch(Session& session);
void typed(Session& session);
// Of messages.cpp.
void messages(Session& session);
// Of mistakes.cpp.
void mismatch(Session& session);
void construction(Session& session);
// Of ends.cpp.
void early(Session& session);
void leave(Session& session);
void throws(Session& session);
void stop(Session& session);
// Of throwing.cpp.
void mistakes(Session& session);
void one(Session& session);
void midway(Session& session);
void failing(Session& session);
void crash(Session& session);
void odd(Session& session);
// Of waits.cpp.
void slow(Session& session);
void stuck(Session& session);

// ---- What they share -------------------------------------------------------------------------------------------------------

[[noreturn]] void wrong(const Session& session, const std::string& what);
void expect(const Session& session, bool holds, const std::string& what);
void expect_done(const Session& session, const Outcome& o);
void say(const Session& session, const std::string& line);
std::uint64_t hash(const void* data, std::size_t bytes, std::uint64_t h = 0xcbf29ce484222325U);

/// What `f` throws, in words.
template <class F>
std::string refused(F f) {
    try {
        f();
    } catch (const std::exception& e) { return e.what(); }
    return "nothing was refused";
}

/// Each sample is its index, real; as long as it is told.
struct Counter final : Block {
    Parameter<std::int64_t> length{*this, "length", {.initial = 1000}};
    Output<f32> out{*this, "out"};
    void describe() override {
        StreamDescription d;
        d.sample_rate = Rational(1000);
        out.describe(d);
        total(std::uint64_t(length.get()));
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) out[std::ptrdiff_t(k)] = f32((out.index() + k) % 4096);
    }
};

/// Sends a message for every tenth sample, of sizes from nothing to some kilobytes.
struct Sender final : Block {
    Parameter<int> seed{*this, "seed", {.initial = 1}};
    Input<f32> in{*this, "in"};
    MessageOutput said{*this, "said"};
    void describe() override {}
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint64_t index = in.index() + k;
            if (index % 10 != 0) continue;
            const std::uint64_t size = (index * 2654435761U + std::uint64_t(seed.get()) * 97) % 997;
            said.send(index,
                      Value::Map{{"from", seed.get()}, {"index", index}, {"text", std::string(size * size % 3001, 'x')}});
        }
    }
};

/// Receives in order, and keeps count and a hash of all of it.
struct Listener final : Block {
    MessageInput in{*this, "in"};
    MessageOutput passed{*this, "passed"};
    Reading<std::int64_t> count{*this, "count", {.help = "Messages so far."}};
    Command<std::string()> digest{*this, "digest", {.changes = false, .help = "Of all messages."}, [this] {
                                      return std::to_string(messages_) + " " + std::to_string(hash_);
                                  }};
    void describe() override {}
    void receive(MessageInput&, const Message& m) override {
        const std::string line = m.stamp.text() + m.value.json();
        hash_ = hash(line.data(), line.size(), hash_);
        ++messages_;
        if (messages_ % 1000 == 0) count.update(std::uint64_t(messages_), messages_);
        passed.send(Value(double(messages_ % 7)));
    }
    Value results() const override { return Value::Map{{"messages", messages_}, {"hash", std::to_string(hash_)}}; }
    std::uint64_t hash_ = 0xcbf29ce484222325U;
    std::int64_t messages_ = 0;
};

/// source -> first -> gain -> second -> sink, on the first, the middle and the last rank.
struct Line {
    BlockProxy source, first, gain, second, sink;
};

Line line(Session& session, Graph& graph, std::int64_t length);
/// Begins the run, and returns when the gain stands before sample 1234.
void start_held(Graph& graph, const Line& l, const RunOptions& options = {});

}  // namespace flowspan::program_cases

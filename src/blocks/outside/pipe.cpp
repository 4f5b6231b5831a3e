#include <flowspan/flowspan.hpp>

#include "blocks/outside/program.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace flowspan {
namespace {

/// "3", "1/10", "0.25" as a ratio of numbers up to 2^20.
std::optional<Rational> ratio_of(const std::string& text) {
    const auto number = [](const std::string& one) -> std::optional<double> {
        std::size_t end = 0;
        try {
            const double value = std::stod(one, &end);
            if (end == one.size() && value > 0) return value;
        } catch (const std::exception&) {}
        return std::nullopt;
    };
    const std::size_t slash = text.find('/');
    const auto above = number(text.substr(0, slash)), below = slash == std::string::npos ? 1.0 : number(text.substr(slash + 1));
    if (!above || !below) return std::nullopt;
    const Rational ratio = Rational::nearest(*above / *below, 1 << 20);
    constexpr std::int64_t most = 1 << 20;
    return ratio.numerator() >= 1 && ratio.numerator() <= most ? std::optional(ratio) : std::nullopt;
}

// A program of the user's own within the graph: it reads raw items on its stdin and writes raw items on its stdout, until each
// ends.
//
// Item k that it writes stands for item k / ratio that it has read, whenever it comes. Items that come earlier than the ratio
// allows wait; what comes beyond it, at the end, stands for the last. The program may write when it likes, all of it at the
// end, too: `held` items are not released before, so that there are calls enough to take it. Each stretch of the stream has a
// run of its own.
struct Pipe final : Block {
    Parameter<std::vector<std::string>> command{
        *this,
        "command",
        {.help = "The program and its arguments: [python3, demodulate.py]. With `shell: true` one line for /bin/sh."}};
    Parameter<bool> shell{*this, "shell", {.initial = false, .help = "Whether /bin/sh runs the command."}};
    Parameter<SampleType> input{
        *this,
        "input",
        {.optional = true, .help = "What the program expects to read: another type is refused before the run."}};
    Parameter<SampleType> output{*this, "output", {.optional = true, .help = "What it writes; default: what it reads."}};
    Parameter<std::string> ratio_text{
        *this, "ratio", {.initial = "1", .help = "How many items it writes for each that it reads: 1, 1/10, 2."}};
    Parameter<int> framing{
        *this,
        "framing",
        {.unit = sample,
         .initial = 0,
         .min = 0,
         .max = 1 << 20,
         .help = "Items of a frame: the program gets the next one when it has written what `ratio` makes of the last. "
                 "0: it reads and writes as it likes."}};
    Input<Any> in{*this, "in"};
    Output<Any> out{*this, "out"};

    void describe() override {
        if (command->empty() || command->front().empty()) command.refuse("a program");
        if (shell && command->size() > 1) command.refuse("one line for the shell");
        const auto given = ratio_of(ratio_text);
        if (!given) ratio_text.refuse("a ratio of numbers from 1 to 1048576, such as 1/10");
        ratio_ = *given;
        const StreamDescription& stream = in.description();
        if (input.given() && input.get() != stream.type)
            input.refuse(fmt::format("{}, which comes", name_of(stream.type)), {}, "`convert` before it changes the type");
        if (framing > 0 && (Rational(framing.get()) * ratio_).denominator() != 1)
            framing.refuse("a number of items of which `ratio` makes whole ones");
        data_dependent();
        memory(Memory::unbounded, "whatever the program remembers");
        ratio({.interpolation = std::uint64_t(ratio_.numerator()), .decimation = std::uint64_t(ratio_.denominator())});
        in.need(held() + 1, 2 * held());
        out.room(room());
        StreamDescription d = stream.as(output.given() ? output.get() : stream.type);
        if (!is_complex(d.type)) d = is_complex(stream.type) ? d.baseband() : d;
        d.length.reset();
        out.describe(d);
        holds(4 * most_unsent);
        cost(10);
    }

    void work(std::size_t n) override {
        if (!program_) start();
        const bool ends = n <= held();
        give(n, ends);
        do { take(ends ? 1000 : 0); } while (ends && n <= 1 && !finished_ && came() < room());
        const std::size_t released = released_of(n, ends);
        in.consume(released);
        out.produce(put(released, ends && released == n));
        if (ends && released == n && !came_.empty()) complain();
    }
    void restart() override { program_.reset(); }
    Value results() const override {
        return Value::Map{{"programs", programs_}, {"not_read", std::int64_t(not_read_)}, {"reproducibility", "not checked"}};
    }

private:
    static constexpr std::size_t most_unsent = std::size_t{1} << 22;  // bytes
    std::size_t held() const {
        const std::size_t items = std::clamp<std::size_t>((std::size_t{1} << 20) / in.description().item_size(), 64, 65536);
        return std::max(items, std::size_t(framing.get()));
    }
    std::size_t room() const { return std::size_t(std::ceil(double(held()) * std::max(1.0, ratio_.value()))); }
    std::size_t capacity() const { return 2 * room(); }

    void start() {
        const StreamDescription& stream = in.description();
        blocks::Program::Environment environment{{"FLOWSPAN_INPUT", std::string(name_of(stream.type))},
                                                 {"FLOWSPAN_OUTPUT", std::string(name_of(out.description().type))}};
        if (stream.sample_rate) environment.emplace("FLOWSPAN_SAMPLE_RATE", fmt::format("{}", stream.rate_hz()));
        if (stream.center_frequency)
            environment.emplace("FLOWSPAN_CENTER_FREQUENCY", fmt::format("{}", *stream.center_frequency));
        program_ = std::make_unique<blocks::Program>(command, shell, environment,
                                                     [this](const std::string& line) { warn("stderr: " + line); });
        ++programs_;
        finished_ = false;
        next_ = in.index();
        put_ = released_ = 0;
        came_.clear();
    }

    /// What the program has not got yet, as much as may wait for it, or frame by frame.
    void give(std::size_t n, bool ends) {
        const std::uint64_t end = in.index() + n;
        const auto frame = std::size_t(framing.get());
        if (frame == 0) {
            while (program_->unsent() >= most_unsent && !finished_ && came() < capacity()) take(100);
            write(std::size_t(end - next_));
        } else {
            const auto answer = std::size_t(std::llround(double(frame) * ratio_.value()));
            while (end - next_ >= frame && came() + answer <= capacity()) {
                write(frame);
                for (const std::size_t wanted = came() + answer; !finished_ && came() < wanted;) take(1000);
            }
            if (ends && end - next_ < frame) write(std::size_t(end - next_));
        }
        if (ends && next_ == end) program_->end_input();
    }
    void write(std::size_t count) {
        const std::size_t bytes = in.description().item_size();
        if (program_->ended())
            not_read_ += count;
        else
            program_->write({in.item(std::ptrdiff_t(next_) - std::ptrdiff_t(in.index())), count * bytes});
        next_ += count;
    }
    void take(int wait_ms) {
        const std::size_t known = came_.size(), most = capacity() * out.description().item_size();
        if (finished_ || known >= most) return;
        came_.resize(most);
        came_.resize(known + program_->move(std::span(came_).subspan(known), std::chrono::milliseconds(wait_ms)));
        if (!program_->ended()) return;
        not_read_ += program_->refused() / in.description().item_size();
        program_->finish();
        finished_ = true;
    }
    /// Items that have come whole.
    std::size_t came() const { return came_.size() / out.description().item_size(); }
    /// At an end: all that was given, or so that `held` items are left behind it.
    std::size_t released_of(std::size_t n, bool ends) const {
        const auto given = std::size_t(next_ - in.index());
        if (!ends) return std::min(given, n - held());
        if (!finished_) return std::min<std::size_t>(given, 1);
        if (came() <= room() || n <= 1) return n;
        return std::min(n - 1, std::max<std::size_t>(1, std::size_t(double(room()) / ratio_.value())));
    }
    /// Items that `ratio` makes of what is released, so that tags of these are with them; at the very end all.
    std::size_t put(std::size_t released, bool all) {
        const std::size_t bytes = out.description().item_size();
        released_ += released;
        const auto due = std::uint64_t(std::floor(double(released_) * ratio_.value() + 1e-9));
        std::size_t count = std::min(came(), room());
        if (!all) count = std::min<std::size_t>(count, due > put_ ? due - put_ : 0);
        std::memcpy(out.item(), came_.data(), count * bytes);
        for (std::size_t k = 0; k < count && released > 0; ++k)
            if (put_ + k >= due) out.at(k, in.index() + released - 1, 0);
        came_.erase(came_.begin(), came_.begin() + std::ptrdiff_t(count * bytes));
        put_ += count;
        return count;
    }
    void complain() {
        if (came() > 0) throw Failure(ExitCode::block, "`command` writes more items than `ratio` tells of");
        warn(fmt::format("{} bytes behind the last whole item are left out", came_.size()));
    }

    std::unique_ptr<blocks::Program> program_;
    Rational ratio_{1};
    std::uint64_t next_ = 0;                // item that it has not been given yet
    std::uint64_t released_ = 0, put_ = 0;  // items of this program: that came in, and left
    std::vector<std::byte> came_;
    bool finished_ = false;
    std::int64_t programs_ = 0;
    std::uint64_t not_read_ = 0;  // items
};

}  // namespace

void register_pipe(Registry& r) {
    r.add<Pipe>("pipe",
                "Passes items through a program of your own: raw items on its stdin, raw items on its stdout. What it writes "
                "to stderr is "
                "logged; an exit code other than 0 fails the run. Whether it does the same each time is not checked.",
                "command: [cat]");
}

}  // namespace flowspan

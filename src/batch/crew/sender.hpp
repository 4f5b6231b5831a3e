// Products of a host that does not see the batch's OUT, on their way to rank 0 (`--collect`): this rank's side.
// docs/batches.md.
#pragma once

#include "batch/work/compute.hpp"
#include "io/writing/thread.hpp"
#include "run/star/control_star.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace flowspan::batch {

/// What a rank has to give: an answer, whose parts are named as they will be in OUT, and the XXH3-128 of each.
struct Offer {
    Answer answer;
    std::vector<std::string> hashes;
    Value value() const;
    static Offer from(const Value& v);
};

/// A piece of a part that rank 0 wants, and gets: `bytes`, or why there are none.
struct Piece {
    std::string run;
    std::size_t part = 0;
    std::uint64_t offset = 0, size = 0;
    std::string bytes{}, trouble{};
    Value value() const;
    static Piece from(const Value& v);
};
inline constexpr std::uint64_t piece_bytes = std::uint64_t(1) << 20;

/// Products are made below `own`, and are named in `out`. Only what rank 0 asks for is read.
class Sender {
public:
    Sender(io::Thread& io, std::string own, std::string out) : io_(io), own_(std::move(own)), out_(std::move(out)) {}
    /// To rank 0.
    using Send = std::function<void(run::Word word, const Value& content)>;

    /// Where a unit's products are made here.
    std::string here(const std::string& path) const { return moved(path, out_, own_); }
    void offer(Answer answer);
    /// `want` and `taken`; false: it is for somebody else.
    bool take(const run::ControlMessage& message);
    void turn(const Send& send);
    bool idle() const { return jobs_.empty() && kept_.empty(); }

private:
    struct Job {
        Step step;
        std::shared_ptr<Offer> offer{};
        std::shared_ptr<Piece> piece{};
    };
    static std::string moved(const std::string& path, const std::string& from, const std::string& to);
    io::Thread& io_;
    std::string own_, out_;
    std::deque<Job> jobs_;
    std::map<std::string, std::vector<MadePart>> kept_;  // here, by attempt
};

}  // namespace flowspan::batch

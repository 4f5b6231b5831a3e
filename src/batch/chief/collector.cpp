#include "batch/chief/collector.hpp"

#include "core/mistakes/failure_of.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/digest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

/// A part that grows. Throws Failure.
class Growing {
public:
    explicit Growing(const std::string& path) : path_(path) {
        io::make_folder(io::folder_of(path));
        descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor_ < 0) throw file_failure("create", path, errno);
    }
    Growing(const Growing&) = delete;
    Growing& operator=(const Growing&) = delete;
    ~Growing() { ::close(descriptor_); }
    void add(const std::string& bytes) {
        for (std::size_t put = 0; put < bytes.size();) {
            const ssize_t n = ::write(descriptor_, bytes.data() + put, bytes.size() - put);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) throw file_failure("write", path_, errno);
            put += std::size_t(n);
        }
        hash_.add(std::as_bytes(std::span(bytes)));
    }
    void end(const std::string& hash) const {
        if (::fsync(descriptor_) != 0) throw file_failure("make durable", path_, errno);
        if (hash_.finish() != hash)
            throw Failure(ExitCode::communication, fmt::format("{} is not what was sent: its XXH3-128 is another", path_));
    }

private:
    std::string path_;
    int descriptor_ = -1;
    io::Xxh128 hash_;
};

}  // namespace

/// A unit whose parts come: pieces are asked for in their order, come and are written in it.
class Collector::Incoming {
public:
    Incoming(int rank, Offer offer) : rank_(rank), offer_(std::move(offer)) {
        if (offer_.answer.what == Answer::What::failed) trouble_ = offer_.answer.cause;
        skip_what_lies_there();
    }
    int rank() const { return rank_; }
    const std::string& run() const { return offer_.answer.run; }

    /// What is to be asked for now. Of an empty part a piece without bytes.
    std::optional<Piece> next() {
        if (!trouble_.empty() || wants_ >= most_pieces || part_ >= parts().size()) return std::nullopt;
        Piece piece{run(), part_, offset_, std::min(piece_bytes, parts()[part_].bytes - offset_)};
        offset_ += piece.size;
        ++wants_;
        if (offset_ == parts()[part_].bytes) {
            ++part_;
            offset_ = 0;
            skip_what_lies_there();
        }
        return piece;
    }
    void take(const Piece& piece, io::Thread& io) {
        if (trouble_.empty()) trouble_ = piece.trouble;
        if (trouble_.empty() && piece.bytes.size() != piece.size) trouble_ = "a piece of another size came";
        if (!trouble_.empty()) return void(--wants_);
        const MadePart& part = parts().at(piece.part);
        const bool last = piece.offset + piece.size == part.bytes;
        jobs_.push_back(io.submit([open = open_, path = part.part, first = piece.offset == 0, last, bytes = piece.bytes,
                                   hash = offer_.hashes.at(piece.part)] {
            if (first) *open = std::make_unique<Growing>(path);
            if (*open == nullptr) return;  // an earlier piece has failed
            std::unique_ptr<Growing> file = std::move(*open);
            file->add(bytes);
            if (last)
                file->end(hash);
            else
                *open = std::move(file);
        }));
    }
    /// All is written, or nothing more comes of it.
    bool over(io::Thread& io) {
        for (; !jobs_.empty(); jobs_.pop_front()) {
            try {
                if (jobs_.front().token != nullptr && !jobs_.front().token->ready()) return false;
            } catch (const std::exception& e) {
                if (trouble_.empty()) trouble_ = failure_of(e).what();
            }
            if (!clears_) --wants_;
        }
        if (wants_ > 0) return false;
        if (trouble_.empty()) return part_ >= parts().size();
        if (std::exchange(clears_, true)) return true;
        jobs_.push_back(io.submit([open = open_, all = parts()] {
            open->reset();
            for (const MadePart& part : all)
                if (part.part != part.path) ::unlink(part.part.c_str());
        }));
        return false;
    }
    Answer answer() {
        Answer& answer = offer_.answer;
        if (!trouble_.empty() && answer.what != Answer::What::failed) {
            answer.what = Answer::What::failed;
            answer.cause = trouble_;
            answer.code = ExitCode::file;
        }
        return std::move(answer);
    }

private:
    const std::vector<MadePart>& parts() const { return offer_.answer.parts; }
    void skip_what_lies_there() {  // FIFOs, devices
        while (part_ < parts().size() && parts()[part_].part == parts()[part_].path) ++part_;
    }

    int rank_;
    Offer offer_;
    std::shared_ptr<std::unique_ptr<Growing>> open_ = std::make_shared<std::unique_ptr<Growing>>();  // the I/O thread's
    std::size_t part_ = 0, wants_ = 0;                                                               // to be asked for; asked
    std::uint64_t offset_ = 0;
    std::deque<Step> jobs_;
    std::string trouble_;
    bool clears_ = false;
};

Collector::Collector(io::Thread& io, Send send) : io_(io), send_(std::move(send)) {}
Collector::~Collector() = default;

bool Collector::take(const run::ControlMessage& message) {
    if (message.word == run::Word::offer) {
        waiting_.push_back(std::make_shared<Incoming>(message.from, Offer::from(message.content)));
        return true;
    }
    if (message.word != run::Word::piece) return false;
    const Piece piece = Piece::from(message.content);
    for (const auto& unit : active_)
        if (unit->rank() == message.from && unit->run() == piece.run) unit->take(piece, io_);
    return true;
}

std::vector<std::pair<int, Answer>> Collector::turn() {
    for (; active_.size() < most_at_once && !waiting_.empty(); waiting_.pop_front()) active_.push_back(waiting_.front());
    std::vector<std::pair<int, Answer>> here;
    for (auto unit = active_.begin(); unit != active_.end();) {
        while (const auto piece = (*unit)->next()) send_((*unit)->rank(), run::Word::want, piece->value());
        if (!(*unit)->over(io_)) {
            ++unit;
            continue;
        }
        send_((*unit)->rank(), run::Word::taken, (*unit)->run());
        here.emplace_back((*unit)->rank(), (*unit)->answer());
        unit = active_.erase(unit);
    }
    return here;
}

}  // namespace flowspan::batch

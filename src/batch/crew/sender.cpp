#include "batch/crew/sender.hpp"

#include "core/mistakes/failure_of.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/digest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

/// Throws Failure, also where the file ends before.
std::string read_piece(const std::string& path, std::uint64_t offset, std::uint64_t size) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw file_failure("read", path, errno);
    std::string bytes(std::size_t(size), '\0');
    std::size_t got = 0;
    int error = 0;
    while (got < bytes.size()) {
        const ssize_t n = ::pread(descriptor, bytes.data() + got, bytes.size() - got, off_t(offset + got));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            error = n < 0 ? errno : EIO;
            break;
        }
        got += std::size_t(n);
    }
    ::close(descriptor);
    if (error != 0) throw file_failure("read", path, error);
    return bytes;
}

void remove_all(const std::vector<MadePart>& parts) {
    for (const MadePart& part : parts) {
        if (part.part == part.path) continue;
        ::unlink(part.part.c_str());
        ::rmdir(io::folder_of(part.part).c_str());
    }
}

}  // namespace

Value Offer::value() const {
    return Value::Map{{"answer", answer.value()}, {"hashes", Value::List(hashes.begin(), hashes.end())}};
}

Offer Offer::from(const Value& v) {
    Offer offer{Answer::from(v.at("answer")), {}};
    for (const Value& hash : v.at("hashes").list()) offer.hashes.push_back(hash.string());
    return offer;
}

Value Piece::value() const {
    return Value::List{run, std::int64_t(part), std::int64_t(offset), std::int64_t(size), bytes, trouble};
}

Piece Piece::from(const Value& v) {
    const Value::List& l = v.list();
    return {l.at(0).string(),
            std::size_t(l.at(1).integer()),
            std::uint64_t(l.at(2).integer()),
            std::uint64_t(l.at(3).integer()),
            l.at(4).string(),
            l.at(5).string()};
}

std::string Sender::moved(const std::string& path, const std::string& from, const std::string& to) {
    return path.starts_with(from + "/") ? to + path.substr(from.size()) : path;
}

void Sender::offer(Answer answer) {
    auto offer = std::make_shared<Offer>(Offer{std::move(answer), {}});
    kept_[offer->answer.run] = offer->answer.parts;
    Step step = io_.submit([offer] {
        for (const MadePart& part : offer->answer.parts)
            offer->hashes.push_back(part.part == part.path ? "" : io::xxh128_of(part.part));
    });
    jobs_.push_back({std::move(step), std::move(offer), nullptr});
}

bool Sender::take(const run::ControlMessage& message) {
    if (message.word == run::Word::want) {
        auto piece = std::make_shared<Piece>(Piece::from(message.content));
        const auto kept = kept_.find(piece->run);
        const std::string path = kept == kept_.end() ? "" : kept->second.at(piece->part).part;
        Step step = io_.submit([piece, path] {
            try {
                piece->bytes = read_piece(path, piece->offset, piece->size);
            } catch (const std::exception& e) { piece->trouble = failure_of(e).what(); }
        });
        jobs_.push_back({std::move(step), nullptr, std::move(piece)});
        return true;
    }
    if (message.word != run::Word::taken) return false;
    const auto kept = kept_.find(message.content.string());
    if (kept == kept_.end()) return true;
    jobs_.push_back({io_.submit([parts = std::move(kept->second)] { remove_all(parts); })});
    kept_.erase(kept);
    return true;
}

// Jobs end in the order in which they were given.
void Sender::turn(const Send& send) {
    while (!jobs_.empty()) {
        Job& job = jobs_.front();
        std::string trouble;
        try {
            if (job.step.token != nullptr && !job.step.token->ready()) return;
        } catch (const std::exception& e) { trouble = failure_of(e).what(); }
        if (job.piece != nullptr) send(run::Word::piece, job.piece->value());
        if (job.offer != nullptr) {
            Answer& answer = job.offer->answer;
            for (MadePart& part : answer.parts) part = {moved(part.path, own_, out_), moved(part.part, own_, out_), part.bytes};
            if (!trouble.empty()) {
                answer.what = Answer::What::failed;
                answer.cause = trouble;
                answer.code = ExitCode::file;
            }
            send(run::Word::offer, job.offer->value());
        }
        jobs_.pop_front();
    }
}

}  // namespace flowspan::batch

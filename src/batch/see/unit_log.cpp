#include "batch/see/unit_log.hpp"

#include "batch/journal/files.hpp"
#include "batch/journal/lines/kinds.hpp"
#include "batch/journal/lines/line.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/mistakes/sane.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <ctime>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

using namespace std::chrono_literals;

constexpr auto kept_back = 1s;
constexpr std::size_t most_kept_back = std::size_t{1} << 16, most_shown = 4096;
constexpr int file_flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

std::string file_of(const std::string& name) { return name + ".jsonl"; }
std::string index_of(const std::string& name) { return name + ".index"; }

class File {
public:
    File(const OwnFolder& folder, const std::string& name, int flags)
        : path_(folder.path_of(name)), descriptor_(::openat(folder.descriptor(), name.c_str(), flags | file_flags, 0666)) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    int get() const { return descriptor_; }
    std::uint64_t size() const {
        struct stat status {};
        return descriptor_ >= 0 && ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode) ? std::uint64_t(status.st_size)
                                                                                                 : 0;
    }
    void write(const std::string& text) const {
        if (descriptor_ < 0) throw file_failure("create", path_, errno);
        for (std::size_t put = 0; put < text.size();) {
            const ssize_t n = ::write(descriptor_, text.data() + put, text.size() - put);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) throw file_failure("write", path_, n < 0 ? errno : EIO);
            put += std::size_t(n);
        }
    }
    std::string read(std::uint64_t at, std::size_t bytes) const {
        std::string text(bytes, '\0');
        std::size_t got = 0;
        while (got < bytes) {
            const ssize_t n = ::pread(descriptor_, text.data() + got, bytes - got, off_t(at + got));
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) break;
            got += std::size_t(n);
        }
        text.resize(got);
        return text;
    }

private:
    std::string path_;
    int descriptor_;
};

/// An index line: "RUN OFFSET BYTES\n".
void put(const std::string& out, const std::string& name, const std::vector<std::pair<std::string, std::string>>& lines) {
    const OwnFolder folder = OwnFolder::open(out);
    constexpr int flags = O_WRONLY | O_CREAT | O_APPEND;
    const File file(folder, file_of(name), flags), index(folder, index_of(name), flags);
    for (const auto& [run, text] : lines) {
        const std::uint64_t at = file.size();
        file.write(text);
        index.write(fmt::format("{} {} {}\n", run, at, text.size()));
    }
}

struct Stretch {
    std::uint64_t at = 0, bytes = 0;
};

/// Of an attempt by the index, and behind what the index knows.
std::vector<Stretch> stretches(const File& index, const std::string& run, std::uint64_t size) {
    std::vector<Stretch> found;
    std::uint64_t known = 0;
    constexpr std::size_t piece = std::size_t{1} << 18;
    std::string begun;
    for (std::uint64_t at = 0, all = index.size(); at < all; at += piece) {
        begun += index.read(at, std::size_t(std::min<std::uint64_t>(piece, all - at)));
        std::size_t line = 0;
        for (std::size_t end = begun.find('\n'); end != std::string::npos; line = end + 1, end = begun.find('\n', line)) {
            Stretch s;
            const std::size_t space = begun.find(' ', line);
            const char* const last = begun.data() + end;
            if (space >= end) continue;
            const auto [then, wrong] = std::from_chars(begun.data() + space + 1, last, s.at);
            if (wrong != std::errc() || then == last || *then != ' ') continue;
            if (std::from_chars(then + 1, last, s.bytes).ec != std::errc() || s.at > size || s.bytes > size - s.at) continue;
            known = std::max(known, s.at + s.bytes);
            if (std::string_view(begun).substr(line, space - line) == run) found.push_back(s);
        }
        begun.erase(0, line);
    }
    if (known < size) found.push_back({known, size - known});
    return found;
}

}  // namespace

std::string log_name(int part, std::uint32_t start, int rank) { return fmt::format("log-{}-{:04}-{}", part, start, rank); }

void UnitLog::add(const std::string& run, const run::LogLine& line) {
    if (name_.empty() || failed_) return;
    if (run != run_) flush();
    if (text_.empty()) first_ = Clock::now();
    run_ = run;
    Value::Map v{{"time", line::now_s()}, {"run", run}, {"level", std::string(name_of(line.level))}, {"text", line.text}};
    if (!line.block.empty()) v["block"] = line.block;
    if (line.count > 1) v["count"] = std::int64_t(line.count);
    text_ += tellable(Value(std::move(v))).json() + "\n";
    if (text_.size() > most_kept_back) flush();
}

void UnitLog::flush() {
    if (!text_.empty()) ready_.emplace_back(run_, std::exchange(text_, {}));
}

std::string UnitLog::turn(Clock::time_point now) {
    std::string said;
    if (job_) {
        try {
            if (job_->token != nullptr && !job_->token->ready()) return said;
        } catch (const std::exception& e) {
            failed_ = true;
            said = fmt::format("{}: what units say is kept no more", failure_of(e).what());
            ready_.clear();
            text_.clear();
        }
        job_.reset();
    }
    if (!text_.empty() && (ended_ || now - first_ >= kept_back)) flush();
    ended_ = false;
    if (!ready_.empty())
        job_ = io_.submit([out = out_, name = name_, lines = std::exchange(ready_, {})] { put(out, name, lines); });
    return said;
}

std::vector<std::string> read_log(const std::string& out, const std::string& name, const std::string& run, std::size_t most) {
    std::vector<std::string> lines;
    try {
        const auto folder = OwnFolder::find(out);
        if (!folder) return lines;
        const File file(*folder, file_of(name), O_RDONLY), index(*folder, index_of(name), O_RDONLY);
        std::size_t taken = 0;
        const std::string mark = fmt::format("\"run\":\"{}\"", run);
        for (const Stretch& s : stretches(index, run, file.size())) {
            std::string text = file.read(s.at, std::size_t(std::min<std::uint64_t>(s.bytes, std::uint64_t{16} << 20)));
            std::size_t line = 0;
            for (std::size_t end = text.find('\n'); end != std::string::npos; line = end + 1, end = text.find('\n', line)) {
                std::string one = text.substr(line, end - line);
                if (one.find(mark) == std::string::npos) continue;
                if ((taken += one.size()) > most) return lines;
                lines.push_back(std::move(one));
            }
        }
    } catch (const Failure&) {}
    return lines;
}

std::string log_text(const std::string& json) {
    try {
        const Value v = told(Value::from_json(json));
        const double time = v.at("time").real();
        const auto seconds = std::time_t(std::floor(time));
        std::tm utc{};
        ::gmtime_r(&seconds, &utc);
        const Value* const block = v.find("block");
        const Value* const count = v.find("count");
        std::string text = v.at("text").string();
        std::replace(text.begin(), text.end(), '\n', ' ');
        return fmt::format("{:02}:{:02}:{:02}.{:03} {} {}{}{}", utc.tm_hour, utc.tm_min, utc.tm_sec,
                           int((time - std::floor(time)) * 1000), v.at("level").string(),
                           block == nullptr ? "" : fmt::format("[{}] ", block->string()), sane(text, most_shown),
                           count == nullptr ? "" : fmt::format(" ({} times)", count->integer()));
    } catch (const std::exception&) { return sane(json, most_shown); }
}

}  // namespace flowspan::batch

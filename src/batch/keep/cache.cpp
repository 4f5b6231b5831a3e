#include "batch/keep/cache.hpp"

#include "batch/journal/lines/kinds.hpp"
#include "batch/journal/lines/line.hpp"
#include "core/mistakes/failure_of.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/digest.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <tuple>

#include <fmt/format.h>

namespace flowspan::batch {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view aside_prefix = ".new-", gone_prefix = ".gone-";
constexpr std::time_t dead_after_s = 24 * 3600;

/// A file of an entry, and the name that it had below its unit's folder.
struct Kept {
    MadeFile file;
    std::string hash;
};
struct Manifest {
    std::vector<Kept> files;
    std::uint64_t samples = 0;
};

/// What is there is not what was put there.
class Damaged : public Failure {
public:
    explicit Damaged(const std::string& why) : Failure(ExitCode::file, why) {}
};

/// Who adds to the folder or removes from it, of all batches. Short. Where the file system knows no locks, sizes are guesses.
class Turn {
public:
    explicit Turn(const std::string& folder)
        : descriptor_(::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
        if (descriptor_ >= 0) (void)::flock(descriptor_, LOCK_EX);
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

private:
    int descriptor_;
};

struct Entry {
    timespec used{};
    std::string path;
    std::uint64_t bytes = 0;
    friend bool operator<(const Entry& a, const Entry& b) {
        return std::tuple(a.used.tv_sec, a.used.tv_nsec, a.path) < std::tuple(b.used.tv_sec, b.used.tv_nsec, b.path);
    }
};

std::string manifest_of(const std::string& entry) { return entry + "/manifest"; }
std::string file_of(const std::string& entry, std::size_t k) { return fmt::format("{}/{}", entry, k); }

void write_manifest(const std::string& entry, const std::string& key, const Manifest& manifest) {
    Value::List files;
    for (const Kept& kept : manifest.files) files.emplace_back(Value::List{kept.file.value(), kept.hash});
    std::ofstream to(manifest_of(entry), std::ios::binary);
    to << sealed_line(Value::Map{{"key", key}, {"files", files}, {"samples", std::int64_t(manifest.samples)}});
    to.close();
    if (!to) throw file_failure("write", manifest_of(entry), errno);
}

Manifest read_manifest(const std::string& entry, const std::string& key) {
    std::ostringstream text;
    text << std::ifstream(manifest_of(entry), std::ios::binary).rdbuf();
    Manifest manifest;
    Troubles troubles;
    bool there = false;
    LineReader reader(
        manifest_of(entry),
        [&](std::string_view json) {
            const Fields f(json);
            there = f.text("key") == key;
            for (const std::string_view item : items_of(f.raw("files"))) {
                const auto parts = items_of(item);
                manifest.files.push_back({MadeFile::from(parts.at(0)), text_of(parts.at(1))});
            }
            manifest.samples = std::uint64_t(f.integer("samples"));
            return std::string();
        },
        troubles);
    reader.add(text.str());
    reader.end();
    if (!there || troubles.count > 0) throw Damaged("its manifest is damaged");
    return manifest;
}

std::uint64_t size_of(const std::string& path) {
    struct stat s {};
    return ::lstat(path.c_str(), &s) == 0 && S_ISREG(s.st_mode) ? std::uint64_t(s.st_size) : 0;
}

std::uint64_t bytes_of(const std::string& entry) {
    std::uint64_t sum = 0;
    for (const std::string& name : io::names_in(entry)) sum += size_of(entry + "/" + name);
    return sum;
}

/// Where no link can be made, the bytes are copied.
void link_or_copy(const std::string& from, const std::string& to) {
    io::make_folder(io::folder_of(to));
    if (::link(from.c_str(), to.c_str()) == 0) return;
    if (errno == ENOENT || errno == EEXIST) throw file_failure("link", to, errno);
    std::error_code error;
    fs::copy_file(from, to, error);
    if (error) throw file_failure("write", to, error.value());
}

/// What else lies in the folder is somebody's.
bool is_key(const std::string& name) {
    return name.size() == 32 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::vector<Entry> entries_in(const std::string& folder) {
    std::vector<Entry> entries;
    for (const std::string& two : io::names_in(folder)) {
        if (two.size() != 2) continue;
        for (const std::string& name : io::names_in(folder + "/" + two)) {
            const std::string path = folder + "/" + two + "/" + name;
            struct stat s {};
            if (!is_key(name) || !name.starts_with(two) || ::stat(manifest_of(path).c_str(), &s) != 0) continue;
            entries.push_back({s.st_mtim, path, bytes_of(path)});
        }
    }
    std::sort(entries.begin(), entries.end());
    return entries;
}

/// Nobody finds half of it. (Who has begun to link its files goes on with those that he has, or computes.)
void remove_entry(const std::string& entry) {
    const std::string gone = fmt::format("{}/{}{}-{}", io::folder_of(entry), gone_prefix, io::name_of(entry), ::getpid());
    std::error_code ignored;
    fs::remove_all(gone, ignored);
    if (::rename(entry.c_str(), gone.c_str()) == 0) fs::remove_all(gone, ignored);
}

std::string total_file(const std::string& folder) { return folder + "/bytes"; }

/// As the last who had a turn left it; counted anew where nobody has.
std::uint64_t total_in(const std::string& folder) {
    std::uint64_t total = 0;
    if (std::ifstream(total_file(folder)) >> total) return total;
    for (const Entry& entry : entries_in(folder)) total += entry.bytes;
    return total;
}

void set_total(const std::string& folder, std::uint64_t total) {
    const std::string aside = total_file(folder) + ".new";
    std::ofstream(aside) << total << '\n';
    if (::rename(aside.c_str(), total_file(folder).c_str()) != 0) ::unlink(total_file(folder).c_str());
}

void unlink_all(const std::vector<MadePart>& parts) {
    for (const MadePart& part : parts) ::unlink(part.part.c_str());
}

}  // namespace

std::optional<Cache::Taken> Cache::take(const std::string& key, const std::string& out, const std::string& run,
                                        const Warn& warn) const {
    const std::string entry = entry_of(key);
    if (!io::is_there(entry)) return std::nullopt;
    Taken taken;
    try {
        const Manifest manifest = read_manifest(entry, key);
        taken.samples = manifest.samples;
        for (std::size_t k = 0; k < manifest.files.size(); ++k) {
            const auto& [file, hash] = manifest.files[k];
            const MadePart part{out + "/" + file.name, out + "/" + file.part(run), file.bytes};
            if (size_of(file_of(entry, k)) != file.bytes) throw Damaged(file.name + " has another size");
            link_or_copy(file_of(entry, k), part.part);
            taken.parts.push_back(part);
            // A product that somebody has changed in place is the same file.
            if (io::xxh128_of(part.part) != hash) throw Damaged(file.name + " has been changed");
        }
        (void)::utimensat(AT_FDCWD, manifest_of(entry).c_str(), nullptr, 0);
        return taken;
    } catch (const Damaged& e) {
        unlink_all(taken.parts);
        if (!io::is_there(entry)) return std::nullopt;  // another has removed it
        warn(fmt::format("{} is removed from the cache: {}; the unit is computed", entry, e.what()));
        const Turn turn(folder_);
        remove_entry(entry);
        ::unlink(total_file(folder_).c_str());
    } catch (const std::exception& e) {
        unlink_all(taken.parts);
        if (!io::is_there(entry)) return std::nullopt;
        warn(fmt::format("{} cannot be taken from the cache: {}; the unit is computed", entry, failure_of(e).what()));
    }
    return std::nullopt;
}

/// Throws Failure.
void Cache::place(const std::string& aside, const std::string& key, std::uint64_t bytes) const {
    const Turn turn(folder_);
    if (!make_room(bytes)) return;
    const std::uint64_t total = total_in(folder_);
    if (::rename(aside.c_str(), entry_of(key).c_str()) == 0) return set_total(folder_, total + bytes);
    if (errno != EEXIST && errno != ENOTEMPTY) throw file_failure("write", entry_of(key), errno);
}

void Cache::put(const std::string& key, const std::string& out, const std::string& run, const Taken& made,
                const Warn& warn) const {
    if (key.size() < 3 || made.parts.empty() || io::is_there(entry_of(key))) return;
    Manifest manifest;
    manifest.samples = made.samples;
    const std::string aside = fmt::format("{}/{}/{}{}", folder_, key.substr(0, 2), aside_prefix, run);
    try {
        io::make_folder(aside);
        for (const MadePart& part : made.parts) {
            if (part.part == part.path || !part.path.starts_with(out + "/")) throw std::out_of_range("");
            const std::size_t below = out.size() + 1;
            const MadeFile file = MadeFile::of(part.path.substr(below), part.part.substr(below), part.bytes);
            link_or_copy(part.part, file_of(aside, manifest.files.size()));
            manifest.files.push_back({file, io::xxh128_of(file_of(aside, manifest.files.size()))});
        }
        write_manifest(aside, key, manifest);
        place(aside, key, bytes_of(aside));
    } catch (const std::out_of_range&) {  // a product that lies elsewhere cannot be given again
    } catch (const std::exception& e) { warn(fmt::format("the products are not kept in the cache: {}", failure_of(e).what())); }
    std::error_code ignored;
    fs::remove_all(aside, ignored);
}

/// In one's turn. False: it would not fit.
bool Cache::make_room(std::uint64_t bytes) const {
    if (limit_ == 0) return true;
    if (bytes > limit_) return false;
    if (total_in(folder_) + bytes <= limit_) return true;
    std::vector<Entry> entries = entries_in(folder_);
    std::uint64_t total = 0;
    for (const Entry& entry : entries) total += entry.bytes;
    for (auto entry = entries.begin(); entry != entries.end() && total + bytes > limit_; ++entry) {
        remove_entry(entry->path);
        total -= entry->bytes;
    }
    set_total(folder_, total);
    return true;
}

void Cache::prune(double age_s) const {
    const Turn turn(folder_);
    const std::time_t now = std::time(nullptr);
    std::uint64_t total = 0;
    for (const Entry& entry : entries_in(folder_)) {
        if (age_s > 0 && double(now - entry.used.tv_sec) > age_s)
            remove_entry(entry.path);
        else
            total += entry.bytes;
    }
    set_total(folder_, total);
    make_room(0);
    for (const std::string& two : io::names_in(folder_)) {
        for (const std::string& name : two.size() == 2 ? io::names_in(folder_ + "/" + two) : std::vector<std::string>()) {
            const std::string path = folder_ + "/" + two + "/" + name;
            struct stat s {};
            const bool ours = name.starts_with(aside_prefix) || name.starts_with(gone_prefix);
            std::error_code ignored;
            if (ours && ::lstat(path.c_str(), &s) == 0 && now - s.st_mtime > dead_after_s) fs::remove_all(path, ignored);
        }
    }
}

}  // namespace flowspan::batch

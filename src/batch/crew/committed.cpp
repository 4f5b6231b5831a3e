#include "batch/crew/committed.hpp"

#include "io/claim/folder.hpp"
#include "io/publish/product.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <set>

namespace flowspan::batch {
namespace {

/// More are made durable by one call for the whole file system.
constexpr std::size_t one_by_one = 8;
constexpr int rename_patience_ms = 1000;

class Opened {
public:
    Opened(const std::string& path, int flags) : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC)) {
        if (descriptor_ < 0) throw file_failure("make durable", path, errno);
    }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;
    ~Opened() { ::close(descriptor_); }
    void sync() const {
        if (::fsync(descriptor_) != 0) throw file_failure("make durable", path_, errno);
    }
    void sync_file_system() const {
        if (::syncfs(descriptor_) != 0) throw file_failure("make durable", path_, errno);
    }

private:
    std::string path_;
    int descriptor_;
};

/// The folders from that of a path up to OUT, which may all be new.
void add_folders(const std::string& path, const std::string& out, std::set<std::string>& folders) {
    for (std::string folder = io::folder_of(path); folders.insert(folder).second && folder.size() > out.size();)
        folder = io::folder_of(folder);
}

}  // namespace

Value ToRename::value() const { return Value::List{std::int64_t(unit), run, MadePart::list_of(parts)}; }

ToRename ToRename::from(const Value& v) {
    return {std::uint64_t(v.list().at(0).integer()), v.list().at(1).string(), MadePart::from(v.list().at(2))};
}

Value Renamed::value() const { return Value::List{std::int64_t(unit), run, why}; }

Renamed Renamed::from(const Value& v) {
    return {std::uint64_t(v.list().at(0).integer()), v.list().at(1).string(), v.list().at(2).string()};
}

void make_durable(const std::vector<MadePart>& parts) {
    if (parts.size() > one_by_one) return Opened(parts.front().part, O_RDONLY).sync_file_system();
    for (const MadePart& part : parts) Opened(part.part, O_RDONLY).sync();
}

std::vector<Renamed> rename_all(const std::vector<ToRename>& units, const std::string& out) {
    std::vector<Renamed> renamed;
    std::set<std::string> folders;
    for (const ToRename& unit : units) {
        Renamed& r = renamed.emplace_back(Renamed{unit.unit, unit.run, ""});
        for (const MadePart& part : unit.parts) {
            if (part.part == part.path) continue;  // written in place
            const std::string why = io::rename_patiently(part.part, part.path, part.bytes, rename_patience_ms);
            if (!why.empty() && r.why.empty()) r.why = "cannot publish " + part.path + ": " + why;
            add_folders(part.path, out, folders);
        }
    }
    try {
        if (folders.size() > one_by_one) {
            Opened(*folders.begin(), O_RDONLY | O_DIRECTORY).sync_file_system();
        } else {
            for (const std::string& folder : folders) io::sync_folder(folder);
        }
    } catch (const Failure& e) {
        for (Renamed& r : renamed)
            if (r.why.empty()) r.why = e.what();
    }
    return renamed;
}

}  // namespace flowspan::batch

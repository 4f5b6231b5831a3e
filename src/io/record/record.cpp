#include "io/record/record.hpp"

#include "core/files/file_kind.hpp"
#include "io/claim/folder.hpp"
#include "io/publish/product.hpp"
#include "io/publish/tree.hpp"
#include "io/record/sealed.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <set>
#include <stdexcept>

namespace flowspan::io {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kind = "commit";

/// A folder as seen from another, so that both may move together; and as it was.
Value folder_value(const std::string& folder, const std::string& from) {
    return Value::List{folder, fs::path(folder).lexically_relative(from).string()};
}
/// Where it may be now.
std::vector<std::string> places_of(const Value& folder, const std::string& from) {
    return {canonical_folder((fs::path(from) / folder.list().at(1).string()).string()), folder.list().at(0).string()};
}

std::string plain(const Value& v) {
    const std::string& name = v.string();
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
        name.find('\0') != std::string::npos)
        throw std::invalid_argument("no name of a file");
    return name;
}

Record record_from(const Value& v, const std::string& folder, const std::string& run) {
    Record r;
    r.run = v.at("run").string();
    if (r.run != run) throw std::invalid_argument("another run's");
    // Of places that a folder may be at now, the one where something is.
    const auto now_at = [&](const Value& f) {
        const auto places = places_of(f, folder);
        return kind_of(places[0]) == FileKind::folder ? places[0] : places[1];
    };
    if (const Value& main = v.at("main"); !main.is_null()) {
        r.main = now_at(main);
        if (const auto places = places_of(main, folder);
            !is_there(record_path(r.main, run)) && is_there(record_path(places[1], run)))
            r.main = places[1];
    }
    for (const Value& other : v.at("others").list()) r.others.push_back(now_at(other));
    for (const Value& p : v.at("products").list()) {
        RecordedProduct product{plain(p.list().at(0)), plain(p.list().at(1)), 0};
        const std::int64_t bytes = p.list().at(2).integer();
        const auto part = PartName::from(product.part);
        if (bytes < 0 || !part || part->run != run || part->name != product.name || looks_like_our_own(product.name))
            throw std::invalid_argument("no product of the run");
        product.bytes = std::uint64_t(bytes);
        r.products.push_back(std::move(product));
    }
    for (const Value& name : v.at("stale").list()) {
        r.stale.push_back(plain(name));
        if (looks_like_our_own(r.stale.back())) throw std::invalid_argument("no product");
    }
    return r;
}

bool is_regular(const std::string& path) {
    struct stat there {};
    return ::lstat(path.c_str(), &there) == 0 && S_ISREG(there.st_mode);
}

void remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw file_failure("remove", path, errno);
}

}  // namespace

std::string record_path(const std::string& folder, const std::string& run) { return folder + "/" + own_name(run, kind); }

void write_record(const std::string& folder, const Record& record) {
    Value::List products, stale, others;
    for (const auto& p : record.products) products.emplace_back(Value::List{p.part, p.name, p.bytes});
    for (const auto& name : record.stale) stale.emplace_back(name);
    for (const auto& other : record.others) others.push_back(folder_value(other, folder));
    const std::string text =
        sealed(std::string(kind), Value::Map{{"run", record.run},
                                             {"main", record.main.empty() ? Value() : folder_value(record.main, folder)},
                                             {"others", std::move(others)},
                                             {"products", std::move(products)},
                                             {"stale", std::move(stale)}});
    const std::string path = record_path(folder, record.run), temporary = path + ".new";
    try {
        File file = File::create(temporary, path);
        file.append(std::as_bytes(std::span(text)));
        file.close();
        const int descriptor = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
        const bool durable = descriptor >= 0 && ::fsync(descriptor) == 0;
        const int error = errno;
        if (descriptor >= 0) ::close(descriptor);
        if (!durable || ::rename(temporary.c_str(), path.c_str()) != 0)
            throw file_failure("write", path, durable ? errno : error);
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    sync_folder(folder);
}

ReadRecord read_record(const std::string& folder, const std::string& run) {
    Unsealed u = unseal(std::string(kind), record_path(folder, run));
    if (!u.content) return {std::nullopt, u.why};
    if (u.owner != ::geteuid()) return {std::nullopt, "it belongs to another user"};
    try {
        return {record_from(*u.content, folder, run), ""};
    } catch (const std::exception&) { return {std::nullopt, "it does not say what it must"}; }
}

Standing standing_of(const Record& record) {
    if (record.main.empty()) return Standing::committed;
    const ReadRecord main = read_record(record.main, record.run);
    if (main.record) return Standing::committed;  // it was written after this one
    std::error_code ignored;
    return main.why.empty() && fs::is_directory(record.main, ignored) ? Standing::never : Standing::unknown;
}

void settle(const std::string& folder, Record record, const std::vector<Left>& left) {
    const std::size_t before = record.products.size();
    std::set<std::string> names;
    for (const Left& l : left) names.insert(l.name);
    std::erase_if(record.products, [&](const RecordedProduct& p) { return !names.contains(p.name); });
    if (!record.products.empty()) {
        if (record.products.size() < before) write_record(folder, record);
        return;
    }
    for (const auto& name : record.stale)
        if (is_regular(folder + "/" + name)) remove(folder + "/" + name);
    // The others are void without the main one. One that is out of sight may still be there.
    const std::size_t others = record.others.size();
    std::erase_if(record.others, [&](const std::string& other) {
        std::error_code ignored;
        return fs::is_directory(other, ignored) && !is_there(record_path(other, record.run));
    });
    if (record.others.empty()) return remove(record_path(folder, record.run));
    if (before == 0 && record.stale.empty() && record.others.size() == others) return;
    record.stale.clear();
    write_record(folder, record);
}

Rolled roll_forward(const std::string& folder, const Record& record, int patience_ms) {
    Rolled rolled;
    for (const auto& p : record.products) {
        const std::string part = folder + "/" + p.part, path = folder + "/" + p.name;
        const auto bytes = product_bytes(part);
        if (!bytes) {
            if (!is_there(path)) rolled.left.push_back({p.name, fmt::format("neither it nor {} is there", p.part)});
            continue;
        }
        if (*bytes != p.bytes) {
            rolled.left.push_back({p.name, fmt::format("{} has {} bytes, not {}", p.part, *bytes, p.bytes)});
            continue;
        }
        const std::string why = rename_patiently(part, path, p.bytes, rolled.left.size() < 8 ? patience_ms : 0);
        if (why.empty())
            rolled.published.push_back(p.name);
        else
            rolled.left.push_back({p.name, why});
    }
    if (!rolled.published.empty()) sync_folder(folder);
    settle(folder, record, rolled.left);
    return rolled;
}

}  // namespace flowspan::io

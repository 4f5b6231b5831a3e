#include "io/publish/product.hpp"

#include "core/files/file_kind.hpp"
#include "io/publish/tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

namespace flowspan::io {
namespace {

/// A few products are made durable one by one while the run goes on; each of many would cost milliseconds on a disk.
constexpr std::size_t one_by_one = 256;

/// The mode bits of what a path leads to; nothing when there is nothing.
std::optional<mode_t> mode_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return status.st_mode;
}

}  // namespace

/// One product, as its sink holds it.
class Publisher::Part final : public Product {
public:
    Part(Publisher& owner, std::shared_ptr<Entry> entry) : owner_(owner), entry_(std::move(entry)) {}
    const std::string& path() const override { return entry_->path; }
    const std::string& part() const override { return entry_->part; }
    void holds(std::uint64_t items, const std::string& what, std::optional<double> seconds) override {
        const std::lock_guard lock(owner_.mutex_);
        entry_->items = items;
        entry_->what = what;
        entry_->seconds = seconds;
    }
    bool wants_hash() const override { return owner_.hash_; }
    void hashed(const std::string& xxh3_128) override {
        const std::lock_guard lock(owner_.mutex_);
        entry_->xxh3_128 = xxh3_128;
    }
    void complete() override { owner_.completed(*entry_); }

private:
    Publisher& owner_;
    std::shared_ptr<Entry> entry_;
};

Publisher::Publisher(std::string run_id, bool overwrite, int rank)
    : run_id_(std::move(run_id)), overwrite_(overwrite), rank_(rank) {}

Publisher::~Publisher() {
    for (const auto& [device, descriptor] : file_systems_) ::close(descriptor);
}

void Publisher::declare(int block, const std::vector<std::string>& names, const std::vector<ProductPattern>& patterns) {
    Declared& own = declared_[block];
    for (const auto& path : names) own.names.insert(canonical_folder(folder_of(path)) + "/" + name_of(path));
    for (const auto& p : patterns) own.patterns[canonical_folder(p.folder)].add(p.name);
}

const std::string& Publisher::canonical(const std::string& folder) {
    const auto known = canonical_.find(folder);
    if (known != canonical_.end()) return known->second;
    make_folder(folder);
    return canonical_.emplace(folder, canonical_folder(folder)).first->second;
}

void Publisher::check_declared(const std::string& path, const std::string& folder, int block) const {
    if (declared_.empty()) return;
    if (const auto own = declared_.find(block); own != declared_.end()) {
        if (own->second.names.contains(folder + "/" + name_of(path))) return;
        const auto patterns = own->second.patterns.find(folder);
        if (patterns != own->second.patterns.end() && patterns->second.clash(name_of(path))) return;
    }
    throw Failure(ExitCode::block,
                  "cannot create " + path + ": the block has not declared it (`products()`, `product_patterns()`)");
}

std::shared_ptr<Product> Publisher::create(const std::string& path, int block) {
    auto entry = std::make_shared<Entry>();
    entry->path = entry->part = path;
    const auto mode = mode_of(path);
    if (mode && S_ISDIR(*mode) && !is_folder_of_a_sink(path)) throw file_failure("create", path, EISDIR);
    entry->in_place = is_written_in_place(path);
    const std::lock_guard lock(mutex_);
    if (!entry->in_place) {
        if (name_of(path).empty()) throw Failure(ExitCode::file, "cannot create " + path + ": it ends in /");
        const std::string& folder = canonical(folder_of(path));
        check_declared(path, folder, block);
        if (!overwrite_ && (mode || is_there(path)))
            throw Failure(ExitCode::file, "cannot create " + path + ": it exists; give --overwrite to replace it");
        if (!announced_.insert(folder + "/" + name_of(path)).second)
            throw Failure(ExitCode::file, "cannot create " + path + ": this run makes it already");
        const std::filesystem::path product(path);
        entry->part = (product.parent_path() / PartName{name_of(path), run_id_, rank_, block}.text()).string();
    }
    entries_.push_back(entry);
    return std::make_shared<Part>(*this, std::move(entry));
}

void Publisher::completed(Entry& entry) {
    struct stat status {};
    if (!entry.in_place) {
        const int descriptor = ::open(entry.part.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) throw file_failure("complete", entry.path, errno);
        const bool at_once = durable_ && completed_ < one_by_one;
        const bool good = ::fstat(descriptor, &status) == 0 && (!at_once || ::fsync(descriptor) == 0);
        const int error = errno;
        ::close(descriptor);
        if (!good) throw file_failure("complete", entry.path, error);
        if (at_once && S_ISDIR(status.st_mode)) make_tree_durable(entry.part);
        ++completed_;
        if (!file_systems_.contains(status.st_dev)) {
            const std::string folder = folder_of(entry.part);
            const int whole = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (whole < 0) throw file_failure("open the folder", folder, errno);
            file_systems_[status.st_dev] = whole;
        }
    }
    // What was not written in order, and what a plug-in has written by itself. A pipe or a device cannot be read again.
    std::string sum = hash_ && entry.xxh3_128.empty() && !entry.in_place ? product_hash(entry.part) : "";
    const std::lock_guard lock(mutex_);
    if (!sum.empty()) entry.xxh3_128 = std::move(sum);
    entry.bytes = S_ISDIR(status.st_mode) ? product_bytes(entry.part).value_or(0) : std::uint64_t(status.st_size);
    entry.complete = true;
}

void Publisher::make_durable() {
    if (!durable_ || completed_ <= one_by_one) return;
    for (const auto& [device, descriptor] : file_systems_)
        if (::syncfs(descriptor) != 0) throw file_failure("make durable", "the products", errno);
}

std::vector<Publisher::Entry> Publisher::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> copy;
    copy.reserve(entries_.size());
    for (const auto& entry : entries_) copy.push_back(*entry);
    return copy;
}

std::vector<Unpublished> Publisher::publish(int patience_ms) {
    const auto products = entries();
    for (const auto& product : products)
        if (!product.complete)
            throw Failure(ExitCode::bug, "cannot publish " + product.path + ": its block has ended without completing it");
    std::vector<Unpublished> left;
    std::set<std::string> folders;
    for (const auto& product : products) {
        if (product.in_place) continue;
        // Where one has failed for good, the others are not waited for as long.
        const std::string why = rename_patiently(product.part, product.path, product.bytes, left.size() < 8 ? patience_ms : 0);
        if (!why.empty())
            left.push_back({product.path, why});
        else
            folders.insert(folder_of(product.path));
    }
    for (const auto& folder : folders) {
        try {
            sync_folder(folder);
        } catch (const Failure& e) {
            for (const auto& product : products)
                if (!product.in_place && folder_of(product.path) == folder) left.push_back({product.path, e.what()});
        }
    }
    return left;
}

std::vector<std::string> Publisher::keep_partial(int number) { return io::keep_partial(entries(), number); }

void Publisher::discard() noexcept {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_)
        if (!entry->in_place) remove_product(entry->part);
}

}  // namespace flowspan::io

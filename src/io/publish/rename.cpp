// Names that files take at the end of a run.
#include "io/publish/product.hpp"
#include "io/publish/tree.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

namespace flowspan::io {
namespace {

/// Whether a product of this size has the name, and none waits to take it.
bool has_been_done(const std::string& from, const std::string& to, std::uint64_t bytes) {
    return !is_there(from) && product_bytes(to) == bytes;
}

/// Gives a part the first partial name from this number on that is free.
std::string keep(const std::string& part, const std::string& product, std::uint64_t bytes, int number) {
    for (int k = number;; ++k) {
        std::string path = partial_path(product, k);
        if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return path;
        if (errno == EEXIST) continue;
        if (errno == ENOENT && has_been_done(part, path, bytes)) return path;
        if (errno != EINVAL && errno != ENOSYS) throw file_failure("publish", path, errno);
        if (is_there(path)) continue;  // a file system that cannot do it in one
        if (::rename(part.c_str(), path.c_str()) != 0) throw file_failure("publish", path, errno);
        return path;
    }
}

}  // namespace

std::string partial_path(const std::string& path, int number) {
    return with_infix(path, number < 2 ? "partial" : fmt::format("partial.{}", number));
}

int next_partial(const std::vector<std::string>& paths) {
    std::set<std::string> folders, own;
    for (const auto& path : paths) {
        folders.insert(folder_of(path));
        own.insert((std::filesystem::path(folder_of(path)) / name_of(path)).string());
    }
    int next = 1;
    for (const auto& folder : folders) {
        for (const std::string& name : names_in(folder)) {
            // NAME.partial[.N].EXT: without its infix it is a product of ours.
            const std::size_t at = name.rfind(".partial");
            if (at == std::string::npos || at == 0) continue;
            std::string rest = name.substr(at + std::strlen(".partial"));
            int number = 1;
            if (rest.size() > 1 && rest[0] == '.' && rest[1] >= '1' && rest[1] <= '9') {
                const char* const last = rest.data() + rest.size();
                const auto [end, error] = std::from_chars(rest.data() + 1, last, number);
                if (error == std::errc() && number >= 2 && (end == last || *end == '.'))
                    rest.erase(0, std::size_t(end - rest.data()));
                else
                    number = 1;
            }
            if (own.contains((std::filesystem::path(folder) / (name.substr(0, at) + rest)).string()))
                next = std::max(next, number + 1);
        }
    }
    return next;
}

std::vector<std::string> keep_partial(const std::vector<Publisher::Entry>& products, int number) {
    std::vector<std::string> kept;
    std::set<std::string> folders;
    std::optional<Failure> first;
    for (const auto& product : products) {
        if (product.in_place) continue;
        if (!product.complete) {
            remove_product(product.part);
            continue;
        }
        try {
            kept.push_back(keep(product.part, product.path, product.bytes, number));
            folders.insert(folder_of(product.path));
        } catch (const Failure& e) {
            if (!first) first = e;  // the others are kept all the same
        }
    }
    for (const auto& folder : folders) sync_folder(folder);
    if (first) throw Failure(*first);
    return kept;
}

std::string rename_patiently(const std::string& from, const std::string& to, std::uint64_t bytes, int patience_ms) {
    for (int pause = 10, waited = 0;; waited += pause, pause *= 2) {
        const int error = rename_product(from, to);
        if (error == 0) return {};
        if (error == ENOENT && has_been_done(from, to, bytes)) return {};
        if (waited + pause > patience_ms) return std::strerror(error);
        std::this_thread::sleep_for(std::chrono::milliseconds(pause));
    }
}

void rename_durably(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) throw file_failure("publish", to, errno);
    sync_folder(folder_of(to));
}

}  // namespace flowspan::io

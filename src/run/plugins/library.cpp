#include "run/plugins/library.hpp"

#include "core/files/text.hpp"
#include "core/mistakes/collect.hpp"
#include "core/mistakes/failure_of.hpp"
#include "core/numbers/rounding.hpp"
#include "io/formats/formats.hpp"
#include "io/publish/digest.hpp"
#include "run/start/stamp.hpp"

#include <flowspan/plugin.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

namespace flowspan::run {
namespace {

namespace fs = std::filesystem;

/// `origin: expected X, got Y`, where origin is a plug-in's file.
[[noreturn]] void refuse(const std::string& origin, const std::string& expected, const std::string& got,
                         const std::string& hint = {}) {
    throw Refused(Diagnostic{{}, origin, expected, got, hint, {}});
}

constexpr std::size_t most_bytes = std::size_t{1} << 30;

std::string content_of(const std::string& file) {
    std::string bytes;
    try {
        bytes = read_text(file, most_bytes);
    } catch (const Failure& failure) {
        const std::string why = failure.what(), begin = "cannot read " + file + ": ";
        refuse(file, "a plug-in that can be read", why.starts_with(begin) ? why.substr(begin.size()) : why);
    }
    if (bytes.size() > most_bytes) refuse(file, "a plug-in of at most 1 GiB", "a larger file");
    return bytes;
}

std::string hash_of(const std::string& bytes) { return io::sha256(bytes).substr(0, 16); }

/// Nothing of the file has run when this returns.
void check_stamp(const std::string& file, const std::string& bytes) {
    const std::string own = flowspan_stamp.data();
    std::string stamp;
    try {
        stamp = stamp_in(bytes);
    } catch (const std::invalid_argument& e) {
        refuse(file, "a plug-in, which is a 64-bit shared object", e.what(),
               "`flowspan new-block NAME` writes a project that builds one");
    }
    if (stamp.empty()) {
        refuse(file, "a plug-in of flowspan", "a shared object without its stamp",
               "one of its sources must include <flowspan/flowspan.hpp> and define flowspan_register");
    }
    if (stamp != own) {
        refuse(file, "a plug-in built against " + own, "one built against " + stamp,
               "build it anew against this flowspan: a fresh build folder, and CMAKE_PREFIX_PATH where this one is installed");
    }
}

using Register = void (*)(Registry&);

/// Runs the constructors of its static objects.
Register open(const std::string& file) {
    const RoundingKept kept;
    void* handle = dlopen(fs::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
    const std::string error = handle == nullptr ? dlerror() : "";
    if (handle == nullptr) refuse(file, "a plug-in that can be loaded", error);
    void* const function = dlsym(handle, "flowspan_register");
    if (function == nullptr)
        refuse(file, "a definition of flowspan_register", "none", "void flowspan_register(flowspan::Registry& registry) { … }");
    return reinterpret_cast<Register>(function);
}

}  // namespace

Library::Library() : registry_(built_in_blocks()) {}

void Library::add(const std::string& origin, const std::function<void(Registry&)>& register_blocks) {
    Registry more;
    try {
        register_blocks(more);
    } catch (const std::exception& e) {
        refuse(origin, "a registration of blocks that succeeds", std::string("the exception: ") + failure_of(e).what());
    } catch (...) { refuse(origin, "a registration of blocks that succeeds", "an exception that is no std::exception"); }
    if (more.all().empty() && more.formats().empty()) refuse(origin, "at least one block type or format", "none");
    Diagnostics found;
    for (const auto& [name, type] : more.all()) {
        if (registry_.find(name) == nullptr) continue;
        const auto it = origins_.find(name);
        found.push_back({{},
                         origin,
                         "block types that are not there yet",
                         fmt::format("{}, which {} has", name, it == origins_.end() ? "flowspan" : it->second),
                         "give it another name where it is registered",
                         {}});
    }
    for (const auto& format : more.formats())
        if (io::find_format(format->name()) != nullptr)
            found.push_back({{},
                             origin,
                             "formats of recordings that are not there yet",
                             format->name(),
                             "give it another name where it is registered",
                             {}});
    if (!found.empty()) throw Refused(std::move(found));
    for (const auto& format : more.formats()) io::add_format(format);
    for (const auto& [name, type] : more.all()) {
        registry_.add(type);
        origins_[name] = origin;
    }
}

void Library::load_one(const std::string& file) {
    const std::string bytes = content_of(file);
    const std::string name = fs::canonical(file).string();
    if (std::find(loaded_.begin(), loaded_.end(), name) != loaded_.end()) return;
    check_stamp(file, bytes);
    add(file, open(file));
    loaded_.push_back(name);
    plugins_.push_back(fmt::format("{} {}", fs::path(file).filename().string(), hash_of(bytes)));
}

void Library::load(const std::vector<std::string>& files) {
    Diagnostics found;
    for (const std::string& file : files) collect(found, [&] { load_one(file); });
    if (!found.empty()) throw Refused(std::move(found));
}

std::vector<std::string> plugin_files(const std::vector<std::string>& files) {
    std::vector<std::string> all;
    const char* variable = std::getenv("FLOWSPAN_PLUGINS");
    std::string_view rest = variable != nullptr ? variable : "";
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(':'));
        if (!one.empty()) all.emplace_back(one);
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
    }
    all.insert(all.end(), files.begin(), files.end());
    return all;
}

}  // namespace flowspan::run

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

std::string content_of(const PluginFile& plugin) {
    if (!plugin.trouble.empty()) refuse(plugin.name, "a plug-in that is there, or a copy of rank 0's", plugin.trouble);
    std::string bytes;
    try {
        bytes = read_text(plugin.file, most_plugin_bytes);
    } catch (const Failure& failure) {
        const std::string why = failure.what(), begin = "cannot read " + plugin.file + ": ";
        refuse(plugin.name, "a plug-in that can be read", why.starts_with(begin) ? why.substr(begin.size()) : why);
    }
    if (bytes.size() > most_plugin_bytes) refuse(plugin.name, "a plug-in of at most 1 GiB", "a larger file");
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
Register open(const PluginFile& plugin) {
    const RoundingKept kept;
    void* handle = dlopen(fs::absolute(plugin.file).c_str(), RTLD_NOW | RTLD_LOCAL);
    const std::string error = handle == nullptr ? dlerror() : "";
    if (handle == nullptr) refuse(plugin.name, "a plug-in that can be loaded", error);
    void* const function = dlsym(handle, "flowspan_register");
    if (function == nullptr)
        refuse(plugin.name, "a definition of flowspan_register", "none",
               "void flowspan_register(flowspan::Registry& registry) { … }");
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

void Library::load_one(const PluginFile& plugin) {
    const std::string bytes = content_of(plugin);
    const std::string text = fmt::format("{} {}", fs::path(plugin.name).filename().string(), hash_of(bytes));
    const bool copy = plugin.name != plugin.file;  // a name that may be there twice, as other paths to it
    const std::string own = copy ? text : fs::canonical(plugin.file).string();
    const auto& known = copy ? plugins_ : loaded_;
    if (std::find(known.begin(), known.end(), own) != known.end()) return;
    check_stamp(plugin.name, bytes);
    add(plugin.name, open(plugin));
    loaded_.push_back(own);
    plugins_.push_back(text);
}

void Library::load(const std::vector<std::string>& files) {
    std::vector<PluginFile> plugins;
    for (const std::string& file : files) plugins.push_back({file, file});
    load(plugins);
}

void Library::load(const std::vector<PluginFile>& plugins) {
    Diagnostics found;
    for (const PluginFile& plugin : plugins) collect(found, [&] { load_one(plugin); });
    if (!found.empty()) throw Refused(std::move(found));
}

Value PluginFile::list_of(const std::vector<PluginFile>& plugins) {
    Value::List list;
    for (const PluginFile& p : plugins) list.emplace_back(Value::List{p.name, p.file, p.trouble});
    return list;
}

std::vector<PluginFile> PluginFile::from(const Value& list) {
    std::vector<PluginFile> plugins;
    for (const Value& p : list.list())
        plugins.push_back({p.list().at(0).string(), p.list().at(1).string(), p.list().at(2).string()});
    return plugins;
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

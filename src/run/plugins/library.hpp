// The block types of this process: flowspan's own, the program's, and those of plug-ins.
#pragma once

#include <flowspan/registry.hpp>
#include <flowspan/value.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace flowspan::run {

/// A plug-in: what a person calls it, and the file that is loaded, which is another one where rank 0 has sent a copy.
struct PluginFile {
    std::string name, file;
    std::string trouble{};  // why there is no copy, though there should be one

    static Value list_of(const std::vector<PluginFile>& plugins);
    static std::vector<PluginFile> from(const Value& list);
};

class Library {
public:
    /// Holds flowspan's own blocks.
    Library();

    /// Adds what `register_blocks` registers. `origin` says where it is from, in messages: "this program", "build/gain.so".
    /// Throws Refused, and adds nothing, when it throws, adds nothing, or adds a type that is there already.
    void add(const std::string& origin, const std::function<void(Registry&)>& register_blocks);

    /// Loads plug-ins, each file once, and adds their blocks. A file that is no plug-in, or one that was built against another
    /// flowspan, is refused before any of its code runs. Throws Refused with what is wrong in all of them. Plug-ins stay loaded
    /// until the process ends.
    void load(const std::vector<std::string>& files);
    /// The same, of copies as well: one of a plug-in that is there already is passed over.
    void load(const std::vector<PluginFile>& plugins);

    const Registry& registry() const { return registry_; }
    /// Name and hash of each plug-in, "gain.so 5f0c1a2b3c4d5e6f", in the order of loading.
    const std::vector<std::string>& plugins() const { return plugins_; }

private:
    void load_one(const PluginFile& plugin);

    Registry registry_;
    std::map<std::string, std::string> origins_;  // of types that are not flowspan's own
    std::vector<std::string> loaded_, plugins_;
};

/// What a plug-in may have.
inline constexpr std::size_t most_plugin_bytes = std::size_t{1} << 30;

/// The files that the environment names in FLOWSPAN_PLUGINS, separated by colons, and then `files`.
std::vector<std::string> plugin_files(const std::vector<std::string>& files);

}  // namespace flowspan::run

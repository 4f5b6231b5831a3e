// The block types of this process: flowspan's own, the program's, and those of plug-ins.
#pragma once

#include <flowspan/registry.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace flowspan::run {

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

    const Registry& registry() const { return registry_; }
    /// Name and hash of each plug-in, "gain.so 5f0c1a2b3c4d5e6f", in the order of loading.
    const std::vector<std::string>& plugins() const { return plugins_; }

private:
    void load_one(const std::string& file);

    Registry registry_;
    std::map<std::string, std::string> origins_;  // of types that are not flowspan's own
    std::vector<std::string> loaded_, plugins_;
};

/// The files that the environment names in FLOWSPAN_PLUGINS, separated by colons, and then `files`.
std::vector<std::string> plugin_files(const std::vector<std::string>& files);

}  // namespace flowspan::run

#include "run/start/node.hpp"

#include "memory/device.hpp"
#include "memory/device/device.hpp"
#include "memory/device/transforms.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/value.hpp>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <system_error>

namespace flowspan::run {
namespace {

namespace fs = std::filesystem;
using graph::Need;

std::optional<std::uint64_t> number_in(const fs::path& file) {
    std::ifstream in(file);
    std::uint64_t n = 0;
    return in >> n ? std::optional(n) : std::nullopt;  // "max" is no number
}

/// Room in the control groups (version 2) that hold this process; nothing where none sets a limit.
std::optional<std::uint64_t> room_in_groups() {
    std::ifstream groups("/proc/self/cgroup");
    std::optional<std::uint64_t> room;
    for (std::string line; std::getline(groups, line);) {
        if (!line.starts_with("0::/")) continue;
        const fs::path root = "/sys/fs/cgroup";
        for (fs::path group = root / line.substr(4);; group = group.parent_path()) {
            const auto most = number_in(group / "memory.max"), used = number_in(group / "memory.current");
            if (most && used) room = std::min(room.value_or(UINT64_MAX), *most - std::min(*most, *used));
            if (group == root || group.string().size() <= root.string().size()) break;
        }
    }
    return room;
}

void each_need(const graph::Assignment& assignment, const std::function<void(const Need&)>& look) {
    for (const graph::Place& place : assignment.places) std::for_each(place.needs.begin(), place.needs.end(), look);
    for (const auto& [block, needs] : assignment.needs) std::for_each(needs.begin(), needs.end(), look);
}

/// What the kernel says of the first data cache of core 0; nothing where it says nothing, as in some containers.
std::optional<std::size_t> first_cache_by_kernel() {
    for (int k = 0; k < 8; ++k) {
        const fs::path index = fs::path("/sys/devices/system/cpu/cpu0/cache") / ("index" + std::to_string(k));
        std::ifstream level_file(index / "level"), type_file(index / "type"), size_file(index / "size");
        int level = 0;
        std::string type;
        std::size_t size = 0;
        char unit = 'K';  // "48K"
        if (!(level_file >> level) || !(type_file >> type) || !(size_file >> size)) continue;
        size_file >> unit;
        if (level == 1 && type != "Instruction" && size > 0) return unit == 'M' ? size << 20 : size << 10;
    }
    return std::nullopt;
}

/// The sum of these lines of /proc/meminfo, in bytes.
std::uint64_t memory_by_kernel(const std::set<std::string>& lines) {
    std::uint64_t sum = 0;
    std::ifstream info("/proc/meminfo");
    for (std::string key; info >> key;) {
        std::uint64_t kib = 0;
        if (lines.contains(key) && info >> kib) sum += kib * 1024;
        info.ignore(1000, '\n');
    }
    return sum;
}

Value texts(const std::vector<std::string>& list) { return Value::List(list.begin(), list.end()); }

std::vector<std::string> texts(const Value& list) {
    std::vector<std::string> all;
    for (const Value& one : list.list()) all.push_back(one.string());
    return all;
}

}  // namespace

std::uint64_t free_memory() { return std::min(memory_by_kernel({"MemAvailable:"}), room_in_groups().value_or(UINT64_MAX)); }

std::uint64_t whole_memory() {
    const std::uint64_t bytes = memory_by_kernel({"MemTotal:", "SwapTotal:"});
    return bytes > 0 ? bytes : UINT64_MAX;
}

partition::NodeFacts node_facts(const graph::Assignment& assignment, const std::string& host,
                                const std::vector<std::string>& plugins, const Wanted& wanted) {
    std::set<Need::Kind> asked;
    if (wanted.devices) asked.insert(Need::Kind::cuda);
    std::set<std::string> paths;
    each_need(assignment, [&](const Need& need) {
        asked.insert(need.kind);
        if (need.kind == Need::Kind::path) paths.insert(need.text);
    });
    partition::NodeFacts facts;
    facts.host = host;
    facts.device_order = wanted.order;
    if (asked.contains(Need::Kind::memory)) facts.memory = free_memory();
    if (asked.contains(Need::Kind::cuda)) {
        for (const memory::Device& device : memory::devices()) {
            facts.devices.push_back(device.name);
            facts.device_ids.push_back(device.id);
        }
        if (wanted.devices && !facts.devices.empty()) facts.device_page = device::properties(0).page;
        if (wanted.transforms && !facts.devices.empty()) facts.no_transforms = device::why_no_transforms();
    }
    for (const std::string& plugin : plugins) facts.plugins.push_back(fs::path(plugin.substr(0, plugin.rfind(' '))).stem());
    for (const std::string& path : paths) {
        std::error_code ignored;
        if (fs::exists(path, ignored)) facts.paths.push_back(path);
    }
    return facts;
}

Value value_of(const partition::NodeFacts& facts) {
    return Value::Map{{"host", facts.host},
                      {"memory", facts.memory},
                      {"devices", texts(facts.devices)},
                      {"device_ids", texts(facts.device_ids)},
                      {"device_page", facts.device_page},
                      {"device_order", facts.device_order},
                      {"no_transforms", facts.no_transforms},
                      {"paths", texts(facts.paths)},
                      {"plugins", texts(facts.plugins)}};
}

partition::NodeFacts node_facts_from(const Value& value) {
    return {value.at("host").string(),
            std::uint64_t(value.at("memory").integer()),
            texts(value.at("devices")),
            texts(value.at("paths")),
            texts(value.at("plugins")),
            texts(value.at("device_ids")),
            std::uint64_t(value.at("device_page").integer()),
            int(value.at("device_order").integer()),
            value.at("no_transforms").string()};
}

std::vector<partition::NodeFacts> gather_nodes(comm::Communicator& communicator, const graph::Assignment& assignment,
                                               const std::vector<std::string>& plugins, const std::vector<Wanted>& wanted) {
    bool asked = !wanted.empty();  // the same on every rank: all have read the same text
    each_need(assignment, [&](const Need&) { asked = true; });
    if (!asked) return {};
    const partition::NodeFacts mine = node_facts(assignment, communicator.host(), plugins,
                                                 wanted.empty() ? Wanted() : wanted[std::size_t(communicator.rank())]);
    const auto bytes = value_of(mine).encode();
    std::vector<partition::NodeFacts> nodes;
    for (const std::string& text : communicator.all_gather({reinterpret_cast<const char*>(bytes.data()), bytes.size()})) {
        std::span<const std::byte> encoded(reinterpret_cast<const std::byte*>(text.data()), text.size());
        nodes.push_back(node_facts_from(Value::decode(encoded)));
    }
    return nodes;
}

std::size_t first_cache_bytes() {
    if (const char* given = std::getenv("FLOWSPAN_FIRST_CACHE")) {
        const std::string_view text = given;
        std::size_t bytes = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
        if (error == std::errc() && end == text.data() + text.size() && bytes > 0) return bytes;
        Diagnostic d;
        d.key = "FLOWSPAN_FIRST_CACHE";
        d.expected = "a number of bytes";
        d.got = text.empty() ? "nothing" : std::string(text);
        d.hint = "an environment variable for measurements; leave it away and the cache's own size is taken";
        throw Refused(std::move(d));
    }
    if (const long bytes = sysconf(_SC_LEVEL1_DCACHE_SIZE); bytes > 0) return std::size_t(bytes);
    return first_cache_by_kernel().value_or(32 << 10);
}

}  // namespace flowspan::run

// The driver's library is looked for when it is needed: plug-ins may use devices that flowspan itself was not built for.
// Functions and their numbers: CUDA Driver API (cuda.h), unchanged since CUDA 11.4.
#include "memory/device.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace flowspan::memory {
namespace {

using Uuid = std::array<unsigned char, 16>;  // CUuuid

class Driver {
public:
    /// Throws nothing: `works` says whether it is there, and suits.
    Driver() {
        library_ = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);  // (never closed: it has threads of its own)
        int version = 0;
        works_ =
            library_ != nullptr && call("cuInit", 0U) && call("cuDriverGetVersion", &version) && version >= oldest_driver();
    }
    bool works() const { return works_; }
    int count() const {
        int count = 0;
        return call("cuDeviceGetCount", &count) ? count : 0;
    }
    bool look_at(int number, Device& device) const {
        int handle = 0;
        std::array<char, 256> name{};
        Uuid uuid{};
        if (!call("cuDeviceGet", &handle, number) || !call("cuDeviceGetName", name.data(), int(name.size() - 1), handle))
            return false;
        // (the second version tells the parts of a divided device from each other)
        if (!call("cuDeviceGetUuid_v2", &uuid, handle) && !call("cuDeviceGetUuid", &uuid, handle)) return false;
        device.name = name.data();
        for (const unsigned char byte : uuid) device.id += fmt::format("{:02x}", byte);
        return true;
    }

private:
    template <class... Arguments>
    bool call(const char* name, Arguments... arguments) const {
        auto* const function = reinterpret_cast<int (*)(Arguments...)>(dlsym(library_, name));
        return function != nullptr && function(arguments...) == 0;
    }
    void* library_ = nullptr;
    bool works_ = false;
};

/// The words of CUDA_VISIBLE_DEVICES, where it says something: numbers, or names of devices.
std::vector<std::string> chosen() {
    std::vector<std::string> words;
    const char* variable = std::getenv("CUDA_VISIBLE_DEVICES");
    std::string_view rest = variable != nullptr ? variable : "";
    while (!rest.empty()) {
        std::string_view word = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        while (word.starts_with(' ')) word.remove_prefix(1);
        while (word.ends_with(' ')) word.remove_suffix(1);
        words.emplace_back(word);
    }
    return words;
}

}  // namespace

std::vector<Device> devices() {
    const Driver driver;
    if (!driver.works()) return {};
    const std::vector<std::string> words = chosen();
    std::vector<Device> all;
    for (int number = 0; number < driver.count(); ++number) {
        Device device;
        if (!driver.look_at(number, device)) continue;
        device.visible = std::size_t(number) < words.size() ? words[std::size_t(number)] : std::to_string(number);
        all.push_back(std::move(device));
    }
    return all;
}

}  // namespace flowspan::memory

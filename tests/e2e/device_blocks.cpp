// Blocks of a plug-in that use a device: one that begins to use the driver's library with its first sample, and then takes its
// time, and one that runs on devices as flowspan's own do.
#include <flowspan/device.hpp>
#include <flowspan/flowspan.hpp>

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

namespace flowspan {
namespace {

class DeviceUser final : public Block {
public:
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out"};

    void describe() override { out.describe(in.description()); }
    void work(std::size_t n) override {
        if (!begun_) begin();
        for (std::size_t k = 0; k < n; ++k) out[std::ptrdiff_t(k)] = in[std::ptrdiff_t(k)];
    }

private:
    void begin() {
        begun_ = true;
        void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
        auto* const init = library == nullptr ? nullptr : reinterpret_cast<int (*)(unsigned)>(dlsym(library, "cuInit"));
        if (init == nullptr || init(0) != 0) throw std::runtime_error("there is no device");
        usleep(50'000);
    }
    bool begun_ = false;
};

// y[i] = 0 in every second block of 50 items, else x[i]; what was blanked is counted by the host alone.
class Blank final : public Block {
public:
    static constexpr bool on_devices = true;
    Input<cf32> in{*this, "in"};
    Output<cf32> out{*this, "out"};

    void describe() override { out.describe(in.description()); }
    void prepare() override {
        if (queue() == nullptr) return;
        const std::array<cf32, length> ones = filled();
        table_ = device::Table<cf32>(*queue(), ones);
    }
    void work(std::size_t n) override {
        for (std::size_t k = 0; k < n;) {
            const std::uint64_t index = in.index() + k;
            const auto count = std::size_t(std::min<std::uint64_t>(length - index % length, n - k));
            const bool blank = index / length % 2 == 1;
            if (queue() != nullptr)
                on_device(k, count, blank);
            else if (blank)
                std::fill_n(out.data() + k, count, cf32());
            else
                std::copy_n(index < length ? filled().data() : in.data() + k, count, out.data() + k);
            k += count;
        }
    }

private:
    static constexpr std::size_t length = 50;
    static std::array<cf32, length> filled() {
        std::array<cf32, length> ones;
        ones.fill(cf32(1, -1));
        return ones;
    }
    // (Of the first items a table takes the place.)
    void on_device(std::size_t k, std::size_t count, bool blank) {
        if (blank)
            queue()->zero(out.data() + k, count * sizeof(cf32));
        else
            queue()->copy(out.data() + k, in.index() + k < length ? table_.data() : in.data() + k, count * sizeof(cf32));
    }
    device::Table<cf32> table_;
};

}  // namespace
}  // namespace flowspan

void flowspan_register(flowspan::Registry& r) {
    r.add<flowspan::DeviceUser>("device_user", "Passes samples on, and uses a device.");
    r.add<flowspan::Blank>("blank", "Blanks every second block of 50 items.");
}

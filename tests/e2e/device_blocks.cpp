// A block that begins to use the driver's library with its first sample, and then takes its time.
#include <flowspan/flowspan.hpp>

#include <dlfcn.h>
#include <unistd.h>
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

}  // namespace
}  // namespace flowspan

void flowspan_register(flowspan::Registry& r) {
    r.add<flowspan::DeviceUser>("device_user", "Passes samples on, and uses a device.");
}

#include "memory/device/transforms.hpp"

#include "core/process/lazy_library.hpp"
#include "memory/device/cuda/check.hpp"
#include "memory/device/cuda/queue.hpp"

#include <cstdlib>
#include <optional>
#include <vector>

namespace flowspan::device {
namespace {

// What is used of cuFFT, so that a build does not need its header.
using Plan = int;
constexpr int success = 0, allocation_failed = 2, complex_to_complex = 0x29, forward = -1;

struct Cufft {
    explicit Cufft(const LazyLibrary& library)
        : create(library["cufftCreate"]),
          make_plan(library["cufftMakePlanMany64"]),
          set_stream(library["cufftSetStream"]),
          execute(library["cufftExecC2C"]),
          destroy(library["cufftDestroy"]) {}
    int (*create)(Plan* plan);
    int (*make_plan)(Plan plan, int rank, long long* size, long long* in_embed, long long in_stride, long long in_distance,
                     long long* out_embed, long long out_stride, long long out_distance, int type, long long batch,
                     std::size_t* work_bytes);
    int (*set_stream)(Plan plan, cudaStream_t stream);
    int (*execute)(Plan plan, float2* in, float2* out, int direction);
    int (*destroy)(Plan plan);
};

/// By its soname, of the major versions that go with CUDA 13 and 12, and in the folders where toolkits lie.
std::vector<std::string> places() {
    std::vector<std::string> folders{""};
    for (const char* variable : {"CUDA_HOME", "CUDA_PATH"})
        if (const char* root = std::getenv(variable)) folders.push_back(std::string(root) + "/lib64/");
    folders.emplace_back("/usr/local/cuda/lib64/");
    std::vector<std::string> all;
    for (const char* soname : {"libcufft.so.12", "libcufft.so.11"})
        for (const std::string& folder : folders) all.push_back(folder + soname);
    return all;
}

struct Loaded {
    std::optional<Cufft> cufft;
    std::string why_not;  // the first of the system's words
};

const Loaded& loaded() {
    static const Loaded once = [] {
        Loaded found;
        for (const std::string& place : places()) {
            try {
                found.cufft.emplace(LazyLibrary(place.c_str()));
                return found;
            } catch (const Failure& e) {
                if (found.why_not.empty()) found.why_not = e.what();
            }
        }
        return found;
    }();
    return once;
}

std::string words_of(int result) {
    switch (result) {
        case allocation_failed:
            return "out of memory";
        case 5:
            return "an internal error";
        case 6:
            return "it could not be executed";
        case 7:
            return "it could not be set up";
        case 8:
            return "transforms of this size are not supported";
        default:
            return "error " + std::to_string(result);
    }
}

}  // namespace

std::string why_no_transforms() { return loaded().cufft ? "" : loaded().why_not; }

struct Transforms::State {
    int device = 0;
    Plan plan = -1;
    ~State() {
        if (plan != -1 && !failed(device) && cudaSetDevice(device) == cudaSuccess) (void)loaded().cufft->destroy(plan);
    }
};

Transforms::Transforms() = default;
Transforms::Transforms(Transforms&&) noexcept = default;
Transforms& Transforms::operator=(Transforms&&) noexcept = default;
Transforms::~Transforms() = default;

Transforms::Transforms(Queue& queue, std::size_t size, std::size_t count) : state_(std::make_unique<State>()) {
    use(queue.device());
    if (!loaded().cufft) throw Error(queue.device(), "loading cuFFT", loaded().why_not);
    const Cufft& cufft = *loaded().cufft;
    const auto check_request = [&](int result, const char* call) {
        if (result != success) throw Error(queue.device(), call, words_of(result));
    };
    state_->device = queue.device();
    check_request(cufft.create(&state_->plan), "cufftCreate");
    auto n = static_cast<long long>(size);
    std::size_t work_bytes = 0;
    check_request(cufft.make_plan(state_->plan, 1, &n, nullptr, 1, n, nullptr, 1, n, complex_to_complex,
                                  static_cast<long long>(count), &work_bytes),
                  "cufftMakePlanMany64");
    check_request(cufft.set_stream(state_->plan, queue.state().stream), "cufftSetStream");
}

// (It knows whole batches alone.)
void Transforms::run(Queue& queue, cf32* rows, std::size_t, std::size_t) const {
    queue.before_other();
    use(queue.device());
    auto* const at = reinterpret_cast<float2*>(rows);
    const int result = loaded().cufft->execute(state_->plan, at, at, forward);
    if (result != success) fail(queue.device(), "cufftExecC2C", words_of(result));
    ++queue.state().counts.launches;
}

}  // namespace flowspan::device

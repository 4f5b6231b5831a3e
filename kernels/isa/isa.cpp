#include <flowspan/kernels.hpp>

#include "kernels/simd.hpp"

#include <hwy/highway.h>

#include <stdexcept>

namespace flowspan::kernels {
namespace {

struct Level {
    std::string_view name;
    std::int64_t target;
};

// Lowest first. A processor that is no x86 has one level.
std::vector<Level> levels() {
    std::vector<Level> found;
#if HWY_ARCH_X86
    const std::int64_t have = hwy::SupportedTargets();
    found.push_back({"x86-64-v2", HWY_SSE4});
    if (have & HWY_AVX2) found.push_back({"avx2", HWY_AVX2});
    if (have & HWY_AVX3) found.push_back({"avx512", HWY_AVX3});
#else
    found.push_back({"native", HWY_STATIC_TARGET});
#endif
    return found;
}

// What the processor has, looked up before anything is pinned.
const std::vector<Level>& all_levels() {
    static const std::vector<Level> found = levels();
    return found;
}

}  // namespace

std::vector<std::string> isa_levels() {
    std::vector<std::string> names;
    for (const Level& level : all_levels()) names.emplace_back(level.name);
    return names;
}

std::string isa() {
    const std::int64_t have = hwy::SupportedTargets();
    std::string best{all_levels().front().name};
    for (const Level& level : all_levels())
        if (have & level.target) best = level.name;
    return best;
}

void pin_isa(std::string_view name) {
    const auto& known = all_levels();
    std::string names;
    for (const Level& level : known) {
        if (level.name == name || (name == "best" && &level == &known.back())) {
            hwy::SetSupportedTargetsForTest(level.target);
            hwy::GetChosenTarget().Update(hwy::SupportedTargets());
            return;
        }
        names += std::string(level.name) + ", ";
    }
    throw std::invalid_argument("expected an instruction-set level of this processor (" + names + "best), got " +
                                std::string(name));
}

}  // namespace flowspan::kernels

// The rounding state of a thread: to nearest, denormals kept, so that all ranks compute the same bits.
#pragma once

#include <cfenv>

namespace flowspan {

/// Sets it for this thread and those that it begins.
inline void set_rounding() { std::fesetenv(FE_DFL_ENV); }

/// Keeps what it was while something runs that may change it: libraries linked with -ffast-math set the processor to flush
/// denormals when they are loaded.
class RoundingKept {
public:
    RoundingKept() { std::fegetenv(&before_); }
    ~RoundingKept() { std::fesetenv(&before_); }
    RoundingKept(const RoundingKept&) = delete;
    RoundingKept& operator=(const RoundingKept&) = delete;

private:
    std::fenv_t before_;
};

}  // namespace flowspan

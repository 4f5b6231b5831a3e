#pragma once

namespace flowspan::kernels {

/// ln 2 in two parts, the first with so few digits that its small multiples are exact.
inline constexpr double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;

}  // namespace flowspan::kernels

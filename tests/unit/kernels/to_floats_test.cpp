#include "kernels/to_floats/to_floats.hpp"

#include "tests/unit/kernels/levels.hpp"

#include <numeric>

namespace flowspan::kernels {
namespace {

TEST(ToFloats, UnsignedBytesAreThoseOfThePlainLoop) {
    std::vector<u8> all(1023);
    std::iota(all.begin(), all.end(), u8(0));
    for (const std::size_t n : awkward_sizes)
        for (const f32 factor : {1.0F / 128, 1.0F / 127, 0.3F}) {
            std::vector<f32> expected(n), got(n);
            reference::to_floats(all.data(), expected.data(), n, factor);
            at_every_level([&] {
                to_floats(all.data(), got.data(), n, factor);
                EXPECT_TRUE(same_bytes(got, expected));
                for (std::size_t k = 0; k < n; k += 5) {
                    f32 one = 0;
                    to_floats(all.data() + k, &one, 1, factor);
                    EXPECT_EQ(one, expected[k]);
                }
            });
        }
    f32 ends[2];
    const u8 bytes[] = {0, 255};
    to_floats(bytes, ends, 2, 1.0F / 128);
    EXPECT_EQ(ends[0], -127.5F / 128);
    EXPECT_EQ(ends[1], 127.5F / 128);
}

}  // namespace
}  // namespace flowspan::kernels

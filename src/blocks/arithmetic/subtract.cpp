#include <flowspan/flowspan.hpp>

#include "blocks/arithmetic/sum.hpp"

namespace flowspan {
namespace {

template <class T>
using Subtract = blocks::Sum<T, -1>;

}  // namespace

void register_subtract(Registry& r) {
    r.add<Subtract>("subtract",
                    "Takes streams from the first one, in items of any shape, each by its full scale; 16-bit integers "
                    "saturate, and what is "
                    "clipped is counted.",
                    types<cf32, f32, ci16>, "inputs: 2");
}

}  // namespace flowspan

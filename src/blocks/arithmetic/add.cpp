#include <flowspan/flowspan.hpp>

#include "blocks/arithmetic/sum.hpp"

namespace flowspan {
namespace {

template <class T>
using Add = blocks::Sum<T, 1>;

}  // namespace

void register_add(Registry& r) {
    r.add<Add>(
        "add",
        "Adds streams of items of any shape, each by its full scale; 16-bit integers saturate, and what is clipped is counted.",
        types<cf32, f32, ci16>, "inputs: 2");
}

}  // namespace flowspan

#include "io/wav/size.hpp"
#include "io/formats/refuse.hpp"

#include <fmt/format.h>

#include <utility>

namespace flowspan::io::wav {

DataBytes data_bytes(const Chunks& chunks, const Chunk& data, std::uint64_t said, bool of_32_bits) {
    constexpr std::uint64_t unknown = 0xffffffff;
    const std::uint64_t there = chunks.size() - data.at;
    if (auto list = chunks.list_behind(data.at, said)) return {said, std::move(*list), {}};
    if (said > there && !(of_32_bits && said == unknown))
        refuse_file(chunks.path(), fmt::format("{} bytes of samples, as its header says", said), fmt::format("{}", there),
                    "was the recorder interrupted?");
    for (std::uint64_t k = of_32_bits && said != unknown ? there >> 32 : 0; k > 0; --k) {
        const std::uint64_t bytes = said + (k << 32);
        if (auto list = chunks.list_behind(data.at, bytes))
            return {bytes, std::move(*list),
                    fmt::format("its header says {} bytes of samples, which is their number modulo 2^32: {} are read", said,
                                bytes)};
    }
    return {there,
            {},
            fmt::format("its header says {} bytes of samples, which is not where its chunks go on: all {} to its end are read",
                        said, there)};
}

}  // namespace flowspan::io::wav

// What makes a shared object a plug-in: a function that registers its blocks, and a stamp that says what it was built against.
// Both come with <flowspan/flowspan.hpp>; a plug-in defines the function and never mentions the stamp.
#pragma once

#include <flowspan/block.hpp>
#include <flowspan/registry.hpp>
#include <flowspan/version.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace flowspan::detail {

/// Sizes of what plug-ins and flowspan hand to each other, as one number (FNV-1a). It changes with the headers, and with
/// options of the compiler that change the standard library's types, as _GLIBCXX_DEBUG does.
consteval std::uint64_t sizes() {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const std::size_t size : {sizeof(void*),
                                   sizeof(long double),
                                   sizeof(std::string),
                                   sizeof(std::vector<int>),
                                   sizeof(std::function<void()>),
                                   sizeof(std::map<int, int>),
                                   sizeof(std::deque<int>),
                                   sizeof(Value),
                                   sizeof(Diagnostic),
                                   sizeof(StreamDescription),
                                   sizeof(ParameterBase),
                                   sizeof(Parameter<double>),
                                   sizeof(InputPort),
                                   sizeof(OutputPort),
                                   sizeof(PortGroup),
                                   sizeof(MessageOutput),
                                   sizeof(MessageInput),
                                   sizeof(BlockContext),
                                   sizeof(BlockDeclared),
                                   sizeof(Block),
                                   sizeof(BlockType),
                                   sizeof(Registry),
                                   sizeof(Recording),
                                   sizeof(Facts),
                                   sizeof(Step)}) {
        hash = (hash ^ size) * 0x100000001b3U;
    }
    return hash;
}

/// "flowspan 0.1.0, headers 5f0c1a2b3c4d, sizes 1f2e3d4c, libstdc++ 12" and zeros.
consteval std::array<char, 128> stamp() {
    std::array<char, 128> text{};
    std::size_t at = 0;
    const auto add = [&](std::string_view part) {
        for (const char c : part) text[at++] = c;
    };
    add("flowspan ");
    add(version);
    add(", headers ");
    add(header_hash);
    add(", sizes ");
    for (int digit = 7; digit >= 0; --digit) text[at++] = "0123456789abcdef"[(sizes() >> (4 * digit)) & 15U];
    add(", libstdc++ ");
    if (_GLIBCXX_RELEASE >= 10) text[at++] = char('0' + _GLIBCXX_RELEASE / 10);
    text[at++] = char('0' + _GLIBCXX_RELEASE % 10);
    return text;
}

}  // namespace flowspan::detail

extern "C" {
/// What this object was built against. flowspan reads it from the file, before anything of a plug-in runs, and refuses every
/// other stamp than its own. (Visible also where a project hides its symbols.)
[[gnu::used, gnu::visibility("default")]] inline constexpr std::array<char, 128> flowspan_stamp = flowspan::detail::stamp();

/// A plug-in defines this: it adds its block types. Called once on every rank. What it throws refuses the plug-in.
[[gnu::visibility("default")]] void flowspan_register(flowspan::Registry& registry);
}

// Every parameter of every block at its extremes: refused with a sentence that names the parameter, or the graph runs. Never a
// crash, a hang, a bug, or memory without end. A new block joins by being registered.
#include "tests/unit/run/blocks/every_block.hpp"

#include <sys/resource.h>

#include <fmt/format.h>

#include <fstream>
#include <regex>

namespace flowspan::run::every_block {
namespace {

std::vector<std::string> extremes_of(const ParameterDeclaration& declared) {
    static const std::string long_name(300, 'a');
    if (!declared.choices.empty()) return {"\"\"", long_name};
    switch (declared.kind) {
        case ParameterKind::integer:
            return {"9223372036854775808",
                    "9223372036854775807",
                    "4611686018427387904",
                    "1099511627776",
                    "4294967296",
                    "2147483647",
                    "0",
                    "-1",
                    "-9223372036854775808",
                    "1e300",
                    "nan",
                    "inf"};
        case ParameterKind::real:
            return {"1e300", "-1e300", "5e-324", "1e-9", "0", "-1", "1e15", "9223372036854775807", "nan", "inf", "-inf"};
        case ParameterKind::complex:
            return {"1e300", "1e300-1e300j", "0j", "5e-324j", "nan", "1+infj"};
        case ParameterKind::complexes:
            return {"[1e300, 1e300j]", "[-1e38+3e38j]", "[0]", "[]", "[nan]", "[5e-324j]"};
        case ParameterKind::reals:
            return {"[1e300, 1e300]", "[-1e38, 3e38]", "[0]", "[]", "[nan]", "[5e-324]"};
        case ParameterKind::string:
        case ParameterKind::strings:
            return {"\"\"", long_name, "\"a\\0b\"", "9223372036854775808", "-1", "nan"};
        case ParameterKind::input_path:
            return {"\"\"", long_name, "\"a\\0b\"", "/dev/zero", "/"};
        case ParameterKind::product_path:
            return {"\"\"",
                    long_name,
                    "\"a\\0b\"",
                    "../x",
                    ".flowspan.0123456789ab.lock",
                    ".a.0123456789ab.0.0.part",
                    "\"{index:099999999}\"",
                    "x/"};
        case ParameterKind::boolean:
        case ParameterKind::sample_type:
            return {"nan", "\"\""};
    }
    return {};
}

/// The graph with the parameter at this value. What leaves the block is cut off after some items: a rate may be of any size.
std::string graph_with(const BlockType& type, const std::string& parameter, const std::string& value) {
    std::string text = graph_around(type, 0, "", plain);
    const std::size_t begin = text.find("  block: {"), end = text.find("}\n", begin);
    std::string block = text.substr(begin, end - begin);
    block = std::regex_replace(block, std::regex(", " + parameter + R"(: (\[[^\]]*\]|"[^"]*"|[^,]*))"), "");
    text.replace(begin, end - begin, block + ", " + parameter + ": " + value);
    std::string heads;
    const auto prototype = type.variants[0].make();
    for (const OutputPort* out : prototype->outputs()) {
        heads += fmt::format("  short_{}: {{type: head, length: 3000}}\n", out->name());
        text = std::regex_replace(text, std::regex(fmt::format("-> keep_{}", out->name())),
                                  fmt::format("-> short_{0} -> keep_{0}", out->name()));
        text = std::regex_replace(text, std::regex(fmt::format("-> look_{}", out->name())),
                                  fmt::format("-> short_{0}_too -> look_{0}", out->name()));
        heads += fmt::format("  short_{}_too: {{type: head, length: 3000}}\n", out->name());
    }
    for (const PortGroup* g : prototype->groups()) {
        if (g->is_input()) continue;
        heads +=
            fmt::format("  short_{}: {{type: head, length: 3000, copies: $block.{}}}\n", g->name(), g->size_parameter().name());
        text = std::regex_replace(text, std::regex(fmt::format("-> keep_{}", g->name())),
                                  fmt::format("-> short_{0}[*] -> keep_{0}", g->name()));
    }
    return text.insert(text.find("blocks:\n") + 8, heads);
}

/// What a run may map while one lives: memory without end becomes a refusal. Not under sanitizers, which map all there is.
class AddressLimit {
public:
    AddressLimit() {
        std::ifstream in("/proc/self/statm");
        std::uint64_t pages = 0;
        in >> pages;
        const std::uint64_t used = pages * 4096, limit = used + (std::uint64_t{6} << 30);
        ::getrlimit(RLIMIT_AS, &before_);
        struct rlimit now = before_;
        now.rlim_cur = std::min<rlim_t>(before_.rlim_max, limit);
        if (used < std::uint64_t{1} << 40) ::setrlimit(RLIMIT_AS, &now);
    }
    ~AddressLimit() { ::setrlimit(RLIMIT_AS, &before_); }
    AddressLimit(const AddressLimit&) = delete;
    AddressLimit& operator=(const AddressLimit&) = delete;

private:
    struct rlimit before_ {};
};

TEST_P(EveryBlock, RefusesAnExtremeValueByNameOrRuns) {
    const BlockType& type = *built_in_blocks().find(GetParam());
    const AddressLimit limit;
    const auto prototype = type.variants[0].make();
    for (const ParameterBase* p : prototype->parameters()) {
        for (const std::string& value : extremes_of(p->declaration())) {
            const std::string text = graph_with(type, p->name(), value);
            const Ran result = ran(text, 1, 0);
            SCOPED_TRACE(fmt::format("{}: {}: {}", p->name(), value.substr(0, 40), result.cause.substr(0, 1000)));
            EXPECT_LT(result.cause.size(), 20000u);
            if (result.code == ExitCode::done) continue;
            EXPECT_TRUE(result.code == ExitCode::usage || result.code == ExitCode::file || result.code == ExitCode::block)
                << int(result.code);
            EXPECT_EQ(result.cause.find("out of memory"), std::string::npos);
            EXPECT_NE(result.cause.find("block"), std::string::npos);
            EXPECT_NE(result.cause.find(p->name()), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace flowspan::run::every_block

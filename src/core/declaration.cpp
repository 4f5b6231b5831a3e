// How the declaration of a parameter reads in messages. Here and not beside ParameterBase, because the graph reader cites it.
#include "core/numbers/quantity.hpp"

#include <fmt/format.h>
#include <flowspan/parameter.hpp>

namespace flowspan {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string noun(const ParameterDeclaration& d) {
    const bool bare = d.unit.dimension == Dimension::none;
    if (d.kind == ParameterKind::reals)
        return bare ? "a list of numbers" : fmt::format("a list of numbers in {}", d.unit.symbol);
    if (bare) return d.kind == ParameterKind::integer ? "an integer" : "a number";
    const std::string name(name_of(d.unit.dimension));
    const std::string article = name.front() == 'a' ? "an" : "a";
    return d.kind == ParameterKind::integer ? fmt::format("{} {} (an integer)", article, name)
                                            : fmt::format("{} {}", article, name);
}

}  // namespace

std::string_view name_of(ParameterKind kind) {
    switch (kind) {
        case ParameterKind::boolean:
            return "boolean";
        case ParameterKind::integer:
            return "integer";
        case ParameterKind::real:
            return "real";
        case ParameterKind::complex:
            return "complex";
        case ParameterKind::string:
            return "string";
        case ParameterKind::reals:
            return "reals";
        case ParameterKind::complexes:
            return "complexes";
        case ParameterKind::strings:
            return "strings";
        case ParameterKind::sample_type:
            return "sample type";
        case ParameterKind::input_path:
            return "input path";
        case ParameterKind::product_path:
            return "product path";
    }
    return "";
}

std::string ParameterDeclaration::expectation() const {
    if (!choices.empty()) return "one of " + joined(choices);
    switch (kind) {
        case ParameterKind::boolean:
            return "true or false";
        case ParameterKind::complex:
            return "a complex number (1+2j)";
        case ParameterKind::complexes:
            return "a list of complex numbers (1+2j)";
        case ParameterKind::string:
            return "a text";
        case ParameterKind::strings:
            return "a list of texts";
        case ParameterKind::sample_type:
            return "a sample type (cf32, ci16, rf32, ...)";
        case ParameterKind::input_path:
            return "the path of a file";
        case ParameterKind::product_path:
            return "the path of a file to write";
        case ParameterKind::integer:
        case ParameterKind::real:
        case ParameterKind::reals:
            break;
    }
    if (min && max)
        return fmt::format("{} from {} to {}", noun(*this), format_quantity(*min, unit), format_quantity(*max, unit));
    if (min) return fmt::format("{} >= {}", noun(*this), format_quantity(*min, unit));
    if (max) return fmt::format("{} <= {}", noun(*this), format_quantity(*max, unit));
    return noun(*this);
}

}  // namespace flowspan

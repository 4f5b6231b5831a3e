// Parameters that are lists.
#pragma once

#include <flowspan/parameter.hpp>

namespace flowspan::graph {

inline bool is_list_of_numbers(const ParameterDeclaration& declaration) {
    return declaration.kind == ParameterKind::reals || declaration.kind == ParameterKind::complexes;
}

inline bool is_list(const ParameterDeclaration& declaration) {
    return is_list_of_numbers(declaration) || declaration.kind == ParameterKind::strings;
}

}  // namespace flowspan::graph

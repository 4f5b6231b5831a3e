// Names that somebody asks for: what is said where there is no such one. Said here alone, of blocks, parameters, keys and
// ports.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <string>
#include <vector>

namespace flowspan {

struct ParameterDeclaration;

/// The known name that is nearest to `name` (edit distance at most a third of its length), or "".
std::string nearest_name(const std::string& name, const std::vector<std::string>& known);

/// "did you mean `x`?" when a known name is near; else `otherwise` followed by the known names ("there are: a, b"). Without
/// either "".
std::string hint_for(const std::string& name, const std::vector<std::string>& known, const std::string& otherwise);

/// All names of one kind that something has.
struct KnownNames {
    std::string what;  // "a command of gain"
    std::vector<std::string> names;
    std::string owner = "it";

    bool has(const std::string& name) const;
    /// Of a name that is none of them: "did you mean `a`?", "it has: a, b" or "it has none". `before`: what stands before the
    /// name where it was written, "gain.".
    std::string hint(const std::string& name, const std::string& before = {}) const;
    /// "expected a command of gain, got x", with the hint; without position and key.
    Diagnostic mistake(const std::string& name, const std::string& before = {}) const;
};

/// Of a block, for those who set them while it runs.
KnownNames changeable_parameters(const std::string& block, const std::vector<const ParameterDeclaration*>& declared);

/// A mistake within a line of other text: "expected a command of gain, got x (it has none)".
std::string on_one_line(const Diagnostic& mistake);

}  // namespace flowspan

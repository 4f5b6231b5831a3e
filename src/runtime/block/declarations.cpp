#include "runtime/block/declarations.hpp"

#include <fmt/format.h>

namespace flowspan::runtime {
namespace {

void add(std::vector<std::string>& names, const std::vector<std::string>& more) {
    names.insert(names.end(), more.begin(), more.end());
}

}  // namespace

const ParameterDeclaration* BlockDeclarations::parameter(std::string_view name) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name == name; });
    return found == parameters.end() ? nullptr : &*found;
}

KnownNames BlockDeclarations::readable(const std::string& block) const {
    KnownNames known{fmt::format("a parameter or reading of {}", block), {}};
    for (const ParameterDeclaration& p : parameters) known.names.push_back(p.name);
    add(known.names, readings);
    return known;
}

KnownNames BlockDeclarations::settable(const std::string& block) const {
    std::vector<const ParameterDeclaration*> declared;
    for (const ParameterDeclaration& p : parameters) declared.push_back(&p);
    return changeable_parameters(block, declared);
}

KnownNames BlockDeclarations::callable(const std::string& block) const {
    return {fmt::format("a command of {}", block), commands};
}

KnownNames BlockDeclarations::watchable(const std::string& block) const {
    KnownNames known = readable(block);
    known.what = fmt::format("a parameter, reading or message output of {}", block);
    add(known.names, message_outputs);
    return known;
}

BlockDeclarations declarations_of(const Block& block) {
    BlockDeclarations all;
    for (const ParameterBase* p : block.parameters()) all.parameters.push_back(p->declaration());
    for (const CommandBase* c : block.commands()) all.commands.push_back(c->name());
    for (const ReadingBase* r : block.readings()) all.readings.push_back(r->name());
    for (const MessageOutput* m : block.message_outputs()) all.message_outputs.push_back(m->name());
    return all;
}

}  // namespace flowspan::runtime

// Steps that every rank takes and whose outcome is the same on all.
#pragma once

#include "comm/communicator.hpp"

#include <flowspan/diagnostic.hpp>
#include <flowspan/value.hpp>

#include <functional>
#include <string>

namespace flowspan::run {

/// Runs one step of the start on every rank and agrees on how it went: an error anywhere is an error everywhere. Collective.
/// Throws the same on every rank: Refused with what is wrong on any of them, where not all have it with ranks and hosts;
/// Failure where something failed and nothing was refused. The exit code is that of the first rank that has one.
void together(comm::Communicator& communicator, const std::function<void()>& step);

/// A refusal as it travels.
Value value_of(const Refused& refused);
Refused refused_from(const Value& value);

/// A value as text, for broadcasts and gathers.
std::string packed(const Value& value);
Value unpacked(const std::string& text);

}  // namespace flowspan::run

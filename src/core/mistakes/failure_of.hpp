// What any exception means to a user, decided in one place.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <exception>

namespace flowspan {

/// Exit code and sentence. What asks for memory or other means that the system does not give is no bug; what nobody has
/// foreseen is one.
Failure failure_of(const std::exception& e);

/// Whether it is one of memory. Then the sentence begins with "out of memory".
bool is_of_memory(const std::exception& e);

}  // namespace flowspan

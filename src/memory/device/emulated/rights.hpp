// Access rights to memory of emulated devices: none, but to what operations that run now have touched.
//
// An operation that touches memory without rights is interrupted (SIGSEGV). Where the place is memory of a device and
// operations run, the piece around it is opened and the operation goes on; all else is what it would be without this. So what
// an operation costs depends on what it touches, not on how much memory there is.
#pragma once

#include <cstddef>

namespace flowspan::device::emulated {

/// A mapping of whole pages, without rights, in which operations may touch all bytes.
void add_mapping(std::byte* at, std::size_t bytes);
/// Before it is unmapped.
void remove_mapping(const std::byte* at);

/// Operations run while one of these lives. What they have opened is closed with the last one. By one thread at a time, which
/// may let others touch the memory meanwhile.
class Opening {
public:
    Opening();
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;
    ~Opening();
};

}  // namespace flowspan::device::emulated

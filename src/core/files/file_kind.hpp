// What a path leads to, decided in one place. FIFOs, sockets and devices can make an open, a read or a write wait for ever, so
// whoever opens a file asks here first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flowspan {

enum class FileKind : std::uint8_t { none, regular, folder, fifo, socket, character_device, block_device };

/// "a FIFO", "a character device".
std::string_view name_of(FileKind kind);

/// Of what a path leads to, links followed; `none` where nothing is, or nothing can be seen (errno says why).
FileKind kind_of(const std::string& path);
FileKind kind_of(int descriptor);

/// The number of the own descriptor that a path speaks of: /dev/stdin, /dev/stdout, /dev/stderr, /dev/fd/N, /proc/self/fd/N.
std::optional<int> descriptor_of(const std::string& path);

/// Whether a product of this name is written there at once, for there is no file that could take the name at the end: pipes,
/// devices, and what this process has open.
bool is_written_in_place(const std::string& path);

/// A descriptor of a regular file, to read. Never waits. Throws Failure: `cannot read PATH: it is a FIFO, expected a regular
/// file`.
int open_regular(const std::string& path);

/// Refuses a path that the system would read as a shorter one: `cannot read a\0b: a path has no NUL byte`.
void check_path(const std::string& verb, const std::string& path);

}  // namespace flowspan

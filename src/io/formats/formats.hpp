// The formats of recordings that are known, by their content and by their names.
#pragma once

#include <flowspan/format.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::io {

using Formats = std::vector<std::shared_ptr<const RecordingFormat>>;

/// Those that flowspan brings along, and those of plug-ins behind them.
const Formats& formats();
/// Of a plug-in, as it is loaded, before anything is read. Throws std::invalid_argument for a name that is there.
void add_format(std::shared_ptr<const RecordingFormat> format);
/// Nothing where no format has this name.
const RecordingFormat* find_format(const std::string& name);

/// The first that knows a file by what it begins with, else by its name; nothing: none does. Throws Refused (ExitCode::file)
/// for what is known and not read.
const RecordingFormat* format_of(const std::string& path, std::span<const std::byte> head);

/// Opens the samples of a recording, on the I/O thread; see RecordingFormat::open.
std::unique_ptr<SampleReader> open_samples(const Recording& recording, bool hash);

/// Whether `mark` stands there.
bool begins_with(std::span<const std::byte> head, std::string_view mark, std::size_t at = 0);
/// POSIX.1-2001 (ustar, pax) and GNU tar.
bool looks_like_tar(std::span<const std::byte> head);

/// "cu8" of "a.b.CU8": in small letters, without the dot.
std::string extension_of(const std::string& path);

/// Something that is known, and not read: "SIGPROC filterbank (.fil)", and what to do with it. By content, and by name.
struct Unread {
    std::string name, hint;
};
std::optional<Unread> known_unread(const std::string& path, std::span<const std::byte> head);

}  // namespace flowspan::io

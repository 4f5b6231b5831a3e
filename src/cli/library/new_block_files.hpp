// The files that `flowspan new-block` writes. In names and contents @name@ stands for the block's type, @Name@ for it in
// CamelCase,
// @version@ for the version of flowspan.
#pragma once

#include <span>
#include <string_view>

namespace flowspan::cli {

struct TemplateFile {
    std::string_view name, content;
};
std::span<const TemplateFile> new_block_files();

}  // namespace flowspan::cli

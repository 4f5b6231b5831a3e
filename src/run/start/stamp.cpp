#include "run/start/stamp.hpp"

#include <elf.h>

#include <bit>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace flowspan::run {
namespace {

constexpr std::string_view symbol_name = "flowspan_stamp";

/// Reads structures from anywhere in a file that may be damaged.
class Image {
public:
    explicit Image(std::span<const char> bytes) : bytes_(bytes) {}

    template <class T>
    T at(std::uint64_t offset, std::uint64_t index = 0) const {
        T value;
        if (offset > bytes_.size() || index > (bytes_.size() - offset) / sizeof(T)) beyond();
        offset += index * sizeof(T);
        if (bytes_.size() - offset < sizeof(T)) beyond();
        std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return value;
    }
    /// Up to a zero byte, at most `longest` bytes.
    std::string_view text(std::uint64_t offset, std::uint64_t longest) const {
        if (offset > bytes_.size()) beyond();
        const std::string_view rest(bytes_.data() + offset, std::min<std::uint64_t>(longest, bytes_.size() - offset));
        return rest.substr(0, rest.find('\0'));
    }

private:
    [[noreturn]] static void beyond() { throw std::invalid_argument("a truncated one"); }
    std::span<const char> bytes_;
};

bool is_shared_object(const Elf64_Ehdr& header) {
    constexpr unsigned char native = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
    return std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
           header.e_ident[EI_DATA] == native && header.e_type == ET_DYN;
}

/// The text that lies at `address` once the object is loaded.
std::string text_at(const Image& image, const Elf64_Ehdr& header, std::uint64_t address, std::uint64_t size) {
    for (unsigned k = 0; k < header.e_phnum; ++k) {
        const auto segment = image.at<Elf64_Phdr>(header.e_phoff, k);
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
            return std::string(image.text(segment.p_offset + (address - segment.p_vaddr), size));
    }
    return {};
}

}  // namespace

std::string stamp_in(std::span<const char> file) {
    const Image image(file);
    if (file.size() < sizeof(Elf64_Ehdr) || !is_shared_object(image.at<Elf64_Ehdr>(0)))
        throw std::invalid_argument("a file of another kind");
    const auto header = image.at<Elf64_Ehdr>(0);
    for (unsigned k = 0; k < header.e_shnum; ++k) {
        const auto section = image.at<Elf64_Shdr>(header.e_shoff, k);
        if (section.sh_type != SHT_DYNSYM) continue;
        const auto names = image.at<Elf64_Shdr>(header.e_shoff, section.sh_link);
        for (std::uint64_t s = 0; s < section.sh_size / sizeof(Elf64_Sym); ++s) {
            const auto symbol = image.at<Elf64_Sym>(section.sh_offset, s);
            if (symbol.st_shndx != SHN_UNDEF && image.text(names.sh_offset + symbol.st_name, 64) == symbol_name)
                return text_at(image, header, symbol.st_value, symbol.st_size);
        }
    }
    return {};
}

}  // namespace flowspan::run

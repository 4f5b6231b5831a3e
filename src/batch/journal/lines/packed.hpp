// A text that does not change, in as little memory as it can be: there are millions.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace flowspan::batch {

class Packed {
public:
    Packed() = default;
    explicit Packed(std::string_view text) {
        if (text.empty()) return;
        const auto size = std::uint32_t(text.size());  // a line's: less than 4 GiB
        bytes_ = std::make_unique_for_overwrite<char[]>(sizeof size + text.size());
        std::memcpy(bytes_.get(), &size, sizeof size);
        std::memcpy(bytes_.get() + sizeof size, text.data(), text.size());
    }
    bool empty() const { return bytes_ == nullptr; }
    std::string_view view() const {
        if (empty()) return {};
        std::uint32_t size = 0;
        std::memcpy(&size, bytes_.get(), sizeof size);
        return {bytes_.get() + sizeof size, size};
    }

private:
    std::unique_ptr<char[]> bytes_;
};

}  // namespace flowspan::batch

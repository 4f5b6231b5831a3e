// What is wrong with one file of many is, most often, wrong with all: the first is said.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace flowspan::io {

class FirstWarnings {
public:
    void add(std::string warning) {
        if (++count_ <= most) said_.push_back(std::move(warning));
    }
    /// The first ones, and how many there are besides, behind those in `to`.
    void append_to(std::vector<std::string>& to) {
        if (count_ > most) said_.push_back(fmt::format("… {} more warnings", count_ - most));
        for (std::string& warning : said_) to.push_back(std::move(warning));
    }

private:
    static constexpr std::size_t most = 5;
    std::vector<std::string> said_;
    std::size_t count_ = 0;
};

}  // namespace flowspan::io

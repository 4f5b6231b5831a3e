// `OUT/index.jsonl`: a line of JSON a unit, for other programs.
#pragma once

#include "batch/unit.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flowspan::batch {

/// Written aside, as `OUT/.flowspan/index-TAG.part`, and put in its place as a whole. Throws Failure. An index that was not
/// published is removed.
class Index {
public:
    /// `tag`: tells those who may write at a time apart.
    Index(const std::string& out, const std::string& tag);
    ~Index();
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;

    /// `state`: "done", "failed", …. `products`: paths below the unit's folder.
    void add(const Unit& unit, std::string_view state, const std::vector<std::string>& products);
    void publish();

private:
    void write(std::string_view text);
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::string path_, part_;
    std::unique_ptr<std::FILE, Close> file_;
};

/// A line of it: `unit`, `state`, `folder`, `recording`, `from` and `duration` where given, `parameters`, `products`, which
/// begin at OUT. Bytes that are no UTF-8 stand as U+FFFD.
std::string index_line(const Unit& unit, std::string_view state, const std::vector<std::string>& products);

}  // namespace flowspan::batch

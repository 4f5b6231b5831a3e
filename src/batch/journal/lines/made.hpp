// What is kept in memory of what a unit has made: views of a text that must outlive it.
#pragma once

#include "batch/journal/lines/fields.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace flowspan::batch {

struct Made {
    std::string_view content, fingerprint, key, products, run;  // JSON, each

    /// Of a line.
    explicit Made(const Fields& f)
        : content(f.raw("content")),
          fingerprint(f.raw("fingerprint")),
          key(f.raw("key")),
          products(f.raw("products")),
          run(f.raw("run")) {}
    /// As `json` gave it.
    explicit Made(std::string_view json) {
        const auto items = items_of(json);
        content = items.at(0);
        fingerprint = items.at(1);
        key = items.at(2);
        products = items.at(3);
        run = items.at(4);
    }
    void keep_files_of(const Made& other) {
        products = other.products;
        run = other.run;
    }
    std::string json() const { return fmt::format("[{},{},{},{},{}]", content, fingerprint, key, products, run); }
};

}  // namespace flowspan::batch

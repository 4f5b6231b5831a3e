// A sink with a file for every few samples: as many products as one likes, announced while it runs.
#include <flowspan/flowspan.hpp>

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace flowspan;

namespace {

struct ManyFiles final : Block {
    Input<cf32> in{*this, "in"};
    Parameter<ProductPath> path{*this, "path", {.help = "NAME.EXT for NAME-0.EXT, NAME-1.EXT, …"}};
    Parameter<int> each{*this, "each", {.initial = 1, .min = 1, .help = "Samples a file."}};
    Parameter<bool> stray{*this, "stray", {.initial = false, .help = "Announces a file that was not declared."}};

    void describe() override { ignores_tags(); }
    std::vector<std::string> products() const override { return {}; }
    std::vector<ProductPattern> product_patterns() const override {
        const std::filesystem::path file(path->path);
        const std::string folder = file.parent_path().string();
        return {{folder.empty() ? "." : folder,
                 {file.stem().string() + "-", ProductPattern::Field::digits, file.extension().string()}}};
    }
    Step step(std::size_t n) override {
        const std::filesystem::path file(path->path);
        std::vector<std::pair<std::shared_ptr<Product>, cf32>> files;
        for (std::size_t k = 0; k < n; ++k, ++samples_) {
            if (samples_ % std::uint64_t(each.get()) != 0) continue;
            const std::string number = stray ? "x" : std::to_string(made_++);
            const std::string name = file.stem().string() + "-" + number + file.extension().string();
            files.emplace_back(io().product((file.parent_path() / name).string()), in[std::ptrdiff_t(k)]);
        }
        return io().submit([files = std::move(files)] {
            for (const auto& [product, sample] : files) {
                File out = File::create(product->part(), product->path());
                out.append(std::as_bytes(std::span(&sample, 1)));
                out.close();
                product->complete();
            }
        });
    }
    Value results() const override { return Value::Map{{"files", std::int64_t(made_)}}; }
    std::uint64_t samples_ = 0, made_ = 0;
};

}  // namespace

void flowspan_register(Registry& r) { r.add<ManyFiles>("many_files", "A file for every few samples."); }

#include <flowspan/flowspan.hpp>

#include "blocks/filters/design/response.hpp"
#include "blocks/filters/recursive.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace flowspan {
namespace {

// A cascade of second-order sections, each  y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2]
//
// in double precision, in the order of operations of SciPy's sosfilt (kernels/iir/iir.hpp).
template <class T>
struct IirFilter final : Block, blocks::Filter {
    using Filtering = blocks::Recursive<T, kernels::Sections<T>>;
    Parameter<std::vector<double>> sections{
        *this,
        "sections",
        {.when = Change::running,
         .help = "Second-order sections, b0 b1 b2 a0 a1 a2 of each, one after the other, as scipy.signal gives them "
                 "(output='sos'); a0 is 1."}};
    Input<T> in{*this, "in", blocks::each_channel()};
    Output<T> out{*this, "out"};

    void describe() override {
        check();
        memory(Memory::unbounded, "the states of the sections");
        out.describe(in.description());
        holds(Filtering::bytes(in, count()));
        cost((5 + (sizeof(T) == sizeof(cf32) ? 1.4 : 0.8) * double(count())) * double(in.description().samples_per_item()));
    }
    void prepare() override { filter_.set(kernels::Sections<T>(given_sections()), in.description().samples_per_item()); }
    void restart() override { filter_.restart(); }
    void work(std::size_t n) override { filter_(in, out, n); }
    Value results() const override { return filter_.results(); }
    blocks::Response response() const override { return blocks::Response::of(given_sections()); }

    std::size_t count() const { return sections->size() / 6; }
    std::vector<kernels::Section> given_sections() const {
        std::vector<kernels::Section> all(count());
        for (std::size_t k = 0; k < all.size(); ++k) std::copy_n(sections->begin() + std::ptrdiff_t(6 * k), 6, all[k].begin());
        return all;
    }
    void check() const {
        if (sections->empty() || sections->size() % 6 != 0 || count() > 4096)
            sections.refuse("6 numbers for each of 1 to 4096 sections");
        const auto all = given_sections();
        for (std::size_t k = 0; k < all.size(); ++k) {
            const bool finite = std::all_of(all[k].begin(), all[k].end(), [](double c) { return std::abs(c) <= 1e30; });
            if (!finite) sections.refuse("numbers from -1e+30 to 1e+30");
            if (all[k][3] != 1) sections.refuse(fmt::format("a0 = 1 in section {}", k), {}, "divide its numbers by a0");
            if (!kernels::is_stable(all[k]))
                sections.refuse(fmt::format("poles within the unit circle in section {}", k), {}, "|a2| < 1 and |a1| < 1 + a2");
        }
    }

    Filtering filter_;
};

}  // namespace

void register_iir_filter(Registry& r) {
    r.add<IirFilter>("iir_filter",
                     "Filters each channel by a cascade of second-order sections. Samples that are not finite are counted, and "
                     "are 0 to the sections.",
                     types<cf32, f32>, "sections: [0.0675, 0.1349, 0.0675, 1, -1.143, 0.4128]");
}

}  // namespace flowspan

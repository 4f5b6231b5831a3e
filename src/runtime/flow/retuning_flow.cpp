#include "runtime/flow/retuning_flow.hpp"

namespace flowspan::runtime {

void RetuningFlow::wait(std::size_t output, memory::Deviation place, std::optional<double> center_frequency) {
    lines_.resize(ends_.outs.size());
    auto& line = lines_[output];
    while (!line.empty() && line.back().place >= place) line.pop_back();
    line.push_back({place, center_frequency});
}

void RetuningFlow::move(const std::vector<std::size_t>& made, const Places& places) {
    for (std::size_t k = 0; k < lines_.size(); ++k) {
        auto& line = lines_[k];
        const Out& out = ends_.outs[k];
        for (std::size_t item = 0; item < made[k] && !line.empty(); ++item) {
            for (; !line.empty() && line.front().place <= places.place(k, item); line.pop_front()) {
                if (out.wire != nullptr)
                    out.wire->buffer.add_retuning({out.anchor + out.made + item, line.front().center_frequency});
            }
        }
    }
}

void RetuningFlow::forget(std::size_t output) {
    if (output < lines_.size()) lines_[output].clear();
}

}  // namespace flowspan::runtime

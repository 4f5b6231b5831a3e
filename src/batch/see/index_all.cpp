#include "batch/see/index_all.hpp"

#include "batch/journal/history.hpp"
#include "batch/units/index.hpp"

#include <vector>

namespace flowspan::batch {

void write_index(const std::string& out, const std::string& tag) {
    Index index(out, tag);
    Troubles said_before;
    for (const auto& [part, begin] : first_begins(out, said_before)) {
        const History history = History::read(out, part, true);
        for (std::size_t u = 0; u < history.size(); ++u) {
            const Known known = history.known(u);
            if (known.state == State::deleted) continue;
            std::vector<std::string> names;
            for (const MadeFile& product : known.products) names.push_back(product.name);
            index.add(known.unit, name_of(known.state), names);
        }
    }
    index.publish();
}

}  // namespace flowspan::batch

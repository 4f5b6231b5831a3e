// Looking for mistakes beyond the first, and saying more of them on their way.
#pragma once

#include <flowspan/diagnostic.hpp>

#include <utility>

namespace flowspan {

inline void append(Diagnostics& found, const Diagnostics& more) { found.insert(found.end(), more.begin(), more.end()); }

/// Runs a step; what it refuses is added to what was found. True: it refused nothing.
template <class Step>
bool collect(Diagnostics& found, Step step) {
    try {
        step();
        return true;
    } catch (const Refused& refused) {
        append(found, refused.diagnostics());
        return false;
    }
}

/// What `step` returns. Of what it refuses, `say_more(Diagnostics&)` says where it stands or is used.
template <class Step, class SayMore>
auto saying_more(Step step, SayMore say_more) {
    try {
        return step();
    } catch (const Refused& refused) {
        Diagnostics found = refused.diagnostics();
        say_more(found);
        throw Refused(std::move(found), refused.code());
    }
}

}  // namespace flowspan

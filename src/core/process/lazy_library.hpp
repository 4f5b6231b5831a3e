// Shared libraries that are loaded when they are first needed: a run that draws nothing starts without what drawing needs,
// which is half of all that flowspan links (docs/decisions/009).
#pragma once

#include <string>

namespace flowspan {

/// A shared library by its soname. It stays loaded to the end of the process.
class LazyLibrary {
public:
    /// Throws Failure where it cannot be loaded.
    explicit LazyLibrary(const char* soname);
    /// The function of this name in it or in what it depends on: `decltype(puts)* say = library["puts"]`. Throws Failure where
    /// there is none.
    struct Address {
        void* at;
        template <class F>
        operator F*() const {
            return reinterpret_cast<F*>(at);
        }
    };
    Address operator[](const char* name) const;

private:
    std::string soname_;
    void* handle_;
};

}  // namespace flowspan

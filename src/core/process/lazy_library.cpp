#include "core/process/lazy_library.hpp"

#include "core/numbers/rounding.hpp"

#include <flowspan/diagnostic.hpp>

#include <dlfcn.h>

namespace flowspan {

LazyLibrary::LazyLibrary(const char* soname) : soname_(soname) {
    {
        const RoundingKept kept;
        handle_ = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    }
    if (handle_ == nullptr) throw Failure(ExitCode::bug, std::string("cannot load a library: ") + dlerror());
}

LazyLibrary::Address LazyLibrary::operator[](const char* name) const {
    void* const found = dlsym(handle_, name);
    if (found == nullptr) throw Failure(ExitCode::bug, soname_ + " has no " + name);
    return {found};
}

}  // namespace flowspan

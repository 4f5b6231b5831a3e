#include "core/lazy_library.hpp"

#include <flowspan/diagnostic.hpp>

#include <dlfcn.h>

#include <cfenv>

namespace flowspan {

LazyLibrary::LazyLibrary(const char* soname) : soname_(soname) {
    fenv_t rounding;
    std::fegetenv(&rounding);
    handle_ = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    std::fesetenv(&rounding);  // what was linked with -ffast-math sets the processor to flush denormals
    if (handle_ == nullptr) throw Failure(ExitCode::bug, std::string("cannot load a library: ") + dlerror());
}

LazyLibrary::Address LazyLibrary::operator[](const char* name) const {
    void* const found = dlsym(handle_, name);
    if (found == nullptr) throw Failure(ExitCode::bug, soname_ + " has no " + name);
    return {found};
}

}  // namespace flowspan

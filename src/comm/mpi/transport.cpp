#include "comm/mpi/mpi.hpp"

#include <flowspan/diagnostic.hpp>

#include <mpi.h>

#include <cstdlib>
#include <string_view>

namespace flowspan::comm {
namespace {

/// Sets one of Open MPI's variables, which hold for this process when MPI begins.
void set(const std::string& name, const char* variable, const std::string& value) {
    const char* present = std::getenv(variable);
    if (present != nullptr && present != value) {
        Diagnostic conflict;
        conflict.key = "--transport";
        conflict.expected = std::string(variable) + "=" + value + " for " + name;
        conflict.got = present;
        conflict.hint = "give the transport in one place: leave `--mca` and the variable out";
        throw Refused(std::move(conflict));
    }
    setenv(variable, value.c_str(), 1);
}

std::string library() {
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
    int length = 0;
    MPI_Get_library_version(text, &length);  // allowed before MPI begins
    return {text, std::size_t(length)};
}

}  // namespace

std::vector<std::string> transports() { return {"auto", "p2p", "shared-memory", "tcp"}; }

void choose_transport(const std::string& name) {
    if (name == "auto" || name == "p2p") return;
    const std::string version = library();
    const std::string_view known = "Open MPI v";
    if (!version.starts_with(known)) {
        Diagnostic other;
        other.key = "--transport";
        other.expected = "auto or p2p with this MPI";
        other.got = name;
        other.hint = "only Open MPI is told what to use; this is " + version.substr(0, version.find(','));
        throw Refused(std::move(other));
    }
    const bool old = std::atoi(version.c_str() + known.size()) < 5;
    set(name, "OMPI_MCA_pml", "ob1");
    set(name, "OMPI_MCA_btl", name == "tcp" ? "self,tcp" : old ? "self,vader" : "self,sm");
}

}  // namespace flowspan::comm

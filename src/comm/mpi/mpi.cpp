#include "comm/mpi/mpi.hpp"

#include <flowspan/diagnostic.hpp>

#include <mpi.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>
#include <boost/mpi/collectives/all_gather.hpp>
#include <boost/mpi/collectives/broadcast.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>

namespace flowspan::comm {
namespace {

// Every call is checked here: its name goes into the sentence.
void check(int result, std::string_view call) {
    if (result == MPI_SUCCESS) return;
    char text[MPI_MAX_ERROR_STRING] = {};
    int length = 0;
    MPI_Error_string(result, text, &length);
    throw Failure(ExitCode::communication, fmt::format("{} failed: {}", call, std::string_view(text, std::size_t(length))));
}

/// A duplicate of the world, or of a part of another communicator, with errors returned.
struct Duplicate {
    MPI_Comm comm = MPI_COMM_NULL;
    Duplicate() {
        check(MPI_Comm_dup(MPI_COMM_WORLD, &comm), "MPI_Comm_dup");
        check(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    }
    Duplicate(MPI_Comm whole, int group) {
        check(MPI_Comm_split(whole, group, 0, &comm), "MPI_Comm_split");
        check(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
    }
    ~Duplicate() { MPI_Comm_free(&comm); }
    Duplicate(const Duplicate&) = delete;
    Duplicate& operator=(const Duplicate&) = delete;
};

static_assert(sizeof(MPI_Request) <= sizeof(void*), "a request must fit into a pointer");
static_assert(sizeof(MPI_Request) == sizeof(void*), "Open MPI's requests are pointers; other libraries need a table here");

MPI_Request& mpi(Request& request) { return reinterpret_cast<MPI_Request&>(request.handle()); }

Request made(MPI_Request request) { return Request(static_cast<void*>(request)); }

int count_of(std::size_t bytes) {
    if (bytes > INT_MAX) throw Failure(ExitCode::communication, fmt::format("a message of {} bytes passes 2^31", bytes));
    return int(bytes);
}

class Mpi final : public Communicator {
public:
    Mpi() : structured_(control_.comm, boost::mpi::comm_attach) { count(); }
    /// A part of another one.
    Mpi(const Mpi& whole, int group)
        : data_(whole.control_.comm, group),
          control_(whole.control_.comm, group),
          structured_(control_.comm, boost::mpi::comm_attach) {
        count();
    }
    void count() {
        check(MPI_Comm_rank(control_.comm, &rank_), "MPI_Comm_rank");
        check(MPI_Comm_size(control_.comm, &size_), "MPI_Comm_size");
    }
    int rank() const override { return rank_; }
    int size() const override { return size_; }
    std::string host() const override {
        char name[MPI_MAX_PROCESSOR_NAME] = {};
        int length = 0;
        check(MPI_Get_processor_name(name, &length), "MPI_Get_processor_name");
        return {name, std::size_t(length)};
    }
    std::string library() const override {
        char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
        int length = 0;
        check(MPI_Get_library_version(text, &length), "MPI_Get_library_version");
        const std::string_view all(text, std::size_t(length));
        return std::string(all.substr(0, all.find(',')));
    }
    std::string broadcast(const std::string& text) override {
        std::string copy = text;
        boost::mpi::broadcast(structured_, copy, 0);
        return copy;
    }
    std::vector<std::string> all_gather(const std::string& text) override {
        std::vector<std::string> all;
        boost::mpi::all_gather(structured_, text, all);
        return all;
    }
    std::unique_ptr<Communicator> split(int group) override {
        if (group >= 0) return std::make_unique<Mpi>(*this, group);
        for (int k = 0; k < 2; ++k) {  // as often as the others
            MPI_Comm none = MPI_COMM_NULL;
            check(MPI_Comm_split(control_.comm, MPI_UNDEFINED, 0, &none), "MPI_Comm_split");
        }
        return nullptr;
    }
    Request send(int to, Lane lane, const void* data, std::size_t bytes) override {
        MPI_Request request = MPI_REQUEST_NULL;
        check(MPI_Isend(data, count_of(bytes), MPI_BYTE, to, int(lane), of(lane), &request), "MPI_Isend");
        return made(request);
    }
    Request send_synchronous(int to, Lane lane, const void* data, std::size_t bytes) override {
        MPI_Request request = MPI_REQUEST_NULL;
        check(MPI_Issend(data, count_of(bytes), MPI_BYTE, to, int(lane), of(lane), &request), "MPI_Issend");
        return made(request);
    }
    Request receive(int from, Lane lane, void* data, std::size_t bytes) override {
        MPI_Request request = MPI_REQUEST_NULL;
        const int source = from == any_rank ? MPI_ANY_SOURCE : from;
        check(MPI_Irecv(data, count_of(bytes), MPI_BYTE, source, int(lane), of(lane), &request), "MPI_Irecv");
        return made(request);
    }
    bool test(Request& request, Arrived* arrived) override {
        if (!request) return true;
        int flag = 0;
        MPI_Status status;
        check(MPI_Test(&mpi(request), &flag, &status), "MPI_Test");
        if (flag == 0) return false;
        if (arrived != nullptr) {
            int bytes = 0;
            check(MPI_Get_count(&status, MPI_BYTE, &bytes), "MPI_Get_count");
            *arrived = {status.MPI_SOURCE, std::size_t(bytes)};
        }
        request = Request();
        return true;
    }
    bool cancel(Request& request) override {
        if (!request) return true;
        check(MPI_Cancel(&mpi(request)), "MPI_Cancel");
        MPI_Status status;
        check(MPI_Wait(&mpi(request), &status), "MPI_Wait");
        int cancelled = 0;
        check(MPI_Test_cancelled(&status, &cancelled), "MPI_Test_cancelled");
        request = Request();
        return cancelled != 0;
    }
    bool anything_unreceived() override {
        for (const MPI_Comm comm : {data_.comm, control_.comm}) {
            int flag = 0;
            check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm, &flag, MPI_STATUS_IGNORE), "MPI_Iprobe");
            if (flag != 0) return true;
        }
        return false;
    }
    void abort(int code) override {
        MPI_Abort(MPI_COMM_WORLD, code);
        std::_Exit(code);
    }

private:
    MPI_Comm of(Lane lane) const { return lane == Lane::records || lane == Lane::payload ? data_.comm : control_.comm; }
    Duplicate data_, control_;
    boost::mpi::communicator structured_;
    int rank_ = 0, size_ = 1;
};

int number_in(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? 0 : std::atoi(text);
}

}  // namespace

MpiLibrary::MpiLibrary() {
    int provided = 0;
    if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS || provided < MPI_THREAD_FUNNELED)
        throw Failure(ExitCode::communication, "MPI does not grant MPI_THREAD_FUNNELED");
}

MpiLibrary::~MpiLibrary() { MPI_Finalize(); }

std::unique_ptr<Communicator> MpiLibrary::world() { return std::make_unique<Mpi>(); }

bool started_by_launcher() {
    // SLURM_PROCID is also set in a batch script, where nobody has started ranks yet; a step's own variable is not.
    return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMIX_RANK") != nullptr ||
           std::getenv("SLURM_STEP_NUM_TASKS") != nullptr;
}

bool launcher_speaks_pmix() {
    return std::getenv("PMIX_NAMESPACE") != nullptr || std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr;
}

int promised_rank() {
    return std::max({0, number_in("OMPI_COMM_WORLD_RANK"), number_in("PMIX_RANK"), number_in("SLURM_PROCID")});
}

int promised_ranks() {
    if (const int n = number_in("OMPI_COMM_WORLD_SIZE"); n > 0) return n;
    return number_in("SLURM_STEP_NUM_TASKS");
}

}  // namespace flowspan::comm

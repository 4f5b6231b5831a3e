// The floors of this machine: what plain loops cost, measured in one run so that ratios to them hold on a noisy machine.
//
//   mpirun -q -n 2 --bind-to none bench_floors IN OUT [CHUNK_KIB DEPTH]
//   bench_floors --files IN OUT    R and W, of one pass each, without MPI: to be run in turn with a job
//   bench_floors --copies          C alone, likewise
//   bench_floors --touch GIB       writes to so much memory and gives it back: its pages are there for whoever comes next
//
// IN is a file of at least 64 MiB in the page cache; OUT is made on the file system that is meant, and removed. One line of
// JSON on stdout:
//   R, W  CPU-seconds per 1e9 complex64: pread of IN, pwrite to a new file of the same size, 1 MiB a call
//   C     a memset and 16 passes of memcpy between two buffers of 8 KiB, which stay in the L1 cache
//   L     the same through 17 buffers of 16 KiB, which stay in the L2 cache: a graph of 16 copies with a buffer a connection
//   X     GB/s: MPI_Send to MPI_Recv over a ring of DEPTH chunks, each rewritten before it is sent, as a source would
// Each is measured five times; CPU times are the best, rates the upper quartile.
#include <fcntl.h>
#include <mpi.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr int repeats = 5;
constexpr std::size_t KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;
constexpr double bytes_per_sample = 8;  // complex64

struct Arguments {
    std::string in, out;
    std::size_t chunk_bytes = 256 * KiB, depth = 4;
};

void check(int result, std::string_view call) {
    if (result == MPI_SUCCESS) return;
    std::array<char, MPI_MAX_ERROR_STRING> text{};
    int length = 0;
    MPI_Error_string(result, text.data(), &length);
    throw std::runtime_error(std::string(call) + " failed: " + std::string(text.data(), std::size_t(length)));
}

std::system_error failure(const char* verb, const std::string& path) {
    return {errno, std::generic_category(), std::string("cannot ") + verb + " " + path};
}

/// MPI from MPI_Init to MPI_Finalize, with errors returned.
class Mpi {
public:
    Mpi() {
        check(MPI_Init(nullptr, nullptr), "MPI_Init");
        check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
        check(MPI_Comm_rank(MPI_COMM_WORLD, &rank), "MPI_Comm_rank");
        check(MPI_Comm_size(MPI_COMM_WORLD, &size), "MPI_Comm_size");
    }
    ~Mpi() { MPI_Finalize(); }
    Mpi(const Mpi&) = delete;
    Mpi& operator=(const Mpi&) = delete;
    int rank = 0, size = 0;
};

class File {
public:
    File(const std::string& path, int flags) : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
        if (descriptor_ < 0) throw failure("open", path);
    }
    ~File() { ::close(descriptor_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    std::size_t size() const {
        struct stat status {};
        if (::fstat(descriptor_, &status) != 0) throw failure("read", path_);
        return std::size_t(status.st_size);
    }
    /// A short count would be less work than is claimed, so it is a failure.
    void read(std::span<char> to, std::size_t offset) const {
        if (::pread(descriptor_, to.data(), to.size(), off_t(offset)) != ssize_t(to.size())) throw failure("read", path_);
    }
    void write(std::span<const char> from, std::size_t offset) const {
        if (::pwrite(descriptor_, from.data(), from.size(), off_t(offset)) != ssize_t(from.size()))
            throw failure("write", path_);
    }

private:
    std::string path_;
    int descriptor_;
};

/// Memory from a page boundary on, written once so that its pages are there.
class Pages {
public:
    explicit Pages(std::size_t n_bytes) : data_(static_cast<char*>(std::aligned_alloc(4 * KiB, n_bytes))) {
        if (!data_) throw std::bad_alloc();
        std::memset(data_.get(), 1, n_bytes);
    }
    char* at(std::size_t offset) { return data_.get() + offset; }

private:
    struct Free {
        void operator()(char* p) const { std::free(p); }
    };
    std::unique_ptr<char, Free> data_;
};

/// User and system time of this process.
double cpu_s() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// CPU-seconds per 1e9 samples of `pass`, which moves `n_bytes`.
double cost(std::size_t n_bytes, int passes, const std::function<void()>& pass) {
    double best_s = 1e30;
    for (int i = 0; i < passes; ++i) {
        const double begun = cpu_s();
        pass();
        best_s = std::min(best_s, cpu_s() - begun);
    }
    return best_s * 1e9 * bytes_per_sample / double(n_bytes);
}

/// R and W.
std::pair<double, double> file_costs(const Arguments& arguments, int passes = repeats) {
    const File in(arguments.in, O_RDONLY);
    const std::size_t n_bytes = in.size() / MiB * MiB;
    if (n_bytes < 64 * MiB) throw std::runtime_error(arguments.in + ": expected a file of at least 64 MiB");
    std::vector<char> buffer(MiB, 1);
    const double read = cost(n_bytes, passes, [&] {
        for (std::size_t offset = 0; offset < n_bytes; offset += MiB) in.read(buffer, offset);
    });
    const double written = cost(n_bytes, passes, [&] {
        ::unlink(arguments.out.c_str());  // a new file costs more than an old one
        const File out(arguments.out, O_WRONLY | O_CREAT | O_EXCL);
        for (std::size_t offset = 0; offset < n_bytes; offset += MiB) out.write(buffer, offset);
    });
    ::unlink(arguments.out.c_str());
    return {read, written};
}

/// A memcpy that the compiler must not leave out, though nobody reads the copy.
template <std::size_t n_bytes>
[[gnu::noinline]] void copy(char* to, const char* from, std::size_t n = n_bytes) {
    asm volatile("" : "+r"(n));  // the C library's own, which may be better than what the compiler puts in its place
    std::memcpy(to, from, n);
    asm volatile("" ::: "memory");
}

/// C: zeros, then 16 copies to and fro; the second buffer begins in other cache sets than the first.
/// The best of `passes` over `total` bytes.
double copies_in_l1(std::size_t total = GiB, int passes = repeats) {
    constexpr std::size_t n_bytes = 8 * KiB;
    Pages pages(4 * n_bytes);
    char *const a = pages.at(0), *const b = pages.at(2 * n_bytes + 2112);
    return cost(total, passes, [=] {
        for (std::size_t done = 0; done < total; done += n_bytes) {
            std::memset(a, 0, n_bytes);
            for (int i = 0; i < 8; ++i) {
                copy<n_bytes>(b, a);
                copy<n_bytes>(a, b);
            }
        }
    });
}

/// L: zeros, then 16 copies, each into a buffer of its own.
double copies_in_l2() {
    constexpr std::size_t n_bytes = 16 * KiB, n_copies = 16;
    Pages pages((n_copies + 1) * n_bytes);
    char* const first = pages.at(0);
    return cost(GiB, repeats, [=] {
        for (std::size_t done = 0; done < GiB; done += n_bytes) {
            std::memset(first, 0, n_bytes);
            for (std::size_t i = 0; i < n_copies; ++i) copy<n_bytes>(first + (i + 1) * n_bytes, first + i * n_bytes);
        }
    });
}

void send_or_receive(char* chunk, const Arguments& arguments, int rank, int value) {
    const int n = int(arguments.chunk_bytes);
    if (rank == 0) {
        std::memset(chunk, value, arguments.chunk_bytes);
        check(MPI_Send(chunk, n, MPI_BYTE, 1, 0, MPI_COMM_WORLD), "MPI_Send");
    } else {
        check(MPI_Recv(chunk, n, MPI_BYTE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE), "MPI_Recv");
    }
}

/// X, on both ranks.
double crossing_gb_per_s(const Arguments& arguments, int rank) {
    const std::size_t n_chunks = 4 * GiB / arguments.chunk_bytes;
    Pages ring(arguments.chunk_bytes * arguments.depth);
    std::vector<double> rates;
    for (int i = 0; i < repeats; ++i) {
        check(MPI_Barrier(MPI_COMM_WORLD), "MPI_Barrier");
        const double begun = MPI_Wtime();
        for (std::size_t k = 0; k < n_chunks; ++k)
            send_or_receive(ring.at(k % arguments.depth * arguments.chunk_bytes), arguments, rank, int(k));
        check(MPI_Barrier(MPI_COMM_WORLD), "MPI_Barrier");
        rates.push_back(double(n_chunks * arguments.chunk_bytes) / (MPI_Wtime() - begun) / 1e9);
    }
    std::sort(rates.begin(), rates.end());
    return rates[repeats * 3 / 4];
}

std::size_t positive(std::string_view text, std::size_t most) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > most)
        throw std::invalid_argument("expected an integer from 1 to " + std::to_string(most) + ", got " + std::string(text));
    return value;
}

Arguments read_arguments(std::span<char* const> words) {
    if (words.size() != 3 && words.size() != 5) throw std::invalid_argument("expected IN OUT [CHUNK_KIB DEPTH]");
    Arguments arguments{.in = words[1], .out = words[2]};
    if (words.size() == 5) {
        arguments.chunk_bytes = positive(words[3], GiB / KiB) * KiB;
        arguments.depth = positive(words[4], 1024);
    }
    return arguments;
}

/// A barrier that sleeps, so that the rank that waits takes nothing from the one that is measured.
void quiet_barrier() {
    MPI_Request request = MPI_REQUEST_NULL;
    check(MPI_Ibarrier(MPI_COMM_WORLD, &request), "MPI_Ibarrier");
    for (int done = 0; !done;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        check(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "MPI_Test");
    }
}

void measure(const Arguments& arguments, const Mpi& mpi) {
    if (mpi.size != 2) throw std::runtime_error("expected 2 ranks, got " + std::to_string(mpi.size));
    if (mpi.rank == 0) {
        const auto [read, written] = file_costs(arguments);
        std::printf("{\"R\": %.3f, \"W\": %.3f, \"C\": %.3f, \"L\": %.3f, ", read, written, copies_in_l1(), copies_in_l2());
    }
    quiet_barrier();
    const double crossing = crossing_gb_per_s(arguments, mpi.rank);
    if (mpi.rank == 0)
        std::printf("\"X\": %.2f, \"chunk_KiB\": %zu, \"depth\": %zu}\n", crossing, arguments.chunk_bytes / KiB,
                    arguments.depth);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc > 1 && std::string_view(argv[1]) == "--files") {
            const auto [read, written] = file_costs(read_arguments({argv + 1, std::size_t(argc - 1)}), 1);
            std::printf("{\"R\": %.3f, \"W\": %.3f}\n", read, written);
            return 0;
        }
        if (argc == 2 && std::string_view(argv[1]) == "--copies") {
            std::printf("{\"C\": %.3f}\n", copies_in_l1(8 * GiB, 1));  // as long as it takes, as the job does
            return 0;
        }
        if (argc == 3 && std::string_view(argv[1]) == "--touch") {
            const std::size_t n_bytes = positive(argv[2], 1024) * GiB;
            Pages pages(n_bytes);
            for (std::size_t k = 0; k < n_bytes; k += 4 * KiB) *static_cast<volatile char*>(pages.at(k)) = 1;
            return 0;
        }
        const Arguments arguments = read_arguments({argv, std::size_t(argc)});
        const Mpi mpi;
        try {
            measure(arguments, mpi);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "bench_floors: %s\n", error.what());
            MPI_Abort(MPI_COMM_WORLD, 1);  // the other rank may wait in a call
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_floors: %s\n", error.what());
        return 2;
    }
}

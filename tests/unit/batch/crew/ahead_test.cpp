// What is fetched ahead is in memory when the unit begins.
#include "batch/ahead/ahead.hpp"

#include "tests/unit/io/folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace flowspan::batch {
namespace {

using flowspan::test::Folder;

constexpr std::size_t bytes = std::size_t(3) << 20;

/// Pages of the file that are in memory.
std::size_t pages_of(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    void* const memory = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0);
    std::vector<unsigned char> there(bytes / std::size_t(::sysconf(_SC_PAGESIZE)));
    if (::mincore(memory, bytes, there.data()) != 0) there.clear();
    ::munmap(memory, bytes);
    ::close(file);
    return std::size_t(std::count_if(there.begin(), there.end(), [](unsigned char c) { return (c & 1) != 0; }));
}

void forget(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
}

TEST(FetchAhead, BringsHeaderAndSamplesIntoMemory) {
    const Folder folder;
    const std::string header = folder.write("a.sigmf-meta", std::string(bytes, ' ')),
                      data = folder.write("a.sigmf-data", std::string(bytes, '\1'));
    forget(header);
    forget(data);
    if (pages_of(data) > 0) GTEST_SKIP() << "this file system keeps its files in memory";
    Task task;
    task.overrides = {{"gain", "2", ""}, {"recording", header, ""}};
    Task gone;
    gone.overrides = {{"recording", folder / "nothing", ""}};
    fetch_ahead({Task{}, gone, task});
    const std::size_t all = bytes / std::size_t(::sysconf(_SC_PAGESIZE));
    for (int k = 0; k < 1000 && pages_of(header) + pages_of(data) < 2 * all; ++k)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(pages_of(header), all);
    EXPECT_EQ(pages_of(data), all);
}

}  // namespace
}  // namespace flowspan::batch

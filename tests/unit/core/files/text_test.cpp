#include "core/files/text.hpp"

#include "core/files/file_kind.hpp"
#include "special.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>

#include <atomic>
#include <thread>

namespace flowspan {
namespace {
using test::Folder;
using test::sentence_of;

/// Writes in pieces, and closes unless told otherwise.
std::thread writer(const std::string& path, const std::string& text, const std::atomic<bool>* keep_open = nullptr) {
    return std::thread([=] {
        const int to = ::open(path.c_str(), O_WRONLY);
        for (std::size_t at = 0; at < text.size(); at += 1000) {
            const std::string piece = text.substr(at, 1000);
            EXPECT_EQ(::write(to, piece.data(), piece.size()), ssize_t(piece.size()));
        }
        while (keep_open != nullptr && *keep_open) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ::close(to);
    });
}

TEST(Text, OfARegularFileEndsOneByteBeyondTheMost) {
    const Folder folder;
    const std::string path = folder.write("a", std::string(200000, 'x') + "end");
    EXPECT_EQ(read_text(path, 1 << 20), std::string(200000, 'x') + "end");
    EXPECT_EQ(read_text(path, 10), std::string(11, 'x'));
    EXPECT_EQ(read_text(folder.write("empty", ""), 10), "");
}

TEST(Text, ComesThroughAPipeWhereThatIsAllowed) {
    const Folder folder;
    const std::string path = test::make_fifo(folder, "fifo"), text = std::string(200000, 'x') + "end";
    EXPECT_EQ(sentence_of([&] { read_text(path, 10); }), "cannot read " + path + ": it is a FIFO, expected a regular file");
    std::thread other = writer(path, text);
    EXPECT_EQ(read_text(path, 1 << 20, PipePatience{60}), text);
    other.join();
    EXPECT_EQ(read_text(folder.write("a", "x"), 10, PipePatience{}), "x");
    EXPECT_EQ(sentence_of([&] { read_text("/dev/zero", 10, PipePatience{}); }),
              "cannot read /dev/zero: it is a character device, expected a regular file");
}

TEST(Text, OfAPipeThatNobodyWritesToIsGivenUp) {
    const Folder folder;
    const std::string path = test::make_fifo(folder, "fifo");
    EXPECT_EQ(sentence_of([&] { read_text(path, 10, PipePatience{0.25}); }),
              "cannot read " + path + ": nobody has written to it within 0.25 s");
}

TEST(Text, OfAPipeThatDoesNotEndIsGivenUp) {
    const Folder folder;
    const std::string path = test::make_fifo(folder, "fifo");
    std::atomic<bool> keep_open = true;
    std::thread other = writer(path, "flowspan: 1\n", &keep_open);
    EXPECT_EQ(sentence_of([&] { read_text(path, 100, PipePatience{0.5}); }),
              "cannot read " + path + ": whoever writes to it has not ended within 0.5 s");
    keep_open = false;
    other.join();
}

TEST(Text, OfAPipeIsGivenUpAtAStop) {
    const Folder folder;
    const std::string path = test::make_fifo(folder, "fifo");
    int asked = 0;
    try {
        read_text(path, 10, PipePatience{60, [&] { return ++asked > 2; }});
        FAIL();
    } catch (const Failure& failure) {
        EXPECT_STREQ(failure.what(), ("stopped on request while " + path + " was waited for").c_str());
        EXPECT_EQ(failure.code(), ExitCode::stopped);
    }
}

}  // namespace
}  // namespace flowspan

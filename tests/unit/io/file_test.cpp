#include <flowspan/io.hpp>

#include <gmock/gmock.h>

#include <array>

#include "io/writing/any_order.hpp"
#include "io/writing/readers.hpp"
#include "io/writing/waiting.hpp"
#include "tests/unit/core/files/special.hpp"

#include <fcntl.h>

#include <csignal>
#include <thread>
#include <vector>

namespace flowspan {
namespace {
using test::content_of;
using test::Folder;
using test::sentence_of;

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(File, ReadsExactlyTheBytesAskedFor) {
    const Folder folder;
    const File file = File::open_to_read(folder.write("a", "0123456789"));
    std::string text(4, ' ');
    file.read(3, std::as_writable_bytes(std::span(text)));
    EXPECT_EQ(text, "3456");
    EXPECT_EQ(file.size(), 10u);
    file.read(10, {});
}

TEST(File, SaysWhereAFileEndsThatIsTooShort) {
    const Folder folder;
    const File file = File::open_to_read(folder.write("a", "0123456789"));
    std::array<std::byte, 7> to{};
    EXPECT_EQ(sentence_of([&] { file.read(5, to); }),
              "cannot read " + (folder / "a") + ": it ends at byte 10, expected 12 bytes");
}

struct Readers : testing::TestWithParam<int> {
    Readers() { io::read_by(GetParam()); }
    ~Readers() override { io::read_by(1); }
};

TEST_P(Readers, BringTheSameBytes) {
    const Folder folder;
    std::string content(3'000'017, ' ');
    for (std::size_t k = 0; k < content.size(); ++k) content[k] = char(k * k / 977);
    const File file = File::open_to_read(folder.write("a", content));
    for (const std::size_t size : {0U, 1U, 262'143U, 262'144U, 700'001U, 2'999'000U})
        for (const std::size_t from : {0U, 1U, 1017U}) {
            std::string text(size, '?');
            file.read(from, std::as_writable_bytes(std::span(text)));
            EXPECT_TRUE(text == content.substr(from, size)) << size << " from " << from;
        }
}

TEST_P(Readers, SayWhereAFileEndsThatIsTooShort) {
    const Folder folder;
    const File file = File::open_to_read(folder.write("a", std::string(1'000'000, 'x')));
    std::vector<std::byte> to(2'000'000);
    EXPECT_EQ(sentence_of([&] { file.read(5, to); }),
              "cannot read " + (folder / "a") + ": it ends at byte 1000000, expected 2000005 bytes");
}

TEST_P(Readers, ServeSeveralAtOnce) {
    const Folder folder;
    std::string content(4'000'000, ' ');
    for (std::size_t k = 0; k < content.size(); ++k) content[k] = char(k / 4096);
    const File file = File::open_to_read(folder.write("a", content));
    std::vector<std::jthread> askers;
    std::vector<std::string> got(3, std::string(content.size(), '?'));
    for (std::string& text : got) askers.emplace_back([&] { file.read(0, std::as_writable_bytes(std::span(text))); });
    askers.clear();
    for (const std::string& text : got) EXPECT_TRUE(text == content);
}

INSTANTIATE_TEST_SUITE_P(Of, Readers, testing::Values(1, 2, 3, 17));

TEST(File, WritesAtAnOffsetAndAtTheEnd) {
    const Folder folder;
    File file = File::create(folder / "a");
    file.append(bytes_of("hello "));
    file.append(bytes_of("world"));
    file.write(0, bytes_of("J"));
    file.close();
    EXPECT_EQ(content_of(folder / "a"), "Jello world");
}

TEST(File, NamesThePathAndTheReasonOfEveryFailure) {
    const Folder folder;
    EXPECT_EQ(sentence_of([&] { File::open_to_read(folder / "none"); }),
              "cannot read " + (folder / "none") + ": No such file or directory");
    EXPECT_EQ(sentence_of([&] { File::open_to_read(folder.path()); }), "cannot read " + folder.path() + ": Is a directory");
    EXPECT_EQ(sentence_of([&] { File::create(folder / "no/folder", "final"); }),
              "cannot create final: No such file or directory");
    const File full = File::create("/dev/full");
    EXPECT_EQ(sentence_of([&] { full.append(bytes_of("x")); }), "cannot write /dev/full: No space left on device");
    EXPECT_EQ(sentence_of([&] { full.write(0, bytes_of("x")); }), "cannot write /dev/full: No space left on device");
    try {
        full.append(bytes_of("x"));
        FAIL();
    } catch (const Failure& failure) { EXPECT_EQ(failure.code(), ExitCode::file); }
}

TEST(File, AFifoWaitsForItsReaderWhenSomethingIsAppended) {
    const Folder folder;
    const std::string path = test::make_fifo(folder, "fifo");
    File file = File::create(path);
    EXPECT_TRUE(file);
    EXPECT_EQ(sentence_of([&] { io::check_any_order(path, "a WAV file"); }),
              "cannot create " + path + ": a WAV file needs a file that can be written in any order, and it is a FIFO");
    std::string got;
    std::thread reader([&] { got = content_of(path); });
    const std::string text(300000, 'x');
    file.append(bytes_of(text));
    file.close();
    reader.join();
    EXPECT_EQ(got, text);
}

TEST(File, AReaderThatGoesAwayIsASentence) {
    std::signal(SIGPIPE, SIG_IGN);
    const Folder folder;
    const std::string path = test::make_fifo(folder, "fifo");
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    File file = File::create(path);
    file.append(bytes_of("x"));
    ::close(reader);
    EXPECT_EQ(sentence_of([&] { file.append(bytes_of("x")); }), "cannot write " + path + ": its reader has gone away");
    std::signal(SIGPIPE, SIG_DFL);
}

TEST(File, WaitsOfTheIoThreadEndWithTheRun) {
    const Folder folder;
    const std::string path = test::make_fifo(folder, "fifo");
    File file = File::create(path);
    const std::string text(1 << 20, 'x');
    const auto sentence = [&](io::EndOfWaits& end) {
        io::EndOfWaits::of_this_thread() = &end;
        const std::string said = sentence_of([&] { file.append(bytes_of(text)); });
        io::EndOfWaits::of_this_thread() = nullptr;
        return said;
    };
    const std::string nobody = "cannot write " + path + ": it is a FIFO, and nobody reads it";
    io::EndOfWaits impatient(0.1), stopped(1000), over(1000);
    stopped.stop();
    over.give_up();
    EXPECT_EQ(sentence(impatient), nobody);
    EXPECT_EQ(sentence(stopped), "");
    EXPECT_EQ(stopped.lost().at(path).why, "it is a FIFO, and nobody reads it");
    EXPECT_EQ(stopped.lost().at(path).bytes, text.size());
    EXPECT_EQ(sentence(stopped), "");
    EXPECT_EQ(stopped.lost().at(path).bytes, 2 * text.size());
    EXPECT_EQ(sentence(over), "cannot write " + path + ": given up because the run ends");
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);  // which takes nothing
    EXPECT_EQ(sentence(stopped), "") << "what is lost has no hole in it";
    EXPECT_EQ(stopped.lost().at(path).bytes, 3 * text.size());
    io::EndOfWaits full(1000, [] { return true; });
    EXPECT_EQ(sentence(full), "");
    EXPECT_EQ(full.lost().at(path).why, "its reader takes nothing");
    EXPECT_GT(full.lost().at(path).bytes, 0U);
    EXPECT_LT(full.lost().at(path).bytes, text.size()) << "a part went into the pipe";
    EXPECT_EQ(sentence(over), "cannot write " + path + ": given up because the run ends");
    ::close(reader);
}

TEST(File, LosesWhatAReaderThatHasGoneDoesNotTakeWhereAStopEndsBoth) {
    std::signal(SIGPIPE, SIG_IGN);
    const Folder folder;
    const std::string path = test::make_fifo(folder, "fifo");
    const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
    File file = File::create(path);
    file.append(bytes_of("x"));
    ::close(reader);
    int asked = 0;
    io::EndOfWaits end(1000, [&] { return ++asked > 3; });  // the stop comes a moment later
    const io::WaitsEndBy ends(end);
    file.append(bytes_of("abc"));
    EXPECT_EQ(end.lost().at(path).why, "its reader has gone away");
    EXPECT_EQ(end.lost().at(path).bytes, 3U);
    std::signal(SIGPIPE, SIG_DFL);
}

TEST(File, RefusesASocketAndAPathWithNul) {
    const Folder folder;
    const std::string path = test::make_socket(folder, "socket");
    EXPECT_EQ(sentence_of([&] { File::create(path); }), "cannot create " + path + ": it is a socket");
    EXPECT_EQ(sentence_of([&] { File::create(std::string("a\0b", 3)); }), "cannot create a\\0b: a path has no NUL byte");
}

TEST(File, MovesItsDescriptor) {
    const Folder folder;
    File first = File::open_to_read(folder.write("a", "xy"));
    File second = std::move(first);
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): that is the point
    EXPECT_TRUE(second);
    EXPECT_EQ(second.path(), folder / "a");
    EXPECT_EQ(second.size(), 2u);
}

}  // namespace
}  // namespace flowspan

#include "run/client/listener.hpp"

#include "raw_client.hpp"

#include "tests/unit/io/folder.hpp"

#include <flowspan/diagnostic.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

using namespace flowspan;
using run::ControlListener;
using test::Folder;
using test::sentence_of;

namespace {

std::string refusal(const std::string& path) {
    return sentence_of([&] { const ControlListener listener(path); });
}

/// What a killed run leaves behind: a socket that nobody serves.
void leave_stale_socket(const std::string& path) {
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    ASSERT_EQ(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(left, 1), 0);
    ::close(left);
}

mode_t mode_of(const std::string& path) {
    struct stat there {};
    EXPECT_EQ(::lstat(path.c_str(), &there), 0);
    return there.st_mode;
}

}  // namespace

TEST(ControlListener, MakesASocketForItsUserAloneWhateverTheMaskIs) {
    const Folder folder;
    const mode_t before = ::umask(0);
    {
        const ControlListener listener(folder / "run.sock");
        EXPECT_EQ(mode_of(folder / "run.sock"), mode_t(S_IFSOCK | 0600));
        EXPECT_EQ(mode_of(folder / ".run.sock.lock"), mode_t(S_IFREG | 0600));
    }
    ::umask(before);
}

TEST(ControlListener, TakesItsFilesAwayAtTheEnd) {
    const Folder folder;
    { const ControlListener listener(folder / "run.sock"); }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ControlListener, LeavesAFileThatSomebodyPutInItsPlace) {
    const Folder folder;
    {
        const ControlListener listener(folder / "run.sock");
        std::filesystem::remove(folder / "run.sock");
        folder.write("run.sock", "mine");
    }
    EXPECT_EQ(folder.names(), std::vector<std::string>{"run.sock"});
}

TEST(ControlListener, ReplacesASocketThatNobodyServes) {
    const Folder folder;
    leave_stale_socket(folder / "run.sock");
    const ControlListener listener(folder / "run.sock");
    const test::RawClient client(folder / "run.sock", [] {});
    EXPECT_TRUE(client.connected());
}

TEST(ControlListener, RefusesASocketThatARunServes) {
    const Folder folder;
    const std::string path = folder / "run.sock";
    const ControlListener listener(path);
    EXPECT_EQ(refusal(path), fmt::format("--control: expected a path of its own, got {}, which process {} serves\n"
                                         "   hint: give another with --control",
                                         path, ::getpid()));
    EXPECT_EQ(mode_of(path), mode_t(S_IFSOCK | 0600));  // and leaves it alone
}

TEST(ControlListener, RefusesASocketThatAnotherProgramServes) {
    const Folder folder;
    const std::string path = folder / "run.sock";
    leave_stale_socket(path);
    std::filesystem::rename(path, folder / "other");
    {
        const ControlListener listener(path);
        std::filesystem::remove(folder / ".run.sock.lock");  // such a program knows nothing of the lock
        EXPECT_EQ(refusal(path), fmt::format("--control: expected a path of its own, got {}, which process {} serves\n"
                                             "   hint: give another with --control",
                                             path, ::getpid()));
    }
}

TEST(ControlListener, RefusesAPathThatARunHasJustTaken) {
    const Folder folder;
    const std::string path = folder / "run.sock";
    const ControlListener listener(path);
    std::filesystem::remove(path);
    EXPECT_EQ(refusal(path), fmt::format("--control: expected a path of its own, got {}, which another run has taken\n"
                                         "   hint: give another with --control",
                                         path));
}

TEST(ControlListener, RefusesWhatIsNoSocketAndLeavesIt) {
    const Folder folder;
    const std::string file = folder.write("file", "keep"), link = folder / "link";
    std::filesystem::create_symlink(file, link);
    const auto text = [](const std::string& path, const std::string& is) {
        return fmt::format("--control: expected a path of its own, got {}, which is {}\n   hint: give another with --control",
                           path, is);
    };
    EXPECT_EQ(refusal(file), text(file, "a file and no socket"));
    EXPECT_EQ(refusal(link), text(link, "a symbolic link"));
    EXPECT_EQ(refusal(folder.path()), text(folder.path(), "a folder"));
    EXPECT_EQ(test::content_of(file), "keep");
    EXPECT_EQ(folder.names(), (std::vector<std::string>{"file", "link"}));
}

TEST(ControlListener, RefusesPathsThatNoSocketCanHave) {
    const Folder folder;
    const std::string fits = folder / std::string(107 - folder.path().size() - 1, 'x');
    EXPECT_EQ(refusal(fits), "");
    EXPECT_EQ(refusal(fits + "x"),
              fmt::format("--control: expected a path of at most 107 bytes, got 108 bytes in {}x\n"
                          "   hint: sockets can have no longer ones; a relative path counts as it is written",
                          fits));
    EXPECT_EQ(refusal(folder / "no/run.sock"),
              fmt::format("--control: expected a path in a folder that is there, got {0}/no/run.sock\n"
                          "   hint: make {0}/no first",
                          folder.path()));
    EXPECT_EQ(refusal(""), "--control: expected the path of a file, got nothing\n   hint: as in run.sock");
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ControlListener, GoesToOneOfManyRunsThatStartAtOnceOnAStaleSocket) {
    const Folder folder;
    const std::string path = folder / "run.sock";
    for (int round = 0; round < 20; ++round) {
        leave_stale_socket(path);
        int begin[2], won[2], end[2];
        ASSERT_EQ(::pipe(begin) | ::pipe(won) | ::pipe(end), 0);
        std::vector<pid_t> runs;
        for (int k = 0; k < 8; ++k) {
            runs.push_back(::fork());
            if (runs.back() != 0) continue;
            ::close(begin[1]);
            ::close(end[1]);
            char byte = 0;
            std::ignore = ::read(begin[0], &byte, 1);  // all begin when the parent closes its end
            try {
                const ControlListener listener(path);
                std::ignore = ::write(won[1], "w", 1);
                std::ignore = ::read(end[0], &byte, 1);
            } catch (const Refused&) { std::ignore = ::write(won[1], "r", 1); }
            ::_exit(0);
        }
        ::close(begin[1]);
        std::string outcome;
        for (char byte = 0; outcome.size() < runs.size() && ::read(won[0], &byte, 1) == 1;) outcome += byte;
        const test::RawClient client(path, [] {});
        EXPECT_TRUE(client.connected());
        ::close(end[1]);
        for (const pid_t run : runs) ::waitpid(run, nullptr, 0);
        for (const int one : {begin[0], won[0], won[1], end[0]}) ::close(one);
        EXPECT_EQ(std::count(outcome.begin(), outcome.end(), 'w'), 1) << outcome;
        EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    }
}

TEST(ControlListener, IsNeverServedByTwoWhileRunsComeAndGo) {
    const Folder folder;
    const std::string path = folder / "run.sock", held = folder / "held";
    std::vector<pid_t> runs;
    for (int k = 0; k < 4; ++k) {
        runs.push_back(::fork());
        if (runs.back() != 0) continue;
        int both = 0;
        for (int round = 0; round < 1000; ++round) {
            try {
                const ControlListener listener(path);
                const int mine = ::open(held.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
                both += mine < 0 ? 1 : 0;
                ::close(mine);
                ::unlink(held.c_str());
            } catch (const Refused&) {
            } catch (const std::exception&) { ++both; }
        }
        ::_exit(both == 0 ? 0 : 1);
    }
    for (const pid_t run : runs) {
        int status = -1;
        ::waitpid(run, &status, 0);
        EXPECT_EQ(status, 0);
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ControlListener, KnowsItsPeers) {
    const Folder folder;
    const ControlListener listener(folder / "run.sock");
    const test::RawClient client(folder / "run.sock", [] {});
    const int accepted = listener.accept();
    ASSERT_GE(accepted, 0);
    EXPECT_EQ(run::peer_of(accepted).process, ::getpid());
    EXPECT_EQ(run::peer_of(accepted).user, ::geteuid());
    EXPECT_NE(::fcntl(accepted, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(accepted, F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_EQ(listener.accept(), -1);
    ::close(accepted);
}

// Files that are no regular ones, in a folder of a test.
#pragma once

#include "tests/unit/io/folder.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace flowspan::test {

inline std::string make_fifo(const Folder& folder, const std::string& name) {
    const std::string path = folder / name;
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    return path;
}

inline std::string make_socket(const Folder& folder, const std::string& name) {
    const std::string path = folder / name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    EXPECT_LT(path.size(), sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int one = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::bind(one, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(one);
    return path;
}

}  // namespace flowspan::test

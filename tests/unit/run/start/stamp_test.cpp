#include "run/start/stamp.hpp"

#include <flowspan/plugin.hpp>

#include <dlfcn.h>

#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

using namespace flowspan;
using run::stamp_in;

namespace {

std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

const std::string& plugin() {
    static const std::string bytes = content(FLOWSPAN_TEST_PLUGIN);
    return bytes;
}

std::string refusal(const std::string& bytes) {
    try {
        return "accepted with " + stamp_in(bytes);
    } catch (const std::invalid_argument& e) { return e.what(); }
}

}  // namespace

TEST(Stamp, IsThatOfTheHeadersThatAPluginIncluded) { EXPECT_EQ(stamp_in(plugin()), flowspan_stamp.data()); }

TEST(Stamp, IsWhatTheLoaderFinds) {
    void* handle = dlopen(FLOWSPAN_TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(handle, nullptr) << dlerror();
    EXPECT_EQ(stamp_in(plugin()), static_cast<const char*>(dlsym(handle, "flowspan_stamp")));
}

TEST(Stamp, IsEmptyInAnObjectThatOnlyUsesFlowspan) {
    Dl_info info{};
    ASSERT_NE(dladdr(reinterpret_cast<const void*>(&dlsym), &info), 0);
    EXPECT_EQ(stamp_in(content(info.dli_fname)), "");
}

TEST(Stamp, IsRefusedInOtherFiles) {
    EXPECT_EQ(refusal(""), "a file of another kind");
    EXPECT_EQ(refusal("#!/bin/sh\n"), "a file of another kind");
    EXPECT_EQ(refusal(std::string(1000, '\x7f')), "a file of another kind");
    EXPECT_EQ(refusal(plugin().substr(0, plugin().size() / 2)), "a truncated one");
}

TEST(Stamp, OfADamagedFileIsRefusedOrAnotherOrNone) {
    // What matters is that nothing is read beyond the file; the sanitizers watch.
    std::mt19937 random(1);
    int refused = 0, other = 0;
    for (int k = 0; k < 3000; ++k) {
        std::string bytes = plugin();
        if (k % 3 == 0) bytes.resize(random() % bytes.size());
        for (int hit = 0; hit < 40; ++hit) {  // headers are at the beginning, the tables at the end
            const std::size_t at = hit % 2 == 0 ? random() % 1024 : bytes.size() - 1 - random() % 2500;
            if (at < bytes.size()) bytes[at] = char(random());
        }
        try {
            other += stamp_in(bytes) != flowspan_stamp.data() ? 1 : 0;
        } catch (const std::invalid_argument&) { ++refused; }
    }
    EXPECT_GT(refused, 500);  // all three kinds were there
    EXPECT_GT(other, 500);
    EXPECT_LT(refused + other, 3000);
}

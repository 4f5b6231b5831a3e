// Serves a control socket without a graph behind it, for tests of clients: control_fake SOCKET
#include "tests/unit/run/client/fake_run.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: control_fake SOCKET\n");
        return 2;
    }
    try {
        flowspan::test::FakeRun run(argv[1]);
        for (int ms = 0; ms < 60'000 && !run.ended(); ++ms) {
            run.poll();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
    return 0;
}

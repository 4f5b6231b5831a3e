// Stands for the driver's library (libcuda.so.1) on machines without a device: FAKE_CUDA_DEVICES of them, of which
// CUDA_VISIBLE_DEVICES chooses by number, as the driver does when it is initialized. Every process that comes is written to
// FAKE_CUDA_LOG: its number, its name, and the devices that it sees.
#include <unistd.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

std::vector<int> seen;
bool begun = false;

int of_environment(const char* name) {
    const char* text = std::getenv(name);
    return text == nullptr ? 0 : std::atoi(text);
}

void begin() {
    begun = true;
    const int there = of_environment("FAKE_CUDA_DEVICES");
    if (const char* chosen = std::getenv("CUDA_VISIBLE_DEVICES")) {
        std::stringstream words(chosen);
        for (std::string word; std::getline(words, word, ',');)
            if (std::atoi(word.c_str()) < there) seen.push_back(std::atoi(word.c_str()));
    } else {
        for (int d = 0; d < there; ++d) seen.push_back(d);
    }
    const char* log = std::getenv("FAKE_CUDA_LOG");
    if (log == nullptr) return;
    std::ifstream file("/proc/self/comm");
    std::string comm, text;
    std::getline(file, comm);
    text = std::to_string(getpid()) + " " + comm;
    for (const int d : seen) text += " " + std::to_string(d);
    std::ofstream(log, std::ios::app) << text + "\n" << std::flush;
}

}  // namespace

extern "C" {
int cuInit(unsigned) {
    if (!begun) begin();
    return seen.empty() ? 100 : 0;  // CUDA_ERROR_NO_DEVICE
}
int cuDriverGetVersion(int* version) {
    *version = 99000;
    return 0;
}
int cuDeviceGetCount(int* count) {
    if (!begun) return 3;  // CUDA_ERROR_NOT_INITIALIZED
    *count = int(seen.size());
    return 0;
}
int cuDeviceGet(int* device, int number) {
    if (number < 0 || number >= int(seen.size())) return 101;  // CUDA_ERROR_INVALID_DEVICE
    *device = number;
    return 0;
}
int cuDeviceGetName(char* name, int bytes, int device) {
    std::snprintf(name, std::size_t(bytes), "Pretended %d", seen.at(std::size_t(device)));
    return 0;
}
int cuDeviceGetUuid_v2(std::array<unsigned char, 16>* uuid, int device) {
    uuid->fill(0);
    uuid->front() = static_cast<unsigned char>(seen.at(std::size_t(device)) + 1);
    return 0;
}
}

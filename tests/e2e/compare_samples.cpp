// compare_samples A B TOLERANCE: the largest difference between two files of 32-bit floats, as a part of the largest magnitude
// in A. Prints it; 1 where it is larger than the tolerance, or the files are not as long. NaN equals NaN. With tolerance 0:
// their bytes.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

std::vector<char> bytes_of(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        std::printf("cannot read %s\n", path);
        std::exit(2);
    }
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<float> floats_of(const std::vector<char>& bytes) {
    std::vector<float> floats(bytes.size() / sizeof(float));
    if (!floats.empty()) std::memcpy(floats.data(), bytes.data(), floats.size() * sizeof(float));
    return floats;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return std::printf("expected A B TOLERANCE\n"), 2;
    const std::vector<char> a = bytes_of(argv[1]), b = bytes_of(argv[2]);
    const double tolerance = std::stod(argv[3]);
    if (a.size() != b.size()) return std::printf("%zu bytes, and %zu\n", a.size(), b.size()), 1;
    if (tolerance == 0) return std::printf(a == b ? "equal\n" : "other bytes\n"), a == b ? 0 : 1;
    const std::vector<float> x = floats_of(a), y = floats_of(b);
    double largest = 0, difference = 0;
    std::size_t at = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
        if (std::isfinite(x[k])) largest = std::max(largest, double(std::abs(x[k])));
        if (std::isnan(x[k]) && std::isnan(y[k])) continue;
        const double d = x[k] == y[k] ? 0 : std::abs(double(x[k]) - double(y[k]));
        if (d > difference || std::isnan(d)) difference = std::isnan(d) ? INFINITY : d, at = k;
    }
    const double relative = largest > 0 ? difference / largest : difference;
    std::printf("%.2g at number %zu of %zu\n", relative, at, x.size());
    return relative <= tolerance ? 0 : 1;
}

// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a fuzz target on every file of its corpus: what a fuzzer once found is looked at by every build, also
// by compilers that have no fuzzer.
#include "tests/fuzz/property.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

int main(int argc, char** argv) {
    std::vector<std::filesystem::path> files;
    for (int i = 1; i < argc; ++i)
        for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i]))
            if (entry.is_regular_file())
                files.push_back(entry.path());
    if (files.empty()) {
        std::fprintf(stderr, "usage: %s CORPUS-FOLDER…, with at least one file in them\n", argv[0]);
        return EXIT_FAILURE;
    }
    std::sort(files.begin(), files.end());
    for (const auto& path : files) {
        // Named before it is used: an input that ends the process is the last one named.
        std::printf("%s\n", path.c_str());
        std::fflush(stdout);
        std::ifstream file(path, std::ios::binary);
        std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file),
                                        std::istreambuf_iterator<char>()};
        // In a block of exactly its size, so that a look past the end is one for the sanitizer too.
        bytes.shrink_to_fit();
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%zu inputs\n", files.size());
    return EXIT_SUCCESS;
}

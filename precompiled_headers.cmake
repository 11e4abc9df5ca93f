# SPDX-License-Identifier: GPL-3.0-or-later
# Most of the build time of the window, the tests and the trainer goes into reading the same headers again and again:
# Qt's, LibTorch's, the standard library's. They are read once for all files that are compiled with the same options.
# Every file states its includes all the same: with STEPLOOM_PRECOMPILED_HEADERS=OFF nothing else changes.
# Not so the engine, which is compiled with -O2: its headers are the smaller part, and from a precompiled header GCC 12
# at -O2 reports what it only suspects in the standard library's strings (-Warray-bounds, -Wstringop-overflow).
option(STEPLOOM_PRECOMPILED_HEADERS "Read the headers that many files include once for all of them" ON)

# Not nlohmann/json.hpp: what its own functions instantiate would be compiled in every file, with or without JSON.
set(STEPLOOM_COMMON_HEADERS <algorithm> <array> <chrono> <cmath> <cstdint> <filesystem> <functional> <map> <memory>
    <numeric> <optional> <random> <span> <stop_token> <string> <string_view> <vector> <fmt/format.h>)

# A file that cannot use them is compiled without, also where warnings are errors.
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-error=invalid-pch>)

# steploom_precompile(TARGET header...): precompiles these for `TARGET`.
# steploom_precompile(TARGET FROM other): uses what is precompiled for `other`, whose options must be the same
# (optimisation, -fPIC, macros that the headers look at); -Winvalid-pch says where they are not, and the file is then
# compiled without.
function(steploom_precompile target)
    if(NOT STEPLOOM_PRECOMPILED_HEADERS)
        return()
    endif()
    if("${ARGV1}" STREQUAL "FROM")
        target_precompile_headers(${target} REUSE_FROM ${ARGV2})
    else()
        target_precompile_headers(${target} PRIVATE ${ARGN})
    endif()
endfunction()

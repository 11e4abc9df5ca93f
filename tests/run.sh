#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds Steploom and runs its tests on a bare Debian 12 or newer (or a recent Ubuntu), as root or with sudo.
#   bash tests/run.sh                all tests, release build
# The fuzzers have a script of their own: bash tests/fuzz/run.sh [minutes].
#   bash tests/run.sh --sanitizers   the tests of the engine under address, undefined-behaviour and thread sanitizers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=experiments/packages.sh
source experiments/packages.sh

case "${1:-}" in
"") presets=(release) ;;
--sanitizers) presets=(asan tsan) ;;
*)
    echo "usage: bash tests/run.sh [--sanitizers]" >&2
    exit 2
    ;;
esac

steploom_install --trainer
jobs="$(nproc)"
failed=0
for preset in "${presets[@]}"; do
    echo "== $preset: configure and build with $jobs jobs"
    if [ "$preset" = release ]; then
        cmake --preset release -DSTEPLOOM_UNITY=ON
    else
        # Qt and LibTorch are not built with sanitizers: window and trainer stay out, the engine is what is checked.
        cmake --preset "$preset" -DSTEPLOOM_APP=OFF -DSTEPLOOM_TRAINER=OFF -DSTEPLOOM_BENCHMARKS=OFF
    fi
    cmake --build --preset "$preset" -j "$jobs"
    echo "== $preset: test"
    # One test at a time under sanitizers: each wants the memory of several.
    parallel="$jobs"
    selection=()
    if [ "$preset" != release ]; then
        parallel=1
        selection=(-L unit)
    fi
    ctest --preset "$preset" -j "$parallel" --output-on-failure "${selection[@]}" || failed=1
done
exit "$failed"

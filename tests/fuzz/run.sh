#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the fuzzers (clang++) and runs each of them; fails when one finds something.
#   bash tests/fuzz/run.sh [minutes for each, 1 unless given] [target, as in "schedule"; all unless given]...
#   bash tests/fuzz/run.sh --minimise     takes what new ground the last runs covered into tests/fuzz/corpus
# A finding is left in build/fuzz/findings/TARGET: mend the engine, then put the file into the target's corpus.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=experiments/packages.sh
source experiments/packages.sh
STEPLOOM_PACKAGES+=("clang" "libclang-rt-dev|libclang-rt-14-dev")

minimise=no
minutes=1
if [ "${1:-}" = --minimise ]; then
    minimise=yes
    shift
elif [[ "${1:-}" =~ ^[1-9][0-9]*$ ]]; then
    minutes="$1"
    shift
fi
targets=("$@")
if [ ${#targets[@]} = 0 ]; then
    for source in tests/fuzz/fuzz_*.cc; do
        name="$(basename "$source" .cc)"
        targets+=("${name#fuzz_}")
    done
fi
for target in "${targets[@]}"; do
    if [ ! -f "tests/fuzz/fuzz_$target.cc" ]; then
        echo "error: there is no fuzzer $target; see tests/fuzz/fuzz_*.cc" >&2
        exit 2
    fi
done

steploom_install
cmake --preset fuzz
cmake --build --preset fuzz -j "$(nproc)"

# What every run is held to: no input takes ten seconds, 2 GB in all, or 1 GB at once.
limits=(-timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -max_len=32768)
failed=()
for target in "${targets[@]}"; do
    corpus="tests/fuzz/corpus/$target"
    grown="build/fuzz/grown/$target"
    findings="build/fuzz/findings/$target"
    fuzzer="build/fuzz/bin/fuzz_$target"
    mkdir -p "$grown" "$findings"
    if [ "$minimise" = yes ]; then
        # Judged by the ground covered, not by how often: a few small files.
        "$fuzzer" "${limits[@]}" -set_cover_merge=1 -use_counters=0 "$corpus" "$grown"
        continue
    fi
    options=("${limits[@]}" "-max_total_time=$((60 * minutes))" -print_final_stats=1 "-artifact_prefix=$findings/")
    if [ -f "tests/fuzz/dictionaries/$target.dict" ]; then
        options+=("-dict=tests/fuzz/dictionaries/$target.dict")
    fi
    echo "== $target: $minutes minutes"
    "$fuzzer" "$grown" "$corpus" "${options[@]}" || failed+=("$target")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "findings in: ${failed[*]} (see build/fuzz/findings)" >&2
    exit 1
fi

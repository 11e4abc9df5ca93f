#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The claim of model scheduling on the bundled checkpoints: a quarter of the denoising steps by the light model, at
# the ends or in the middle, against all heavy. Samples of the same random numbers are compared in pairs under the
# bundled reader.
#   bash experiments/recipes/quarter_light.sh [samples, default 256] [folder, default build/quarter-light]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
samples="${1:-256}"
folder="${2:-build/quarter-light}"
cli="${STEPLOOM_CLI:-build/release/bin/steploom-cli}"
checkpoints=resources/checkpoints
mkdir -p "$folder"
store="$folder/runs.sqlite"
rm -f "$store" "$store-wal" "$store-shm"

runs=()
for schedule in "all heavy" sandwich:0.25 middle:0.25 "all light"; do
    echo "== $schedule" >&2
    "$cli" generate --model "H=$checkpoints/heavy:bf16" --model "L=$checkpoints/light:bf16" --schedule "$schedule" \
        --steps 256 --samples "$samples" --seed 1 --evaluator "$checkpoints/reader" --store "$store" --json \
        > "$folder/last.json"
    runs+=("$((${#runs[@]} + 1))")
done
"$cli" runs list --store "$store"
"$cli" runs compare "${runs[@]}" --store "$store"
"$cli" runs compare "${runs[@]}" --store "$store" --json > "$folder/differences.json"
# What the claim is about: the same quarter at the ends and in the middle.
"$cli" runs compare 2 3 --store "$store"
"$cli" report --store "$store" --out "$folder/report.html"

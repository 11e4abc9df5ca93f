#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing, builds Steploom and shows it: with a display the window, without one the same job from
# the command line, on the checkpoints that ship with it. Ends with the path of a report.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=experiments/packages.sh
source experiments/packages.sh

steploom_install
echo "== build"
cmake --preset release
cmake --build --preset release -j "$(nproc)"
bin=build/release/bin

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ -z "${CI:-}" ]; then
    echo "== Ctrl+Return generates"
    if "$bin/steploom"; then exit 0; fi
    echo "== the window did not open (is the display gone?): the same job from the command line"
fi

checkpoints=resources/checkpoints
folder=build/demo
mkdir -p "$folder"
store="$folder/runs.sqlite"
rm -f "$store" "$store-wal" "$store-shm" # a demo shows its own runs, not those of the last time

echo "== the pair: heavy and light"
"$bin/steploom-cli" inspect "$checkpoints/heavy"
echo
"$bin/steploom-cli" inspect "$checkpoints/light"

# Same seed: same reveal plan and noise, so what differs between the runs is the schedule's doing.
for schedule in "all heavy" sandwich:0.25 middle:0.25; do
    echo
    echo "== generate: $schedule"
    "$bin/steploom-cli" generate --model "H=$checkpoints/heavy" --model "L=$checkpoints/light" \
        --schedule "$schedule" --steps 64 --samples 16 --batch 16 --seed 7 \
        --evaluator "$checkpoints/reader" --store "$store" > "$folder/last.txt"
    # The first text, and what it cost.
    sed -n '2,/^── sample 1 /p' "$folder/last.txt" | sed '$d' | head -n 12
done

echo "== the three runs"
"$bin/steploom-cli" runs list --store "$store"
echo
echo "the report:"
"$bin/steploom-cli" report --store "$store" --out "$folder/report.html"

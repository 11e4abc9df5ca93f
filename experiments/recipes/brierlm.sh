#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# BrierLM of the bundled pair under four schedules and of the bundled reader, on the same windows of the text: four
# continuations of each, 64 tokens given.
#   bash experiments/recipes/brierlm.sh [windows, default 256]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
windows="${1:-256}"
for schedule in "all heavy" sandwich:0.25 middle:0.25 "all light"; do
    keep "brierlm-${schedule//[ :.]/-}" "$cli" evaluate "${pool[@]}" --steps 64 --schedule "$schedule" --text "$text" \
        --measures brierlm --windows "$windows" --context 64 --draws 4 --store "$store"
done
keep brierlm-reader "$cli" evaluate --causal "$checkpoints/reader" --text "$text" --measures brierlm \
    --windows "$windows" --context 64 --draws 4 --store "$store"

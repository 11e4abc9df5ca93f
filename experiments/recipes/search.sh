#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Which steps can be light: all 45 choices of two light segments out of ten, each against all heavy on the same random
# numbers under the bundled reader; then measured against predicted. It goes on where it was broken off.
#   bash experiments/recipes/search.sh [samples, default 64]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
search=("$cli" search "${pool[@]}" --steps 256 --segments 10 --light 2 --samples "${1:-64}" --seed 1
    --evaluator "$checkpoints/reader" --store "$store" --no-early-stopping)
keep search "${search[@]}"
keep prediction "$cli" optimise "${pool[@]}" --text "$text" --windows 256 --store "$store" --measured

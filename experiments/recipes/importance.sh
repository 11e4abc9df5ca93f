#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How much each step matters, on the bundled pair and text (another one: STEPLOOM_TEXT=FILE), and what that says of
# schedules: the best one for every budget.
#   bash experiments/recipes/importance.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
keep importance "$cli" importance "${pool[@]}" --text "$text" --grid 20 --windows 256 --store "$store"
keep optimise "$cli" optimise "${pool[@]}" --text "$text" --windows 256 --store "$store" --budget 0.25 --max-segments 3

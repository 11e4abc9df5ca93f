#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# BrierLM over compute on a text long enough to tell the models apart: the bundled CALM pair alone and under schedules of
# both, and the bundled reader, on up to 2,700 windows. Then the results go to where they are kept.
#   bash experiments/recipes/calm_held_out.sh TEXT
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
text="${1:?a text that the models were not trained on}"
keep calm-held-out "$cli" brier-study --checkpoint "$checkpoints/calm-full" --checkpoint "$checkpoints/calm-small" \
    --checkpoint "$checkpoints/reader" \
    --schedule "all heavy" --schedule sandwich:0.5 --schedule middle:0.5 --schedule "all light" \
    --temperature 1,0.5 --candidates 20 --text "$text" --windows 2700 --context 64 --length 128 --draws 8 --store "$store"
bash experiments/recipes/keep_results.sh

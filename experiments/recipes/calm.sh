#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# BrierLM over compute: the bundled CALM pair alone and under schedules of both, at temperatures, beside the bundled
# reader (autoregressive) and the masked-diffusion pair, on the same windows of the text; and how well the autoencoder
# rebuilds the text. Then the results go to where they are kept.
#   bash experiments/recipes/calm.sh [windows, default 256] [draws, default 4] [folder of the CALM checkpoints]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
windows="${1:-256}" draws="${2:-4}" calm="${3:-$checkpoints}"
keep calm "$cli" brier-study --checkpoint "$calm/calm-full" --checkpoint "$calm/calm-small" \
    --checkpoint "$checkpoints/reader" --checkpoint "$checkpoints/heavy" --checkpoint "$checkpoints/light" \
    --schedule "all heavy" --schedule sandwich:0.5 --schedule middle:0.5 --schedule "all light" \
    --temperature 1,0.5,0.3333333333333333 --candidates 50,200 --autoencoder "$calm/autoencoder" \
    --text "$text" --windows "$windows" --context 64 --length 128 --steps 64 --draws "$draws" --store "$store"
bash experiments/recipes/keep_results.sh

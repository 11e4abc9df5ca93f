#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Entropy against generative perplexity over temperatures: whether a schedule is better, or only less varied.
#   bash experiments/recipes/frontier.sh [samples, default 32]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
"$cli" anchors --evaluator "$checkpoints/reader" --text "$text" --length 128 --store "$store"
keep frontier "$cli" frontier "${pool[@]}" --steps 256 --samples "${1:-32}" --seed 1 --schedule "all heavy" \
    --schedule sandwich:0.25 --schedule middle:0.25 --schedule "all light" --temperatures 0.6,0.7,0.8,0.9,1,1.1 \
    --evaluator "$checkpoints/reader" --store "$store"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# BrierLM against cross-entropy over the checkpoints of one training: a model of the reader's shape, from its first
# steps on (correlation.toml), unless the folder holds one already. Both are measured on text that it was not trained
# on.
#   bash experiments/recipes/correlation.sh TRAINING-TEXT HELD-OUT-TEXT [folder, default build/recipes/correlation]
#       [windows of the held-out text, default 1500]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ $# -ge 2 ] || { echo "usage: correlation.sh TRAINING-TEXT HELD-OUT-TEXT [FOLDER]" >&2; exit 2; }
training="${3:-$folder/correlation}"
build/release/bin/steploom-train causal --text "$1" --tokenizer "$checkpoints/light" \
    --config experiments/recipes/correlation.toml --out "$training" --store "$store"
keep correlation "$cli" correlation --checkpoint "$training" --text "$2" --windows "${4:-1500}" --context 16 --draws 1 \
    --store "$store"

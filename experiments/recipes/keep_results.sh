#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copies what the recipes have found, as JSON and as charts, to where it is kept.
#   bash experiments/recipes/keep_results.sh [folder, default experiments/results/analyses]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
results="${1:-experiments/results/analyses}"
mkdir -p "$results"
cp "$folder"/*.json "$results"
QT_QPA_PLATFORM=offscreen build/release/bin/steploom --save-charts "$folder/charts" --store "$store" > /dev/null
for chart in importance search prediction frontier correlation brier autoencoder; do
    [ ! -e "$folder/charts/$chart.svg" ] || cp "$folder/charts/$chart.svg" "$results"
done
ls "$results"

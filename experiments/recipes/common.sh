# SPDX-License-Identifier: GPL-3.0-or-later
# What the recipes of the analyses share; sourced by them.
# All keep their runs in one store, so that what one has made the next one finds, and the window can show it:
#   build/release/bin/steploom --store build/recipes/runs.sqlite
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cli="${STEPLOOM_CLI:-build/release/bin/steploom-cli}"
checkpoints=resources/checkpoints
pool=(--model "H=$checkpoints/heavy:bf16" --model "L=$checkpoints/light:bf16")
text="${STEPLOOM_TEXT:-resources/texts/the-lamplighters-geese.txt}"
folder=build/recipes
store="$folder/runs.sqlite"
mkdir -p "$folder"
[ -x "$cli" ] || { echo "build first: bash experiments/demo.sh" >&2; exit 1; }

# keep NAME COMMAND… : prints the command's table and keeps its JSON, with paths from the project's root. What is
# measured stays in the store, so the second call only prints.
keep() {
    local name="$1"
    shift
    "$@"
    "$@" --json | sed "s|$PWD/||g" > "$folder/$name.json"
    echo "-> $folder/$name.json" >&2
}

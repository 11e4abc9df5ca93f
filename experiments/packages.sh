# SPDX-License-Identifier: GPL-3.0-or-later
# The one list of what Steploom is built from, sourced by experiments/demo.sh and tests/run.sh.
# shellcheck shell=bash

# A line each; alternatives, newest name first, are separated by "|": Debian 12, Debian 13 and Ubuntu name a few
# packages differently, and what one release has merged into another package is marked with a closing "|".
STEPLOOM_PACKAGES=(
    "g++" "cmake" "ninja-build" "pkg-config"
    "libdnnl-dev" "ocl-icd-opencl-dev"      # find_package(dnnl) looks for OpenCL
    "qt6-base-dev" "libqt6opengl6-dev|"     # find_package(Qt6 Charts) looks for OpenGL
    "qt6-charts-dev|libqt6charts6-dev" "qt6-qpa-plugins"
    "libsqlitecpp-dev" "libsqlite3-dev" "nlohmann-json3-dev" "libcli11-dev" "libfmt-dev" "libpcre2-dev"
    "libicu-dev" "libtomlplusplus-dev" "librandom123-dev" "libbenchmark-dev" "libboost-dev|libboost1.74-dev" "libssl-dev" "zlib1g-dev"
    "libcairo2-dev" "libpango1.0-dev" "librsvg2-dev"
    "fonts-inter|" "fonts-dejavu-core"
)

# What steploom-train needs beside these: LibTorch, and a BLAS that is not the slow reference one. Not everybody trains,
# and it takes half a gigabyte, so only who asks for it gets it; where an archive has none, the rest works without.
STEPLOOM_TRAINER_PACKAGES=("libtorch-dev|" "libopenblas0-pthread|")

steploom_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The alternatives of one entry of which none is installed; nothing when the entry is met.
steploom_missing() {
    local entry name
    for entry in "${STEPLOOM_PACKAGES[@]}"; do
        local met=no
        for name in ${entry//|/ }; do
            if steploom_installed "$name"; then met=yes; fi
        done
        if [ "$met" = no ]; then echo "$entry"; fi
    done
}

steploom_as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "error: packages are missing and this is neither root nor a machine with sudo; as root, run:" >&2
        echo "  $*" >&2
        return 1
    fi
}

# Installs what is missing, and only then asks the network for anything. "--trainer": with what the trainer needs.
steploom_install() {
    local optional=no name
    if [ "${1:-}" = --trainer ]; then
        for name in "${STEPLOOM_TRAINER_PACKAGES[@]}"; do
            if ! steploom_installed "${name%|}"; then optional=yes; fi
        done
        STEPLOOM_PACKAGES+=("${STEPLOOM_TRAINER_PACKAGES[@]}")
    fi
    local missing entry
    if ! command -v apt-get >/dev/null; then
        echo "note: no apt-get here; experiments/packages.sh lists what has to be there, by its Debian names" >&2
        return 0
    fi
    missing="$(steploom_missing)"
    # Optional entries alone (fonts, packages that a newer release has merged away) are not worth a network visit.
    if [ "$optional" = no ] && ! grep -qv '|$' <<<"${missing:-|}"; then
        return 0
    fi
    steploom_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
    local chosen=()
    while IFS= read -r entry; do
        local found=""
        for name in ${entry//|/ }; do
            # Not grep -q: it ends at the first match, and with pipefail apt-cache's broken pipe would say "absent".
            if [ -z "$found" ] && apt-cache show "$name" 2>/dev/null | grep '^Version:' >/dev/null; then
                found="$name"
            fi
        done
        if [ -n "$found" ]; then
            chosen+=("$found")
        elif [ "${entry%|}" = "$entry" ]; then
            echo "error: this system's archive has none of: ${entry//|/, }" >&2
            return 1
        fi
    done <<<"$missing"
    echo "installing: ${chosen[*]}"
    steploom_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 install -y \
        --no-install-recommends "${chosen[@]}"
}

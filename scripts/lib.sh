# Shared by the scripts: versions, places, and how they speak. Source it.
# shellcheck shell=bash disable=SC2034

set -euo pipefail

# Where the caller stands: relative paths on the command line mean that.
CALLER=$PWD
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# The nightly that builds the Worker: only nightly can unwind a panic on wasm32
# (docs/decisions/0002). Pinned, so that today's build is tomorrow's.
NIGHTLY=nightly-2026-10-30
WORKER_BUILD_VERSION=0.8.7
# Must equal `wasm-bindgen` in Cargo.toml.
WASM_BINDGEN_VERSION=0.2.129
CARGO_DENY_VERSION=0.20.2

# Tools that cargo builds, kept outside the tree: shared by all checkouts.
TOOLS=${GUILDHALL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/guildhall}/tools
# wrangler wants a newer node than Debian 12 has; npm installs one for us.
NODE=$ROOT/node_modules/.bin/node
WRANGLER=$ROOT/node_modules/wrangler/bin/wrangler.js

export WRANGLER_SEND_METRICS=false
# Or wrangler asks the internet where this machine is, for `Request.cf`.
export CLOUDFLARE_CF_FETCH_ENABLED=false

say() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
warn() { printf '!!! %s\n' "$*" >&2; }

die() {
    warn "$@"
    exit 1
}

# usage file: shows the comment at its head, and ends the script.
usage() {
    sed -n '2,/^[^#]/ s/^# \{0,1\}//p' "$1" >&2
    exit 2
}

# step "What happens" command...: runs it, and says how long it took. Never in a
# condition: bash would then go on after a failure inside the command.
step() {
    local started=$SECONDS
    STEP=$1
    shift
    say "$STEP"
    "$@"
    note "done in $((SECONDS - started)) s"
    STEP=
}

STEP=
trap 'if [ $? -ne 0 ] && [ -n "$STEP" ]; then warn "failed: $STEP"; fi' EXIT

# need command "how to get it"
need() {
    command -v "$1" >/dev/null || die "$1 is missing. $2"
}

# quietly command...: shows the output only of a failure.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then cat "$log" >&2; fi
    rm -f "$log"
    return "$status"
}

wrangler() {
    CI=1 "$NODE" "$WRANGLER" "$@" </dev/null
}

# The nightly to use: the pinned one, or, where that cannot be had, any.
nightly() {
    if rustup run "$NIGHTLY" rustc --version >/dev/null 2>&1; then
        echo "$NIGHTLY"
    else
        echo nightly
    fi
}

# 32 random bytes, as MASTER_KEY wants them.
random_base64url() {
    head -c 32 /dev/urandom | base64 -w 0 | tr '+/' '-_' | tr -d '='
}

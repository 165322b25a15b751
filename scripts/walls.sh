#!/usr/bin/env bash
# Which crate may not import which: the table "may not import" of ARCHITECTURE.md, checked.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
# wall CRATE DEPTH OTHER...: none of OTHER among the crate's dependencies to that depth.
wall() {
    local crate=$1 depth=$2
    shift 2
    local tree
    tree=$(cargo tree -q --locked -e normal --prefix none --format '{lib}' --depth "$depth" -p "$crate" | sort -u)
    for other in "$@"; do
        if grep -qx "$other" <<<"$tree"; then
            echo "$crate imports $other, which ARCHITECTURE.md forbids" >&2
            status=1
        fi
    done
}

for pure in mutt-event mutt-rules mutt-alert mutt-patterns mutt-secrets; do wall "$pure" 99 tokio socket2 nix mutt_journal mutt_store; done
wall mutt-tls 99 mutt_event mutt_secrets mutt_rules mutt_alert mutt_store mutt_journal mutt_input mutt_output
wall mutt-vault 99 mutt_rules mutt_alert mutt_store mutt_journal mutt_input mutt_output
wall mutt-pages 99 mutt_event mutt_api mutt_store tokio axum
wall mutt-journal 99 mutt_rules mutt_alert mutt_store
wall mutt-input 99 mutt_rules mutt_alert mutt_store mutt_output
wall mutt-store 99 mutt_journal mutt_input mutt_output
wall mutt-output 99 mutt_store mutt_journal mutt_input
wall mutt-pipeline 1 mutt_input tokio sqlx nix socket2
wall mutt-api 99 mutt_input
wall mutt-api 1 mutt_output sqlx
exit "$status"

#!/bin/sh
# Makes the passwords that compose.yaml names, and OpenBao's token, each once. The containers' users read them, so the
# folder is what keeps others out.
set -eu
cd "$(dirname "$0")"
mkdir -p -m 0700 secrets
for name in redis-password database-password openbao-token; do
    [ -e "secrets/$name" ] || head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"secrets/$name"
    chmod 0444 "secrets/$name"
done

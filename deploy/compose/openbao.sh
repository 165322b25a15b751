#!/bin/sh
# openbao.sh SECRETS FOLDER: fills the OpenBao at BAO_ADDR for compose.yaml with MUTT's role and its secrets, which
# are files in SECRETS. What lets MUTT in goes to FOLDER, as two files. It may run again.
set -eu
secrets=${1:-/run/secrets} out=${2:-/run/openbao}
BAO_TOKEN=$(cat "$secrets/openbao-token")
export BAO_TOKEN

bao auth list | grep -q '^approle/' || bao auth enable approle
bao policy write mutt - <<'END'
path "secret/data/mutt" { capabilities = ["read"] }
END
bao write auth/approle/role/mutt token_policies=mutt token_ttl=1h token_max_ttl=24h
bao kv put -mount=secret mutt redis_password=@"$secrets/redis-password" \
    database_password=@"$secrets/database-password"
umask 022
bao read -field=role_id auth/approle/role/mutt/role-id >"$out/role-id"
bao write -f -field=secret_id auth/approle/role/mutt/secret-id >"$out/secret-id"

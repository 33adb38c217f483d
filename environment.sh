# What ./run and ./test share: find a Python, make .venv, install exactly what a lock file names.

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

find_python() {
  local candidate
  for candidate in "${HALLPASS_PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11; do
    if [ -n "$candidate" ] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  fail "Hallpass needs Python 3.11 or newer, and found none: install it (on Debian or Ubuntu: apt-get install python3 python3-venv) and start this again."
}

make_venv() {
  local python
  python=$(find_python) || exit 1
  if "$python" -m venv .venv 2>/dev/null; then
    return
  fi
  # Debian ships the module in a package of its own.
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && apt-get install -y -qq python3-venv; } >/dev/null 2>&1 || true
    rm -rf .venv
    "$python" -m venv .venv 2>/dev/null && return
  fi
  rm -rf .venv
  fail "Python cannot make a virtual environment here: install its venv module (on Debian or Ubuntu: apt-get install python3-venv) and start this again."
}

quiet_pip() {
  .venv/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --no-input "$@" >>.venv/install.log 2>&1
}

# pip's own configuration may name another registry, which uv would not know of.
uv_index() {
  .venv/bin/python -m pip config list 2>/dev/null | while IFS== read -r name value; do
    case "$name" in
      *.index-url) printf '%s\n' "$value" | tr -d "'"; break ;;
    esac
  done
}

# uv reads the registry in seconds where pip takes minutes on a slow machine; pip does it where there is no uv.
quiet_install() {
  local index
  if [ -x .venv/bin/uv ] || quiet_pip --only-binary :all: --require-hashes -r requirements-install.lock; then
    index=$(uv_index)
    UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-180} .venv/bin/uv pip install --quiet --python .venv/bin/python \
      ${index:+--default-index "$index"} "$@" >>.venv/install.log 2>&1 && return
  fi
  quiet_pip "$@"
}

# The stamp holds the lock's checksum, so that a second start installs nothing and a changed lock installs again.
install_locked() {
  local lock=$1 sum stamp folders=(actions bot portal voice web)
  sum=$(cksum <"$lock")
  stamp=.venv/.installed-$lock
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ] && [ -x .venv/bin/python ]; then
    return
  fi
  [ -x .venv/bin/python ] || make_venv
  printf 'Installing the packages of %s (once, about a minute) ...\n' "$lock"
  : >.venv/install.log
  quiet_install --require-hashes -r "$lock" ||
    fail "The packages could not be installed (.venv/install.log has the details): check the connection to the Python package registry, then start this again."
  quiet_install --no-deps --no-build-isolation -e . ||
    fail "Hallpass itself could not be installed (.venv/install.log has the details): delete the folder .venv and start this again."
  # Compiled here, for where Python is told to write nothing by itself (PYTHONDONTWRITEBYTECODE) every start would do it
  # again; of the libraries of tests the most is never imported: what is, is compiled then.
  [ "$lock" = requirements-dev.lock ] || folders+=(.venv/lib)
  .venv/bin/python -m compileall -qq -j 0 "${folders[@]}" || true
  printf '%s\n' "$sum" >"$stamp"
}

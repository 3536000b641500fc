# Read by scripts/demo and scripts/test; not run by itself. POSIX sh.
#
# `set_up LOCK` makes .venv in the clone hold exactly what requirements/LOCK says, and the project itself:
#
# - the interpreter is $PYTHON, or the first of python3, python3.14 … python3.11 that is new enough;
# - what was installed from is kept in .venv/installed-LOCK, so a second run changes nothing and asks no index;
# - packages are taken only with the hashes of the lock file; the project is installed in place, built with
#   the locked setuptools (no second download for the build);
# - a .venv that was moved, copied or lost its Python is made anew; one that was only half filled is filled.
#
# $me is the name in messages, $root the clone. Messages go to standard error.

say() { echo "$me: $*" >&2; }
fail() { say "$@"; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() { # sets $python
  if [ -n "${PYTHON:-}" ]; then
    python=$PYTHON
    new_enough "$python" || fail "PYTHON=$python is not a Python 3.11 or newer"
    return
  fi
  for python in python3 python3.14 python3.13 python3.12 python3.11; do
    if new_enough "$python"; then return; fi
  done
  found=$(python3 --version 2>/dev/null || echo "none")
  fail "Python 3.11 or newer is needed (found: $found). Install one (on Debian 12 or newer and Ubuntu 24.04 or" \
    "newer: apt-get install python3 python3-venv), or name it: PYTHON=/path/to/python3.12"
}

as_root() { # as_root COMMAND…: false when we are not root and may not become it unasked
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"
  else return 1
  fi
}

apt_install() { # apt_install PACKAGE…: false when this is no Debian, we are not root, or it fails
  command -v apt-get >/dev/null 2>&1 || return 1
  as_root true || return 1
  say "installing with apt-get: $*"
  set -- env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=120 \
    --no-install-recommends install "$@"
  # A machine that never ran `update` has no package lists, an old one has stale ones.
  as_root "$@" >&2 </dev/null || { as_root apt-get -qq update >&2 </dev/null && as_root "$@" >&2 </dev/null; }
}

make_venv() {
  find_python
  if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    apt_install "python$version-venv" || apt_install python3-venv || true
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
      fail "this Python ($python, $version) comes without venv; install it (Debian and Ubuntu:" \
        "apt-get install python$version-venv) and run this again"
  fi
  say "making $root/.venv with $("$python" --version)"
  "$python" -m venv --clear "$root/.venv" || fail "could not make $root/.venv; is the disk full or read-only?"
  echo "$root" >"$root/.venv/made-in"
}

# What an install depends on: the lock, the project's own description, and the Python that runs it.
fingerprint() { # fingerprint LOCK
  "$root/.venv/bin/python" - "$root/requirements/$1" "$root/pyproject.toml" <<'PYTHON'
import hashlib, pathlib, sys
parts = [pathlib.Path(name).read_bytes() for name in sys.argv[1:]] + [sys.version.encode()]
print(hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest())
PYTHON
}

installed() { # installed LOCK
  [ "$(cat "$root/.venv/installed-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]
}

set_up() { # set_up LOCK
  lock=$1
  # Scripts in .venv/bin carry the folder's path: in a clone that was moved or copied they point elsewhere.
  if ! new_enough "$root/.venv/bin/python" ||
    [ "$(cat "$root/.venv/made-in" 2>/dev/null || echo "$root")" != "$root" ]; then
    make_venv
  fi
  # What the tests need holds all that the server needs, in the same versions.
  if installed "$lock" || installed dev.txt; then return; fi

  "$root/.venv/bin/python" -m pip --version >/dev/null 2>&1 || make_venv # an earlier set-up was interrupted
  say "installing the packages of requirements/$lock (the first time takes a minute or two)"
  rm -f "$root/.venv/installed-"*
  "$root/.venv/bin/python" -m pip --disable-pip-version-check install --quiet \
    --require-hashes --requirement "$root/requirements/$lock" >&2 ||
    fail "pip could not install requirements/$lock (see above). Is the package index within reach? Run this again;" \
      "what was fetched is kept"
  "$root/.venv/bin/python" -m pip --disable-pip-version-check install --quiet \
    --no-index --no-deps --no-build-isolation --editable "$root" >&2 ||
    fail "pip could not install the project itself from $root (see above)"
  fingerprint "$lock" >"$root/.venv/installed-$lock"
}

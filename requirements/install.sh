#!/bin/sh
# Install the locked environment and this package in place: sh requirements/install.sh VENV LOCK
# With --add, put what another lock holds beside it:        sh requirements/install.sh VENV LOCK --add
set -eu
venv=$1
lock=$2
python=${PYTHON:-python3}

if [ "${3:-}" = --add ]; then
  echo "Adding $lock to $venv ..."
  if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python "$venv/bin/python" --require-hashes --requirement "$lock"
  else
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
  fi
  exit 0
fi

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "rutterframe needs Python 3.11 or newer; $python is $("$python" --version 2>&1). Try: make PYTHON=python3.11" >&2
  exit 1
}
echo "Installing into $venv (about a minute the first time) ..."
if command -v uv >/dev/null 2>&1; then
  export UV_PYTHON_DOWNLOADS=never
  [ -x "$venv/bin/python" ] || uv venv --quiet --python "$python" "$venv"
  uv pip sync --quiet --python "$venv/bin/python" --require-hashes "$lock"
  uv pip install --quiet --python "$venv/bin/python" --no-deps --editable .
else
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --editable .
fi

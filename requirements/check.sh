#!/bin/sh
# The lock holds hashes and no address of any registry: sh requirements/check.sh LOCK
set -eu
if grep -nE '://|^-' "$1"; then
  echo "$1 holds an address; make it anew with: make lock" >&2
  exit 1
fi
grep -q 'sha256:' "$1" || { echo "$1 holds no hashes; make it anew with: make lock" >&2; exit 1; }

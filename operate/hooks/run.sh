#!/bin/sh
# Runs one step of operate/hooks with a Python that is recent enough: run.sh STEP. azure.yaml calls it.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd) || exit 1
for python in python3 python python3.14 python3.13 python3.12 python3.11; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    cd -- "$root" && exec "$python" -E -B -m operate.hooks "$@"
  fi
done
echo "Python 3.11 or later was not found on PATH. Install it, then run the same azd command again." >&2
exit 1

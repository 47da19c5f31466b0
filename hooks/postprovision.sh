#!/bin/sh
# After azd has made the resources: draw the keys that are missing, then say what only a person can do.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/keys.sh"
sh "$here/next_steps.sh"

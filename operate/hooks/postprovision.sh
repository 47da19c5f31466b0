#!/bin/sh
# Runs after azd has created the resources: generates missing keys, then prints the manual steps.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/keys.sh"
sh "$here/next_steps.sh"

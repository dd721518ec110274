#!/bin/sh
# Make a virtual environment with exactly what a lock file names, and the product in it.
# Usage: scripts/install.sh VENV LOCK
set -eu
venv=$1 lock=$2
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    echo "Overround needs Python 3.11 or newer; '$python' is not. Name another one: make PYTHON=python3.12" >&2
    exit 1
}
if [ ! -x "$venv/bin/python" ]; then
    "$python" -m venv "$venv" 2>/dev/null || {
        rm -rf "$venv"
        echo "This Python has no venv module; install it first: apt-get install python3-venv" >&2
        exit 1
    }
fi
echo "Installing $lock into $venv (once)" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .

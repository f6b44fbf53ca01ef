#!/bin/sh
# make_venv.sh PYTHON FOLDER: a virtual environment with exactly the packages of lock.txt.
set -eu
python=$1 folder=$2
here=$(dirname "$0")

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "error: $("$python" --version 2>&1) is too old: Easy2Hard needs Python 3.11 or newer (make PYTHON=python3.12 …)" >&2
  exit 2
}
"$python" -c 'import ensurepip' 2>/dev/null || {
  echo "error: this Python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2
  exit 2
}
echo "making $folder from $here/lock.txt (a minute or two the first time) …"
"$python" -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$here/lock.txt"
echo "$folder is ready"

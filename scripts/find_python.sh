#!/usr/bin/env bash
# Print the path of a Python that runs, for a name, a path or a version: python3.12, 3.12, /opt/bin/python.
# pyenv's shims lie on the PATH for versions that are not switched on: those are looked up where pyenv keeps them.
set -u
wanted=${1:?usage: find_python.sh NAME-OR-VERSION}
version=${wanted##*python}
for candidate in "$wanted" "python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python \
    "/usr/local/bin/python$version" "/opt/homebrew/bin/python$version"; do
    case $candidate in [0-9]*) continue ;; esac
    path=$("$candidate" -c 'import sys; print(sys.executable)' 2>/dev/null) && echo "$path" && exit 0
done
exit 1

#!/usr/bin/env bash
# Run make test with each supported Python that is found; say which was not, and how each one ended.
set -u
here=$(dirname "$0")
report=()
ran=0
failed=0
for version in 3.11 3.12 3.13; do
    if ! python=$(bash "$here/find_python.sh" "$version"); then
        report+=("Python $version: not found on this machine, not tested")
        continue
    fi
    echo "Python $version: $python"
    ran=1
    if "${MAKE:-make}" test PYTHON="$python" VENV=".venvs/$version"; then
        report+=("Python $version: passed")
    else
        report+=("Python $version: FAILED")
        failed=1
    fi
done
printf '%s\n' "${report[@]}"
[ $ran -eq 1 ] || { echo "no supported Python was found" >&2; exit 1; }
exit $failed

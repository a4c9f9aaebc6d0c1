#!/usr/bin/env bash
# Debian's chromium and a font with Chinese glyphs, for the browser tests. Installed when they are
# missing and we are root; otherwise said plainly, and in CI that is a failure.
set -u
lacking() {
    missing=()
    if [ -n "${CHROMIUM:-}" ]; then
        [ -x "$CHROMIUM" ] || missing+=(chromium)
    else
        command -v chromium >/dev/null 2>&1 || missing+=(chromium)
    fi
    [ -n "$(fc-list ':lang=zh-cn' family 2>/dev/null)" ] || missing+=(fontconfig fonts-noto-cjk)
}
lacking
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # An index that cannot be renewed may still do: what counts is what is there afterwards.
    apt-get -qq -o DPkg::Lock::Timeout=120 update
    apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}" >/dev/null </dev/null
    lacking
    [ ${#missing[@]} -eq 0 ] && exit 0
fi
echo "missing: ${missing[*]} (Debian packages). The browser tests are skipped." >&2
case ${CI:-} in
'' | 0 | false) exit 0 ;;
esac
echo "in CI that is a failure" >&2
exit 1

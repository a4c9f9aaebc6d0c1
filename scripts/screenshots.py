"""Take the pictures of the READMEs from the running app (make screenshots).

Needs Chromium and a Chinese font, as the browser tests do (make system). Run it when a page that is
shown has changed.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 860}
PATIENCE_MS = 120_000
COLOURS = 256
RUN = {"en": "Zone the site", "zh": "生成功能分区"}


def main() -> int:
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if browser_path is None:
        sys.exit("no chromium on this machine: make system")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)], cwd=ROOT
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            for lang in RUN:
                page = browser.new_page(viewport=SIZE, locale="zh-CN" if lang == "zh" else "en-GB")
                _zoning(page, f"http://127.0.0.1:{port}", lang)
                _save(page.screenshot(), IMAGES / f"zoning-{lang}.png")
                page.close()
            browser.close()
    finally:
        server.terminate()
        server.wait()
    return 0


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    sys.exit("the app did not start")


def _zoning(page: Page, address: str, lang: str) -> None:
    """The sample park with its zones and the table of shares below the map."""
    page.goto(f"{address}/zoning?lang={lang}")
    page.get_by_role("button", name=RUN[lang]).click(timeout=PATIENCE_MS)
    page.wait_for_selector("[role=tab]", timeout=PATIENCE_MS)
    page.wait_for_function("window.__parkmap?.live.has('zones')", timeout=PATIENCE_MS)
    page.mouse.move(4, 4)
    page.wait_for_timeout(1_500)  # tooltips fade, fonts settle


def _save(png: bytes, path: Path) -> None:
    """A palette is enough for a page, and a third of the size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())

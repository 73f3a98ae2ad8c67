"""Take a screenshot of every section of a page, at desktop and phone width, in light and dark.

In: report.html or history.html. Out: `<folder>/<width>-<scheme>/<section>.png`. Needs chromium, chromedriver and selenium.

    .venv/bin/python scripts/screenshots.py runs/digits/latest/report.html pictures
"""

import base64
import shutil
import sys
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

SIZES = ((1280, 900), (390, 844))
SCHEMES = ("light", "dark")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars")
BOXES = """return [...document.querySelectorAll('header.top, section.part')].map((part) => {
  const box = part.getBoundingClientRect();
  return [part.id || 'top', box.x + scrollX, box.y + scrollY, box.width, box.height];
})"""


def main(page: Path, folder: Path) -> None:
    """Open the page in each size and colour scheme and write the screenshots."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in FLAGS:
        options.add_argument(flag)
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    with webdriver.Chrome(options=options, service=service) as browser:
        for size in SIZES:
            for scheme in SCHEMES:
                take(browser, page, size, scheme, folder / f"{size[0]}-{scheme}")


def take(browser: Any, page: Path, size: tuple[int, int], scheme: str, folder: Path) -> None:
    """Write one screenshot per section."""
    folder.mkdir(parents=True, exist_ok=True)
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get(page.resolve().as_uri())
    WebDriverWait(browser, 120).until(
        lambda open_browser: open_browser.execute_script("return document.documentElement.dataset.ready")
    )
    for name, x, y, width, height in browser.execute_script(BOXES):
        clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        wanted = {"clip": clip, "captureBeyondViewport": True}
        picture = browser.execute_cdp_cmd("Page.captureScreenshot", wanted)["data"]
        (folder / f"{name}.png").write_bytes(base64.b64decode(picture))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

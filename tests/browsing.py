"""What the browser tests share: the dashboard served over a database, and a page that is watched while it is used."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[1]
SCREENSHOTS = ROOT / "build" / "screenshots"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
# What is looked at in every size and in either scheme: each of them once, for a page takes seconds.
LOOKS = [("wide", "light"), ("narrow", "dark")]
PATIENCE = 120  # seconds: how long a test waits for what it expects before it fails. Beside other tests all is several times slower.
# Streamlit's own client asks on a deep link whether the page's path is a base path of the server; the answer is no.
PROBE = re.compile(r"/[a-z]+/_stcore/(health|host-config)$")
# Counts the runs of a page's script that have ended: some time goes by until the run begins that a click asks for.
ENDED = "window.runsEnded ?? 0"
# Adds up how far what is seen moves by itself while a page is filled, as browsers count it: of one, what fills the window and moves by its height.
MOVING = """
    new PerformanceObserver(seen => seen.getEntries().forEach(one => { if (!one.hadRecentInput) window.moved = (window.moved ?? 0) + one.value; }))
        .observe({type: 'layout-shift', buffered: true})"""
COUNTING = """
    new MutationObserver(seen => { window.runsEnded = (window.runsEnded ?? 0) + seen.filter(one => one.oldValue === 'running').length; })
        .observe(document, {subtree: true, attributeFilter: ['data-test-script-state'], attributeOldValue: true})"""


def chromium() -> str:
    """Where Debian's own Chromium stands."""
    found = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    assert found, "the Chromium browser is missing: on Debian and Ubuntu, apt install chromium"
    return found


@contextmanager
def served(database: Path, **environment: str) -> Iterator[str]:
    """The dashboard over a database, on a free port of loopback; its address. More of the environment may be given."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (database.parent / "server.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.port", str(port)], cwd=ROOT, stdout=log,
                               stderr=subprocess.STDOUT, env=os.environ | {"READINESS_DB": str(database)} | environment)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        log.close()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Until a dashboard that was started answers."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "the dashboard did not start"
        try:
            urllib.request.urlopen(address, timeout=2)
            return
        except OSError:
            time.sleep(0.25)
    raise AssertionError("the dashboard did not answer")


class Watched:
    """A page with what it asked for and what it complained of."""

    def __init__(self, page: Page, server: str) -> None:
        self.page, self.server = page, server
        page.add_init_script(COUNTING)
        page.add_init_script(MOVING)
        self.abroad: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))
        page.on("console", lambda message: self.complaints.append(f"{message.text} {message.location.get('url', '')}") if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname != "127.0.0.1":
            self.abroad.append(url)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.server}/{path}")
        self.settle()

    def settle(self) -> None:
        """Until the script has run to its end and its charts are drawn."""
        expect(self.page.locator(".er-headline h1")).to_be_visible()
        self.page.locator(".stApp[data-test-script-state=notRunning]").wait_for(state="attached", timeout=PATIENCE * 1000)
        self.page.wait_for_timeout(600)

    @contextmanager
    def run(self) -> Iterator[None]:
        """Around what makes the script run anew: until it has."""
        ended = self.page.evaluate(ENDED)
        yield
        deadline = time.monotonic() + PATIENCE
        while self.page.evaluate(ENDED) == ended:  # to wait for a function, Playwright would need what the content security policy forbids
            assert time.monotonic() < deadline, "the page's script did not run"
            self.page.wait_for_timeout(50)
        self.settle()

    def press(self, name: str) -> None:
        """Presses a button, and waits until what it began is done."""
        with self.run():
            self.page.get_by_role("button", name=name).click()

    def assert_calm(self) -> None:
        """Next to nothing has moved by itself since the page was opened, if it was shown when it was filled and not because that took too long."""
        shown = self.page.locator("html").get_attribute("data-shown")
        assert shown == "late" or (shown == "filled" and self.page.evaluate("window.moved ?? 0") < 0.1)

    def assert_accessible(self) -> None:
        """Nothing is wider than the window, and nothing keeps somebody out."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"], "the page is wider than the screen"
        found = Axe().run(self.page).response["violations"]
        assert [f"{one['id']}: {one['nodes'][0]['target']}" for one in found if one["impact"] in ("serious", "critical")] == []

    def verdict(self) -> None:
        assert self.abroad == []
        assert [one for one in self.complaints if not PROBE.search(one.split("?")[0].strip())] == []


def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    # The page scrolls inside its frame: all of it is seen in a window as high as what it holds.
    height = page.evaluate("Math.max(innerHeight, document.querySelector('.stMain')?.scrollHeight ?? 0)")
    page.set_viewport_size({"width": size["width"], "height": min(height + 40, 8_000)})
    page.wait_for_timeout(300)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
    page.set_viewport_size(size)

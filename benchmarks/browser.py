"""What a page costs in a browser: how long until it is seen, what comes over the network, how far it moves by itself while it comes.

    python -m benchmarks.browser

Each page of the example election is opened in a Chromium that has never been there, and once more in the same one; an empty page likewise.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile, which

from playwright.sync_api import Browser, BrowserContext, CDPSession, sync_playwright

from benchmarks.markdown import table
from benchmarks.pages import load_example
from benchmarks.server import serving

PAGES = ("", "province?place=PK6", "district?place=PK617", "clock", "changes", "meetings", "disagreements", "alerts", "appointments", "repairs", "training", "security", "upload", "history", "definitions")
SIZE = {"width": 1440, "height": 900}
WITHIN = 60_000  # milliseconds
_SETTLED = 1_500  # milliseconds in which whatever still moves does so
_MOVED = """
    new PerformanceObserver(seen => seen.getEntries().forEach(one => { if (!one.hadRecentInput) window.moved = (window.moved ?? 0) + one.value; }))
        .observe({type: 'layout-shift', buffered: true})"""


@dataclass(frozen=True)
class Visit:
    """One page opened once: seconds until it is seen, bytes by HTTP and by the websocket, requests, how far it moved by itself as browsers
    count it: of one, what fills the window and moves by its height."""

    seconds: float
    sent: Counter[str]
    moved: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__)
    parser.add_argument("--example", type=Path, metavar="FILE", help="a store that holds the example election already (default: it is loaded first)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder, sync_playwright() as playwright:
        database = Path(folder) / "browser.duckdb"
        copyfile(asked.example, database) if asked.example else load_example(database)
        browser = playwright.chromium.launch(executable_path=which("chromium") or which("chromium-browser"), args=["--no-sandbox"])
        lines = [("page", "first: seen after s", "KB", "requests", "KB by websocket", "moved", "again: seen after s", "KB", "KB by websocket", "moved")]
        with serving("benchmarks/empty_page.py") as server:
            lines.append(_line("an empty page", *_visits(browser, f"http://127.0.0.1:{server.port}/", "[data-testid=stMarkdown] p")))
        with serving("dashboard.py", database) as server:
            for page in PAGES:
                lines.append(_line(page.partition("?")[0] or "national", *_visits(browser, f"http://127.0.0.1:{server.port}/{page}", ".er-headline h1")))
        browser.close()
    print(table(lines))


def _visits(browser: Browser, address: str, seen: str) -> Iterator[Visit]:
    """A page opened for the first time, and again."""
    context = browser.new_context(viewport=SIZE)
    for _ in ("first", "again"):
        yield _visit(context, address, seen)
    context.close()


def _visit(context: BrowserContext, address: str, seen: str) -> Visit:
    page = context.new_page()
    page.add_init_script(_MOVED)
    sent = _counted(context.new_cdp_session(page))
    begun = time.perf_counter()
    page.goto(address)
    page.locator(seen).first.wait_for(timeout=WITHIN)
    seconds = time.perf_counter() - begun
    page.wait_for_timeout(_SETTLED)
    moved = page.evaluate("window.moved ?? 0")
    page.close()
    return Visit(seconds, sent, moved)


def _counted(network: CDPSession) -> Counter[str]:
    """What comes over the network from now on."""
    sent = Counter[str]()
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda told: sent.update(http=int(told["encodedDataLength"]), requests=1))
    network.on("Network.webSocketFrameReceived", lambda told: sent.update(websocket=len(told["response"]["payloadData"]) * 3 // 4))  # in base 64
    return sent


def _line(name: str, first: Visit, again: Visit) -> tuple[str, ...]:
    def kilobytes(one: Visit, by: str) -> str:
        return f"{one.sent[by] / 1000:,.0f}"

    return (name, f"{first.seconds:.2f}", kilobytes(first, "http"), str(first.sent["requests"]), kilobytes(first, "websocket"), f"{first.moved:.3f}",
            f"{again.seconds:.2f}", kilobytes(again, "http"), kilobytes(again, "websocket"), f"{again.moved:.3f}")


if __name__ == "__main__":
    main()

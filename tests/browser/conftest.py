"""One fake server and one Chromium for all browser tests; a fresh world and a fresh page for each.

The pages are tested as they are shipped: built (by the package's own build, or ``python hatch_build.py``) and served
under a strict content policy. Every test also fails when a page asked anything of another origin or wrote an error.
"""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from hatch_build import STATIC, up_to_date
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.fake_server import World, create_app
from tests.browser.steps import logged_in

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
BROWSERS_OWN = ("data:", "blob:", "chrome-extension:", "chrome:")
"""Addresses that leave neither page nor browser; the last two are Chromium's own viewer for PDF."""
START_S_MAX = 20.0
WAIT_MS = 10_000


class Site:
    """The running fake server; :meth:`renew` gives the next test a world of its own."""

    def __init__(self) -> None:
        self.world = World()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        app = create_app(self.world, ROOT / STATIC)
        self.server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self) -> None:
        self.thread.start()
        deadline = time.monotonic() + START_S_MAX
        while not self.server.started:
            assert time.monotonic() < deadline, "the fake server did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        self.world.events_up = False
        self.server.should_exit = True
        self.thread.join(START_S_MAX)

    def renew(self) -> World:
        self.world.__init__()  # type: ignore[misc]
        return self.world


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    if not up_to_date(ROOT):
        pytest.fail(
            "The control tower is not built from these sources: run `pip install -e .` or `python hatch_build.py`"
        )
    served = Site()
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("the browser tests need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def world(site: Site) -> World:
    return site.renew()


@pytest.fixture
def complaints() -> list[str]:
    """What the page complained about; a test that provokes an error takes it out again."""
    return []


@pytest.fixture
def page(browser: Browser, site: Site, world: World, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, viewport={"width": 1440, "height": 900}, locale="en-GB")
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    expect.set_options(timeout=WAIT_MS)
    requested: list[str] = []
    opened.on("request", lambda request: requested.append(request.url))
    opened.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield opened
    context.close()
    elsewhere = [url for url in requested if not url.startswith((site.url, *BROWSERS_OWN))]
    assert elsewhere == [], "requests left the origin"
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest.fixture
def clerk(page: Page, site: Site) -> Page:
    return logged_in(page, site.url, "clerk")


@pytest.fixture
def approver(page: Page, site: Site) -> Page:
    return logged_in(page, site.url, "approver")

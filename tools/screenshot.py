"""Takes the pictures of the running control tower that the README and the documentation show.

``python tools/screenshot.py --user clerk --password … --out docs/pictures`` logs in at a running server and saves
1440×900 pictures of the inbox, of one item with a field of its document marked, and of the overview, in light and dark.
Needs Playwright for Python and a Chromium.
"""

import argparse
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Error, Page, sync_playwright

WIDTH, HEIGHT = 1440, 900
SETTLE_MS = 700
"""For what is still moving: scrolling to a mark, counts that arrive."""
WAIT_MS = 15_000
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> int:
    arguments = parse()
    arguments.out.mkdir(parents=True, exist_ok=True)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=arguments.chromium,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            for scheme in SCHEMES:
                for picture in take(browser, arguments, scheme):
                    print(picture)
            browser.close()
    except Error as error:
        print(f"No picture could be taken at {arguments.url}: {error.message}", file=sys.stderr)
        return 1
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="the running server")
    parser.add_argument("--user", default="clerk")
    parser.add_argument("--password", required=True)
    parser.add_argument("--item", help="key of the inbox item to show; the first one that has a document otherwise")
    parser.add_argument("--field", help="label of the field to mark; the one read with the least confidence otherwise")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures"))
    return parser.parse_args()


def take(browser: Browser, arguments: argparse.Namespace, scheme: Literal["light", "dark"]) -> list[Path]:
    context = browser.new_context(
        base_url=arguments.url,
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    log_in(page, arguments.user, arguments.password)
    pictures = [save(page, arguments.out / f"inbox-{scheme}.png")]
    open_item(page, arguments.item)
    mark_field(page, arguments.field)
    pictures.append(save(page, arguments.out / f"item-{scheme}.png"))
    page.goto("/overview")
    page.locator(".tile").first.wait_for()
    pictures.append(save(page, arguments.out / f"overview-{scheme}.png"))
    context.close()
    return pictures


def log_in(page: Page, user: str, password: str) -> None:
    page.goto("/")
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Inbox").wait_for()
    page.locator(".row, .empty").first.wait_for()


def open_item(page: Page, key: str | None) -> None:
    """Open the item, or the first of the inbox that has a document to show."""
    links = page.locator(".row").evaluate_all("rows => rows.map((row) => row.getAttribute('href'))")
    for address in [f"/inbox/{key}"] if key else links:
        page.goto(address)
        page.locator("#decision").wait_for()
        if key or page.locator(".document").count() > 0:
            return
    raise SystemExit(
        "No item in this person's inbox has a document: name one with --item, or another person with --user."
    )


def mark_field(page: Page, label: str | None) -> None:
    if page.locator(".document").count() == 0:
        return
    page.locator(".source-line, .document-original").first.wait_for()
    if label:
        page.get_by_role("button", name=label, exact=True).click()
        return
    if page.locator("tr.field").count() > 0:
        page.locator(least_confident(page)).locator(".field-name").first.click()


def least_confident(page: Page) -> str:
    levels = ("low", "fair", "high")
    found = (f"tr.field:has([data-level={level}])" for level in levels)
    return next((selector for selector in found if page.locator(selector).count() > 0), "tr.field")


def save(page: Page, path: Path) -> Path:
    page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=path)
    return path


if __name__ == "__main__":
    sys.exit(main())

"""How a person gets in, and waits: what many browser tests begin with."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.fake_server import PASSWORD


def logged_in(page: Page, url: str, username: str) -> Page:
    """In the inbox with a session from before, as most visits begin."""
    page.context.add_cookies([{"name": "session", "value": username, "url": url}])
    page.goto("/")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    return page


def log_in(page: Page, username: str) -> Page:
    page.goto("/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    return page


def comes_true(page: Page, condition: Callable[[], bool], within_ms: int = 10_000) -> bool:
    """Whether it holds in the end, of what ``expect`` cannot wait for."""
    for _ in range(within_ms // 50):
        if condition():
            return True
        page.wait_for_timeout(50)
    return condition()

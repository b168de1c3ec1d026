"""Logging in and out, sessions that end, and how the frame fits the person: colours, phone, keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_server import World
from tests.browser.steps import log_in

PAGES = ("/", "/inbox/101", "/inbox/102", "/overview", "/instances/9105")


def test_a_wrong_password_is_told_and_the_name_stays(page: Page) -> None:
    page.goto("/")
    page.get_by_label("User name").fill("clerk")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("User name and password do not match")
    expect(page.get_by_role("textbox", name="User name")).to_have_value("clerk")


def test_an_address_that_needs_a_log_in_leads_there_and_on(page: Page) -> None:
    page.goto("/inbox/103")
    page.get_by_label("User name").fill("clerk")
    page.get_by_label("Password", exact=True).fill("tower")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Read the total")).to_be_visible()


def test_the_user_menu_tells_the_roles_and_logs_out_for_good(clerk: Page) -> None:
    clerk.get_by_role("link", name="Overview").click()
    clerk.get_by_role("button", name="Clara Clerk, clerk: user menu").click()
    expect(clerk.get_by_text("Roles: clerk")).to_be_visible()
    clerk.get_by_role("menuitem", name="Log out").click()
    expect(clerk.get_by_role("button", name="Log in")).to_be_visible()
    clerk.go_back()
    expect(clerk.get_by_role("button", name="Log in")).to_be_visible()


def test_a_session_that_ended_leads_to_the_log_in_page(clerk: Page) -> None:
    clerk.context.clear_cookies()
    clerk.get_by_role("button", name="Done").click()
    expect(clerk.get_by_role("button", name="Log in")).to_be_visible()


def test_a_server_that_is_down_is_named_and_asked_again(page: Page, world: World) -> None:
    world.broken["/v2/authentication/me"] = (503, "Clearance is starting", "The ledger is being read.")
    page.goto("/")
    expect(page.get_by_role("alert")).to_contain_text("Clearance is starting")
    world.broken.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_an_unknown_address_offers_the_way_back(clerk: Page) -> None:
    clerk.goto("/no/such/page")
    clerk.get_by_role("link", name="To the inbox", exact=True).click()
    expect(clerk.get_by_role("heading", name="Inbox")).to_be_visible()


def test_each_page_names_itself_in_the_browsers_tab(clerk: Page) -> None:
    expect(clerk).to_have_title("Inbox · Clearance")
    clerk.goto("/inbox/103")
    expect(clerk).to_have_title("Read the total: Invoice 88-17 of Bluewater Ltd., 1,190.00 EUR · Clearance")
    clerk.get_by_role("link", name="Overview").click()
    expect(clerk).to_have_title("Overview · Clearance")


def test_light_or_dark_is_kept_across_visits(clerk: Page) -> None:
    clerk.get_by_role("button", name="Use dark colours").click()
    expect(clerk.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    clerk.reload()
    expect(clerk.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


@pytest.mark.parametrize("address", PAGES)
def test_no_page_is_wider_than_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    log_in(page, "clerk").goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("load")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.get_by_role("navigation").get_by_role("link", name="Overview")).to_be_in_viewport()


@pytest.mark.parametrize("address", PAGES)
def test_one_long_word_makes_no_page_wider_and_hides_no_state(page: Page, world: World, address: str) -> None:
    word = "Versicherungsnehmergemeinschaftsmitgliedsausweis" * 6
    for item in world.items:
        item["subject"] = item["reason"] = item["title"] = word
        item["brief"]["reasons"] = [word]
        item["processName"], item["roles"] = word, [word, "clerk"]
    for instance in world.instances:
        instance["subject"] = instance["processDefinitionName"] = word
    page.set_viewport_size({"width": 1080, "height": 740})
    log_in(page, "clerk").goto(address)
    expect(page.get_by_text(word).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 1080
    cut = "() => [...document.querySelectorAll('.mark *')].filter((mark) => mark.scrollWidth > mark.clientWidth).length"
    assert page.evaluate(cut) == 0
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_an_item_without_a_reason_shows_no_empty_one(clerk: Page, world: World) -> None:
    expect(clerk.get_by_role("heading", level=1)).to_be_visible()
    item = next(item for item in world.items if item["key"] == "101")
    item["reason"], item["brief"]["reasons"] = "", []
    clerk.goto("/inbox/101")
    expect(clerk.get_by_role("heading", name="Your decision")).to_be_visible()
    expect(clerk.get_by_role("heading", name="Why this came to you")).to_have_count(0)


@pytest.mark.parametrize("address", PAGES)
def test_every_control_has_a_name(clerk: Page, address: str) -> None:
    clerk.goto(address)
    expect(clerk.get_by_role("heading", level=1)).to_be_visible()
    if address.startswith("/instances/"):
        expect(clerk.locator(".bjs-powered-by"), "the diagram brings a link of its own").to_be_visible()
    nameless = clerk.evaluate(
        """() => [...document.querySelectorAll('button, a[href], input:not([type=hidden]), textarea, select')]
            .filter((control) => control.offsetParent !== null && !control.closest('.djs-container'))
            .filter((control) => !(control.ariaLabel || control.innerText?.trim() || control.labels?.length))
            .filter((control) => !control.title)
            .map((control) => control.outerHTML.slice(0, 200))"""
    )
    assert nameless == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_text_has_enough_contrast_in_light_and_dark(clerk: Page, address: str, scheme: str) -> None:
    clerk.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    clerk.goto(address)
    expect(clerk.get_by_role("heading", level=1)).to_be_visible()
    expect(clerk.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)
    assert clerk.evaluate(LOW_CONTRAST) == []


# WCAG 2.1's formula over every element that holds text itself, against the nearest opaque background behind it.
LOW_CONTRAST = """() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const holdsText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
  return [...document.querySelectorAll('main *, aside *')]
    .filter((element) => element.offsetParent !== null && holdsText(element))
    .filter((element) => !element.closest('svg, .djs-container, :disabled, [data-disabled]'))
    .map((element) => {
      const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))];
      return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), element.className, element.textContent.slice(0, 40)];
    })
    .filter(([ratio]) => ratio < 4.5);
}"""

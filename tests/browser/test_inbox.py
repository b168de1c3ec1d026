"""The inbox: what it lists, in which order, and how it is worked through from the keyboard."""

import re

from playwright.sync_api import Page, expect

from tests.browser.fake_server import World


def titles(page: Page) -> list[str]:
    return page.locator(".row-title").all_inner_texts()


def choose(page: Page, label: str, choice: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=choice).click()


def test_the_most_urgent_work_of_my_roles_comes_first(clerk: Page) -> None:
    expect(clerk.locator(".row")).to_have_count(4)
    assert titles(clerk) == ["Check the price", "Read the total", "Unknown supplier", "Pay the supplier"]


def test_each_scope_tells_how_many_items_it_holds(clerk: Page) -> None:
    expect(clerk.get_by_role("navigation").get_by_label("5 open")).to_be_visible()
    for scope, count in (("My roles", "4"), ("Mine", "1"), ("All open", "5"), ("Done", "0")):
        expect(clerk.get_by_role("button", name=scope)).to_contain_text(count)


def test_a_scope_that_is_too_long_to_be_counted_says_so(clerk: Page, world: World) -> None:
    world.items += [item | {"key": f"x{number}"} for number, item in enumerate(world.items * 2_001)]
    clerk.reload()
    expect(clerk.get_by_role("button", name="All open")).to_contain_text("10,000+")
    expect(clerk.get_by_role("navigation").get_by_label("10,000+ open")).to_be_visible()
    expect(clerk.get_by_role("button", name="Mine")).to_contain_text("2,002")
    expect(clerk.get_by_role("button", name="Done")).to_have_text("Done0")


def test_a_list_ends_where_the_server_gives_no_more_and_says_what_to_do(clerk: Page, world: World) -> None:
    world.items += [item | {"key": f"x{number}"} for number, item in enumerate(world.items * 250)]
    clerk.get_by_role("button", name="All open").click()
    for shown in range(50, 1000, 50):
        clerk.get_by_role("button", name=f"Show more ({shown} of 1,255)").click()
    expect(clerk.get_by_text("These are 1,000 of 1,255. Filter or search to find the others.")).to_be_visible()
    expect(clerk.locator(".row")).to_have_count(1000)


def test_mine_shows_only_what_i_claimed(clerk: Page) -> None:
    clerk.get_by_role("button", name="Mine").click()
    expect(clerk.locator(".row")).to_have_count(1)
    assert titles(clerk) == ["Read the total"]


def test_a_late_item_says_so_in_words_and_gives_the_moment(clerk: Page) -> None:
    deadline = clerk.locator(".row", has_text="Check the price").locator(".deadline")
    expect(deadline).to_contain_text("Late by 2 h")
    expect(deadline).to_contain_text(re.compile(r"\w{3},? \d{1,2} \w{3},? \d{2}:\d{2}"))


def test_items_are_sorted_by_priority_or_age_on_request(clerk: Page) -> None:
    choose(clerk, "Order", "By priority")
    expect(clerk.locator(".row-title").first).to_have_text("Pay the supplier")
    choose(clerk, "Order", "Oldest first")
    expect(clerk.locator(".row-title").first).to_have_text("Check the price")


def test_the_kind_filter_leaves_only_that_kind(clerk: Page) -> None:
    clerk.get_by_role("button", name="All open").click()
    choose(clerk, "Kind", "Approvals")
    expect(clerk.locator(".row")).to_have_count(1)
    assert titles(clerk) == ["Approve a payment"]


def test_the_deadline_filter_leaves_only_what_is_late(clerk: Page) -> None:
    choose(clerk, "Deadline", "Late")
    expect(clerk.locator(".row")).to_have_count(1)
    assert titles(clerk) == ["Check the price"]


def test_search_finds_by_subject_and_can_be_cleared_when_it_finds_nothing(clerk: Page) -> None:
    search = clerk.get_by_role("searchbox", name="Search the inbox")
    search.fill("bluewater")
    expect(clerk.locator(".row")).to_have_count(1)
    search.fill("no such supplier")
    expect(clerk.get_by_text("Nothing matches these filters")).to_be_visible()
    clerk.get_by_role("button", name="Clear the filters").click()
    expect(clerk.locator(".row")).to_have_count(4)
    expect(search).to_have_value("")


def test_a_reload_shows_the_same_view(clerk: Page) -> None:
    clerk.get_by_role("button", name="All open").click()
    choose(clerk, "Kind", "Incidents")
    expect(clerk.locator(".row")).to_have_count(1)
    clerk.reload()
    expect(clerk.locator(".row")).to_have_count(1)
    expect(clerk.get_by_role("button", name="All open")).to_have_attribute("aria-pressed", "true")


def test_j_k_and_enter_go_through_the_list_without_a_mouse(clerk: Page) -> None:
    expect(clerk.locator(".row")).to_have_count(4)
    for key in ("j", "ArrowDown", "j", "k"):
        clerk.keyboard.press(key)
    expect(clerk.locator(".row").nth(1)).to_be_focused()
    clerk.keyboard.press("Enter")
    expect(clerk.get_by_role("heading", name="Read the total")).to_be_visible()
    clerk.keyboard.press("u")
    expect(clerk.get_by_role("heading", name="Inbox")).to_be_visible()


def test_keys_typed_into_the_search_box_are_text(clerk: Page) -> None:
    clerk.keyboard.press("/")
    search = clerk.get_by_role("searchbox", name="Search the inbox")
    expect(search).to_be_focused()
    clerk.keyboard.type("jk/")
    expect(search).to_have_value("jk/")


def test_an_empty_inbox_says_that_nothing_waits(clerk: Page, world: World) -> None:
    for item in world.items:
        item["state"] = "CANCELED"
    world.changed()
    expect(clerk.get_by_text("Nothing waits for you")).to_be_visible()


def test_what_others_do_appears_without_a_reload(clerk: Page, world: World) -> None:
    expect(clerk.get_by_text("Live", exact=True)).to_be_visible()
    expect(clerk.locator(".row")).to_have_count(4)
    world.items = [item for item in world.items if item["key"] != "104"]
    world.changed()
    expect(clerk.locator(".row")).to_have_count(3)
    expect(clerk.get_by_role("button", name="My roles")).to_contain_text("3")


def test_without_the_event_stream_the_page_polls_and_says_so(clerk: Page, world: World) -> None:
    expect(clerk.get_by_text("Live", exact=True)).to_be_visible()
    world.events_up = False
    expect(clerk.get_by_text("Polling", exact=True)).to_be_visible()
    world.items = [item for item in world.items if item["key"] != "104"]
    expect(clerk.locator(".row")).to_have_count(3, timeout=15_000)


def test_a_server_error_is_shown_in_its_own_words_and_can_be_tried_again(clerk: Page, world: World) -> None:
    world.broken["/v2/inbox"] = (500, "The store is full", "No space is left for the ledger.")
    clerk.get_by_role("button", name="Done").click()
    expect(clerk.get_by_role("alert")).to_contain_text("No space is left for the ledger.")
    world.broken.clear()
    clerk.get_by_role("button", name="Try again").click()
    expect(clerk.get_by_text("Nothing has been answered yet")).to_be_visible()

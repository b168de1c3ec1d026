"""One item: the document beside what was read, the facts, and the decision with all that can go wrong in it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fake_data import PAYMENT
from tests.browser.fake_server import World
from tests.browser.steps import comes_true


def open_item(page: Page, key: str) -> Page:
    page.goto(f"/inbox/{key}")
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()
    return page


def selected_mark(page: Page) -> str:
    return "".join(page.locator("mark[data-selected=true]").all_inner_texts())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("Invoice number", "2026-0042"),
        ("Supplier", "Nordlicht GmbH"),
        ("Unit price, line 1", "294.96"),
        ("Total", "4212.00"),
    ],
)
def test_a_click_on_a_field_marks_exactly_where_it_was_read(clerk: Page, field: str, value: str) -> None:
    # The document has a character beyond the basic plane before most fields: spans count code points, browsers do not.
    open_item(clerk, "101").get_by_role("button", name=field, exact=True).click()
    expect(clerk.locator("mark[data-selected=true]")).to_be_in_viewport()
    assert selected_mark(clerk) == value


def test_a_click_on_a_mark_selects_its_field(clerk: Page) -> None:
    open_item(clerk, "101").locator("mark", has_text="PO-7731").click()
    expect(clerk.get_by_role("button", name="Order", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_field_far_down_a_pdf_text_is_scrolled_to(clerk: Page) -> None:
    open_item(clerk, "103").get_by_role("button", name="VAT number").click()
    expect(clerk.locator("mark[data-selected=true]")).to_be_in_viewport()
    assert selected_mark(clerk) == "GB123456789"


def test_a_field_that_stands_nowhere_says_so(clerk: Page) -> None:
    open_item(clerk, "101").get_by_role("button", name="Early-payment discount").click()
    expect(clerk.get_by_text("Early-payment discount: not in the document")).to_be_visible()


def test_xml_on_one_line_is_laid_out_and_its_spans_still_hold(clerk: Page) -> None:
    open_item(clerk, "104").get_by_role("button", name="Total", exact=True).click()
    expect(clerk.locator("mark[data-selected=true]")).to_have_text("77.10")
    assert clerk.locator(".source-line").all_inner_texts()[2].startswith("  <ID>RE-9</ID>")
    expect(clerk.get_by_text(re.compile(r"19880 characters not shown"))).to_be_visible()


def test_confidence_is_told_in_figures_and_words(clerk: Page) -> None:
    row = open_item(clerk, "101").get_by_role("row", name="Unit price, line 1 294.96")
    expect(row.locator(".confidence")).to_have_text("74 % low")


def test_differences_come_first_and_are_named(clerk: Page) -> None:
    facts = open_item(clerk, "101").get_by_role("table", name="What other systems said")
    expect(facts.get_by_role("row").nth(1)).to_contain_text(re.compile("Unit price.*271.00 EUR.*294.96 EUR.*Differs"))
    expect(facts.get_by_text("Agrees")).to_have_count(3)


def test_the_original_of_a_pdf_can_be_shown_and_opened(clerk: Page) -> None:
    open_item(clerk, "103").get_by_text("Original", exact=True).click()
    expect(clerk.locator("iframe[title='88-17.pdf']")).to_be_visible()
    # Chromium puts its own error page into a frame that a policy forbids.
    documents = clerk.url.split("/inbox/")[0] + "/v2/documents/"
    assert comes_true(clerk, lambda: any(frame.url.startswith(documents) for frame in clerk.frames))
    link = clerk.get_by_role("link", name="Open original")
    assert re.fullmatch(r"/v2/documents/[0-9a-f]{64}", link.get_attribute("href") or "")


def test_the_recommendation_is_marked_but_nothing_is_chosen_in_advance(clerk: Page) -> None:
    open_item(clerk, "101")
    expect(clerk.locator(".option", has_text="Recommended")).to_contain_text("Ask the buyer")
    expect(clerk.locator(".option", has_text="Recommended")).to_contain_text("Why: The buyer agreed")
    expect(clerk.locator("input[type=radio]:checked")).to_have_count(0)
    expect(clerk.get_by_role("button", name="Confirm")).to_be_disabled()


def test_an_answer_is_sent_and_the_next_item_opens(clerk: Page, world: World) -> None:
    clerk.get_by_role("link", name=re.compile("Check the price")).click()
    clerk.get_by_role("radio", name=re.compile("Ask the buyer")).check()
    clerk.get_by_label("Comment").fill("  Please confirm the new price.  ")
    clerk.get_by_role("button", name="Confirm: Ask the buyer").click()
    expect(clerk.get_by_role("heading", name="Read the total")).to_be_visible()
    expect(clerk.get_by_text("Answered “Ask the buyer”")).to_be_visible()
    assert world.answers == [{"key": "101", "by": "clerk", "option": "ask", "comment": "Please confirm the new price."}]


def test_after_the_last_item_the_inbox_says_what_was_answered(clerk: Page, world: World) -> None:
    clerk.get_by_role("button", name="Mine").click()
    clerk.get_by_role("link", name=re.compile("Read the total")).click()
    clerk.get_by_role("radio", name=re.compile("Approve and pay")).check()
    clerk.get_by_role("button", name=re.compile("Confirm")).click()
    expect(clerk.get_by_text("Nothing waits for you")).to_be_visible()
    expect(clerk.get_by_text("Answered “Approve and pay”")).to_be_visible()


def test_an_option_that_needs_a_comment_cannot_be_confirmed_without_one(clerk: Page, world: World) -> None:
    open_item(clerk, "101").get_by_role("radio", name=re.compile("Reject")).check()
    expect(clerk.get_by_text("This option needs a comment.")).to_be_visible()
    clerk.get_by_label("Comment").fill("   ")
    expect(clerk.get_by_role("button", name="Confirm: Reject")).to_be_disabled()
    clerk.keyboard.press("Control+Enter")
    clerk.get_by_label("Comment").fill("Not what was agreed.")
    expect(clerk.get_by_role("button", name="Confirm: Reject")).to_be_enabled()
    assert world.answers == []


def test_figures_choose_and_control_enter_confirms(clerk: Page, world: World) -> None:
    open_item(clerk, "101")
    clerk.keyboard.press("2")
    expect(clerk.get_by_role("radio", name=re.compile("Ask the buyer"))).to_be_checked()
    clerk.keyboard.press("Control+Enter")
    expect(clerk.get_by_role("heading", name="Read the total")).to_be_visible()
    assert [answer["option"] for answer in world.answers] == ["ask"]


def test_who_answers_before_the_inbox_has_come_sees_the_next_item_all_the_same(clerk: Page, world: World) -> None:
    world.slow["/v2/inbox/search"] = 1.0
    open_item(clerk, "101")
    clerk.keyboard.press("2")
    clerk.keyboard.press("Control+Enter")
    expect(clerk.get_by_text("Here is the next one.")).to_be_visible()
    expect(clerk.get_by_role("heading", name="Read the total")).to_be_visible()


def test_an_approval_shows_the_exact_action_and_answers_for_its_hash(approver: Page, world: World) -> None:
    open_item(approver, "102")
    parameters = approver.get_by_role("table", name="Parameters of the action")
    for name, value in PAYMENT["parameters"].items():
        expect(parameters.get_by_role("row", name=name)).to_contain_text(value)
    expect(approver.get_by_text(PAYMENT["sha256"])).to_be_visible()
    approver.get_by_role("radio", name=re.compile("Approve")).check()
    approver.get_by_role("button", name=re.compile("Confirm")).click()
    expect(approver.get_by_text("Answered “Approve”")).to_be_visible()
    assert world.answers == [{"key": "102", "by": "approver", "option": "approve", "actionSha256": PAYMENT["sha256"]}]


def test_a_refusal_names_the_policy_and_keeps_what_was_typed(clerk: Page, world: World) -> None:
    open_item(clerk, "102").get_by_role("radio", name=re.compile("Reject")).check()
    clerk.get_by_label("Comment").fill("Looks wrong.")
    clerk.get_by_role("button", name=re.compile("Confirm")).click()
    expect(clerk.get_by_role("alert")).to_contain_text("Clearance refused this answer")
    expect(clerk.get_by_role("alert")).to_contain_text("Policy approvals-by-role")
    expect(clerk.get_by_label("Comment")).to_have_value("Looks wrong.")
    assert world.answers == []


def test_an_item_that_somebody_else_answered_first_shows_their_answer(clerk: Page, world: World) -> None:
    world.events_up = False
    open_item(clerk, "101").get_by_role("radio", name=re.compile("Approve")).check()
    item = world.item("101")
    assert item is not None
    item["state"] = "COMPLETED"
    item["answer"] = {"option": "reject", "comment": "Too dear.", "by": "carl", "at": item["creationDate"]}
    clerk.get_by_role("button", name=re.compile("Confirm")).click()
    expect(clerk.locator(".answered")).to_contain_text("by carl")
    expect(clerk.locator(".answered")).to_contain_text("Too dear.")
    expect(clerk.get_by_role("radio")).to_have_count(0)
    assert world.answers == []


def test_an_item_is_claimed_released_and_handed_over(clerk: Page, world: World) -> None:
    open_item(clerk, "101").get_by_role("button", name="Claim").click()
    expect(clerk.get_by_text("Yours", exact=True)).to_be_visible()
    clerk.get_by_role("button", name="Release").click()
    expect(clerk.get_by_text("For clerk", exact=True)).to_be_visible()
    clerk.get_by_role("button", name="Assign…").click()
    clerk.get_by_label("Assign to").fill("carl")
    clerk.get_by_role("button", name="Assign", exact=True).click()
    expect(clerk.get_by_text("With carl")).to_be_visible()


def test_the_history_tells_who_did_what_and_which_policies_cleared_it(clerk: Page) -> None:
    history = open_item(clerk, "101").get_by_role("list", name="History")
    expect(history.get_by_role("listitem")).to_have_count(4)
    expect(history).to_contain_text("invoice reader 1.2")
    expect(history).to_contain_text("Cleared by agents-may-read")
    expect(history).to_contain_text("Approval asked for by price-tolerance, four-eyes-payments")


def test_an_item_that_does_not_exist_is_explained(clerk: Page) -> None:
    clerk.goto("/inbox/999")
    expect(clerk.get_by_role("alert")).to_contain_text("There is no inbox item 999.")

"""The overview's figures and lists, and the page of one instance."""

import re

from playwright.sync_api import Page, expect

from tests.browser.fake_server import World


def test_the_tiles_tell_what_runs_and_what_waits(clerk: Page) -> None:
    clerk.get_by_role("link", name="Overview").click()
    for label, value in (
        ("Running", "5"),
        ("Waiting for a person", "5"),
        ("Incidents", "1"),
        ("Ledger entries", "2,817"),
    ):
        expect(clerk.locator(".tile", has_text=label).locator(".tile-value")).to_have_text(value)
    expect(clerk.locator(".tile", has_text="Automated")).to_contain_text("90 % of completed")
    expect(clerk.locator(".tile", has_text="Ledger")).to_contain_text("Verified")


def test_the_tile_of_incidents_leads_to_them(clerk: Page) -> None:
    clerk.goto("/overview")
    clerk.locator(".tile", has_text="Incidents").click()
    expect(clerk.locator(".row")).to_have_count(1)
    expect(clerk.locator(".row")).to_contain_text("Pay the supplier")


def test_figures_follow_what_happens(clerk: Page, world: World) -> None:
    clerk.goto("/overview")
    expect(clerk.locator(".tile", has_text="Running").locator(".tile-value")).to_have_text("5")
    world.items.pop()
    world.changed()
    expect(clerk.locator(".tile", has_text="Running").locator(".tile-value")).to_have_text("4")


def test_instances_are_filtered_and_fetched_page_by_page(clerk: Page) -> None:
    clerk.goto("/overview")
    table = clerk.get_by_role("table", name="Instances")
    expect(table.locator("tbody tr")).to_have_count(25)
    clerk.get_by_role("button", name=re.compile("Show more")).click()
    expect(table.locator("tbody tr")).to_have_count(45)
    clerk.get_by_role("combobox", name="State").click()
    clerk.get_by_role("option", name="With an incident").click()
    expect(table.locator("tbody tr")).to_have_count(1)
    clerk.get_by_role("searchbox", name="Search the instances").fill("zzz")
    expect(clerk.get_by_text("No instance matches")).to_be_visible()


def test_before_anything_has_run_it_says_so_and_speaks_of_no_match(clerk: Page, world: World) -> None:
    expect(clerk.get_by_role("heading", level=1)).to_be_visible()
    world.instances.clear()
    clerk.goto("/overview")
    expect(clerk.get_by_text("Nothing has been started yet")).to_be_visible()


def test_a_list_that_is_too_long_to_be_counted_says_so(clerk: Page, world: World) -> None:
    world.instances += [world.instances[-1]] * 10_000
    clerk.goto("/overview")
    expect(clerk.get_by_role("button", name="Show more (25 of 10,000+)")).to_be_visible()


def test_an_instance_shows_its_course_in_the_diagram_and_in_words(clerk: Page) -> None:
    clerk.goto("/overview")
    clerk.get_by_role("link", name=re.compile("Alster Druck")).click()
    diagram = clerk.get_by_role("img", name="Process diagram")
    expect(diagram.locator(".is-completed")).to_have_count(5)
    expect(diagram.locator("[data-element-id=pay].is-incident")).to_have_count(1)
    expect(diagram.locator("[data-element-id=done].is-completed")).to_have_count(0)
    expect(diagram.locator(".bjs-powered-by")).to_be_visible()
    expect(clerk.get_by_role("list", name="Steps in progress")).to_contain_text(
        "Pay the supplier stopped with an incident"
    )


def test_a_long_instance_shows_where_it_stands_and_what_has_happened_last(clerk: Page, world: World) -> None:
    """More has happened than the server tells at once: what is old comes on request, what is at work does always."""
    world.rounds = 1_200
    clerk.goto("/instances/9105")
    expect(clerk.get_by_role("list", name="Steps in progress")).to_contain_text("Pay the supplier")
    expect(clerk.get_by_role("img", name="Process diagram").locator("[data-element-id=pay].is-incident")).to_have_count(
        1
    )
    history = clerk.get_by_role("list", name="History").get_by_role("listitem")
    expect(history).to_have_count(12)
    expect(history.last).to_contain_text("Handed to a person")
    clerk.get_by_role("button", name="Show earlier entries (12 of 1,204)").click()
    expect(history).to_have_count(212)
    expect(history.last).to_contain_text("Handed to a person")
    expect(clerk.get_by_role("button", name="Show earlier entries (212 of 1,204)")).to_be_visible()
    expect(clerk.get_by_text("These are 1,000 of 1,203")).to_be_visible()


def test_a_live_update_in_between_does_not_lose_what_was_asked_for(clerk: Page, world: World) -> None:
    world.rounds = 1_200
    clerk.goto("/instances/9105")
    more = clerk.get_by_role("button", name="Show earlier entries (12 of 1,204)")
    expect(more).to_be_visible()
    world.slow["/v2/process-instances/9105/history"] = 2.0
    more.click()
    world.changed()
    expect(clerk.get_by_role("list", name="History").get_by_role("listitem")).to_have_count(212)


def test_earlier_entries_that_cannot_be_fetched_are_told(clerk: Page, world: World) -> None:
    """Without live updates, which would ask for the newest entries in between."""
    world.rounds, world.events_up = 1_200, False
    clerk.goto("/instances/9105")
    more = clerk.get_by_role("button", name="Show earlier entries (12 of 1,204)")
    expect(more).to_be_visible()
    world.broken["/v2/process-instances/9105/history"] = (403, "Clearance refused this", "Policy no-more-history.")
    more.click()
    expect(clerk.get_by_role("alert")).to_contain_text("Policy no-more-history.")
    world.broken.clear()
    clerk.get_by_role("button", name="Try again").click()
    expect(clerk.get_by_role("list", name="History").get_by_role("listitem").last).to_contain_text("Handed to a person")


def test_a_short_history_has_nothing_earlier(clerk: Page) -> None:
    clerk.goto("/instances/9101")
    expect(clerk.get_by_role("list", name="History").get_by_role("listitem")).to_have_count(4)
    expect(clerk.get_by_role("button", name=re.compile("Show earlier"))).to_have_count(0)


def test_the_diagrams_library_is_fetched_only_for_a_diagram(clerk: Page) -> None:
    scripts: list[str] = []
    clerk.on("request", lambda request: scripts.append(request.url) if request.url.endswith(".js") else None)
    clerk.goto("/overview")
    expect(clerk.locator(".tile")).to_have_count(6)
    assert not any("Diagram" in url for url in scripts)
    clerk.goto("/instances/9105")
    expect(clerk.locator(".flag")).to_have_count(6)
    assert any("Diagram" in url for url in scripts)


def test_masked_and_cut_off_variables_say_so(clerk: Page) -> None:
    clerk.goto("/instances/9101")
    variables = clerk.get_by_role("table", name="Variables")
    expect(variables.get_by_role("row", name="supplier_iban")).to_contain_text("Masked for your role")
    expect(variables.get_by_role("row", name="lines")).to_contain_text("cut off")
    expect(variables.get_by_role("row", name="invoice")).to_contain_text('"gross": "4212.00"')


def test_a_process_without_a_diagram_is_told_and_the_rest_still_shows(clerk: Page, world: World) -> None:
    world.diagram = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" /></definitions>'
    clerk.goto("/instances/9101")
    expect(clerk.get_by_text("The process has no diagram that can be drawn")).to_be_visible()
    expect(clerk.get_by_role("list", name="Steps in progress")).to_contain_text("Decide in progress")


def test_those_who_may_not_see_the_overview_learn_which_policy_says_so(clerk: Page, world: World) -> None:
    world.broken["/v2/overview"] = (403, "Clearance refused this", "Policy overview-for-managers.")
    clerk.goto("/overview")
    expect(clerk.get_by_role("alert")).to_contain_text("Policy overview-for-managers.")
    expect(clerk.get_by_role("table", name="Instances")).to_be_visible()

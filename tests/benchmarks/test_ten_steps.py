"""The harness of the ten steps runs, counts what it says, and its floor appends what ours appended."""

import json
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.chart import bars
from benchmarks.record import FIRST, STEPS, following
from benchmarks.report import Report

from benchmarks import ten_steps


def test_ours_commits_an_entry_for_each_start_and_each_step() -> None:
    rate, commits = ten_steps.measure(instances=3)
    assert rate > 0
    rows = sum(len(sizes) for sizes in commits)
    starts_and_first_snapshots = 3 * 2
    assert rows == 3 * STEPS + starts_and_first_snapshots
    assert all(size > 300 for sizes in commits for size in sizes)


def test_the_floor_takes_time_for_what_it_appends() -> None:
    took = ten_steps.append([[500, 700], [300]])
    assert len(took) == 2
    assert min(took) > 0


def test_a_record_is_about_300_bytes_and_leads_to_the_next() -> None:
    record = following(FIRST)
    assert 250 < len(json.dumps(record, separators=(",", ":"))) < 350
    assert following(record)["number"] == 2


def test_a_quick_report_is_kept_apart_and_says_which_budget_was_missed(tmp_path: Path) -> None:
    report = Report("ten_steps", quick=True, figures={"steps": 1}, ratios={"floor": 0.4})
    report.budget("at least 0.5 × floor", held=False)
    path = report.write(tmp_path)
    assert path == tmp_path / "quick" / "ten_steps.json"
    assert json.loads(path.read_text())["budgets"] == {"at least 0.5 × floor": False}


def test_a_chart_has_a_longer_bar_for_more() -> None:
    root = ElementTree.fromstring(bars("Steps & more", {"ours": 30_000, "theirs": 300}, "steps/s", "ours"))
    space = "{http://www.w3.org/2000/svg}"
    mine, theirs = (float(bar.attrib["width"]) for bar in root.findall(f"{space}rect")[1:])
    assert mine > theirs > 0

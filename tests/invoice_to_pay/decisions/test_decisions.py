"""The shipped decision tables are whole: every row has every column, and nothing falls through."""

import csv
from pathlib import Path

import pytest

import invoice_to_pay

FOLDER = Path(invoice_to_pay.__file__).parent / "decisions"


def _rows(name: str) -> list[list[str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("name", ["checks", "tolerances", "routing", "approval"])
def test_every_row_has_every_column(name: str) -> None:
    rows = _rows(name)
    assert rows[0][0] == "decision"
    assert rows[1][0] in ("F", "U")
    widths = {len(row) for row in rows[1:]}
    assert len(widths) == 1
    assert [row[0] for row in rows[2:5]] == ["", "label", "type"]
    assert [row[0] for row in rows[5:]] == [str(number) for number in range(1, len(rows) - 4)]


@pytest.mark.parametrize(("name", "outcome"), [("checks", "stop"), ("routing", "look")])
def test_what_nobody_thought_of_is_never_let_through(name: str, outcome: str) -> None:
    rows = _rows(name)
    outputs = rows[1].index("outputs")
    assert set(rows[-1][1:outputs]) == {"-"}
    assert rows[-1][outputs] == outcome

"""Files from anywhere: whatever is in them, reading gives decisions or one DmnError, and checking gives findings."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearance import dmn
from tests.dmn.models import decision, definitions, input_data, literal, table, workbook
from tests.dmn.test_sheets import ROUTING

MODEL = definitions(
    '<itemDefinition name="Level"><typeRef>string</typeRef><allowedValues><text>"a","b"</text></allowedValues>'
    "</itemDefinition>"
    + input_data("x", "number")
    + decision("t", table([(["> 1"], ['"a"']), (["[0..1]"], ["x"])], inputs=["x"]), needs="in_x", type_ref="Level")
    + decision("l", f"<list>{literal('t')}{literal('x + 1')}</list>", needs="in_x,t")
)
CSV = b'F,inputs,,outputs\n,Amount,Status,Out\ntype,number,text,\n1,> 5,"a, b",Amount * 2\n2,-,-,none\n'
EXCEL = workbook({"Routing": ROUTING})
PIECES = [
    b"",
    b"<",
    b">",
    b"&",
    b'"',
    b"\x00",
    b"\xff",
    b"(",
    b"[",
    b"..",
    b"typeRef",
    b"#",
    b"</decision>",
    b"-",
    b",",
    b"\n",
    b"?",
]


@pytest.mark.parametrize("content", [MODEL, CSV, EXCEL], ids=["dmn", "csv", "xlsx"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_never_breaks(content: bytes, data: st.DataObject) -> None:
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 12))] = data.draw(st.sampled_from(PIECES))
    for strict in (True, False):
        try:
            decisions = dmn.read(bytes(damaged), name="damaged", strict=strict)
        except dmn.DmnError:
            continue
        dmn.check(decisions)
        for name in decisions.names:
            assert decisions.evaluate(name, {"x": 1, "Amount": 7, "Status": "a"}).problems is not None


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_message(content: bytes) -> None:
    with pytest.raises(dmn.DmnError):
        dmn.read(content)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=5)
        | st.dates()
        | st.times()
        | st.binary(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    )
)
def test_any_data_gives_a_result(value: object) -> None:
    decisions = dmn.read(MODEL)
    result = decisions.evaluate("l", {"x": value})
    assert isinstance(result.value, list)
    assert isinstance(result.problems, tuple)


def test_every_model_of_the_kit_is_read_strictly_and_checked_without_a_false_alarm(kit_models: list[Path]) -> None:
    for path in kit_models:
        kinds = {finding.kind for finding in dmn.check(dmn.read(path))}
        assert kinds <= {"gap", "unsupported"}, path.name

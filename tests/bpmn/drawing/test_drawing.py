"""Pictures show everything that the file draws, with names, in its colours, and nothing breaks on hostile content."""

import io
import re

import pytest
from lxml import etree
from PIL import Image

from clearance.bpmn import BpmnFileError
from clearance.bpmn.drawing import PageError, PictureError, Standing, Tokens, draw, outline, page_names, png
from clearance.bpmn.names import BPMN, BPMNDI
from clearance.build import Process
from tests.bpmn.files import SHARED
from tests.build.invoice_to_pay import invoice_to_pay

REFERENCE = sorted((SHARED / "miwg").glob("*.bpmn"))
needs_reference = pytest.mark.skipif(not REFERENCE, reason="the OMG's model interchange files are not here")
SVG = "{http://www.w3.org/2000/svg}"
FILE = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0">
 {elements}
 <bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="p">{shapes}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>{more}
</definitions>"""


def file(elements: str, *shapes: str, more: str = "") -> bytes:
    return FILE.format(elements=f'<process id="p">{elements}</process>', shapes="".join(shapes), more=more).encode()


def shape(element: str, x=0, y=0, width=100, height=80, attributes="") -> str:
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return f'<bpmndi:BPMNShape bpmnElement="{element}" {attributes}>{bounds}</bpmndi:BPMNShape>'


def edge(element: str, *points: tuple[int, int]) -> str:
    way = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge bpmnElement="{element}">{way}</bpmndi:BPMNEdge>'


def drawn(svg: str) -> dict[str, etree._Element]:
    return {
        part.get("data-element"): part for part in etree.fromstring(svg).iter(f"{SVG}g") if part.get("data-element")
    }


def text_of(part: etree._Element) -> str:
    return re.sub(r"\s", "", "".join("".join(text.itertext()) for text in part.iter(f"{SVG}text")))


@needs_reference
@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.stem)
def test_every_node_of_the_reference_models_appears_with_its_name(path):
    root = etree.parse(path).getroot()
    by_id = {element.get("id"): element for element in root.iter(f"{{{BPMN}}}*")}
    shown = drawn(draw(path))
    shapes = [part.get("bpmnElement").rpartition(":")[2] for part in root.iter(f"{{{BPMNDI}}}BPMNShape")]
    assert len(shapes) >= 5
    for identifier in shapes:
        assert identifier in shown
        name = by_id[identifier].get("name") or ""
        assert re.sub(r"\s", "", name) in text_of(shown[identifier]), name


@needs_reference
def test_all_edges_of_the_reference_models_appear():
    assert len(REFERENCE) == 8
    for path in REFERENCE:
        edges = {part.get("bpmnElement").rpartition(":")[2] for part in etree.parse(path).iter(f"{{{BPMNDI}}}BPMNEdge")}
        assert edges <= set(drawn(draw(path)))


def test_a_process_without_a_diagram_is_laid_out():
    process = invoice_to_pay()
    shown = drawn(draw(process.definitions()))
    assert {element.id for element in process.definition().elements} <= set(shown)


def test_the_same_file_gives_the_same_picture():
    assert draw(invoice_to_pay().definitions()) == draw(invoice_to_pay().definitions())


def test_tokens_incidents_and_what_was_passed_stand_on_the_elements():
    p = Process("Tokens")
    p.service("First", does="a")
    p.service("Second", does="b")
    tokens = Tokens(
        elements={"first": Standing(completed=7), "second": Standing(active=1234, incidents=2)},
        flows={"start-to-first": 5, "first-to-second": 1},
    )
    plain, marked = draw(p.definitions()), draw(p.definitions(), tokens=tokens)
    texts = ["".join(text.itertext()) for text in etree.fromstring(marked).iter(f"{SVG}text")]
    assert {"7", "1,234", "! 2", "5"} <= set(texts)
    assert marked.count("#c92a2a") > plain.count("#c92a2a") == 0
    assert 'stroke="#2f7d4f"' in etree.tostring(drawn(marked)["first-to-second"]).decode()


def test_colours_of_the_modeller_are_kept_on_light_and_dark():
    content = file('<task id="t" name="T"/>', shape("t", attributes='bioc:stroke="#831311" bioc:fill="#ffcdd2"'))
    for dark in (False, True):
        part = etree.tostring(drawn(draw(content, dark=dark))["t"]).decode()
        assert 'stroke="#831311"' in part
        assert 'fill="#ffcdd2"' in part
    assert "#14181d" in draw(content, dark=True)


def test_what_is_no_colour_is_left_out():
    content = file('<task id="t"/>', shape("t", attributes='bioc:fill="url(javascript:alert(1))"'))
    assert "javascript" not in draw(content)


def test_names_cannot_break_out_of_the_picture():
    content = file('<task id="t" name="&lt;script&gt;&amp;&quot;"/>', shape("t", width=300))
    part = drawn(draw(content))["t"]
    assert text_of(part) == '<script>&"'
    assert not list(part.iter("script", f"{SVG}script"))


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e300", "many", ""])
def test_coordinates_that_are_none_do_not_spoil_the_picture(number):
    content = file('<startEvent id="s"/><task id="t"/>', shape("s", number, 0, number, 36), shape("t"))
    root = etree.fromstring(draw(content))
    assert 0 < float(root.get("width")) < 1000
    assert png(draw(content), scale=1).startswith(b"\x89PNG")


def test_a_name_without_end_is_cut():
    content = file(
        f'<task id="t" name="{"x" * 100_000}"/><task id="u" name="{"word " * 20_000}"/>', shape("t"), shape("u")
    )
    shown = drawn(draw(content))
    assert all(text_of(shown[name]).endswith("…") and len(text_of(shown[name])) < 200 for name in "tu")


def test_what_lies_in_a_collapsed_sub_process_is_on_its_own_page():
    inner = '<subProcess id="s" name="Inner"><task id="t" name="T"/></subProcess>'
    more = (
        '<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="s">'
        + shape("t")
        + "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"
    )
    content = file(inner, shape("s", attributes='isExpanded="false"'), shape("t", 10, 10, 50, 40), more=more)
    assert set(drawn(draw(content))) == {"s"}
    assert set(drawn(draw(content, page=2))) == set(drawn(draw(content, page="Inner"))) == {"t"}
    assert page_names(content) == ("", "Inner")
    with pytest.raises(PageError, match="there is no diagram 3"):
        draw(content, page=3)


@pytest.mark.parametrize(
    ("element", "more", "less"),
    [
        ('<startEvent id="x"/>', '<startEvent id="x" isInterrupting="false"/>', "stroke-dasharray"),
        ('<task id="x"/>', '<task id="x"><standardLoopCharacteristics/></task>', "A6 6"),
        ('<task id="x"/>', '<task id="x"><multiInstanceLoopCharacteristics/></task>', "M2.5 1"),
        (
            '<task id="x"/>',
            '<task id="x"><multiInstanceLoopCharacteristics isSequential="true"/></task>',
            "M1 2.5 H13",
        ),
        ('<task id="x"/>', '<task id="x" isForCompensation="true"/>', "M6.5 7"),
        ('<subProcess id="x"/>', '<adHocSubProcess id="x"/>', "C2.5 3.5"),
        ('<task id="x"/>', '<callActivity id="x"/>', 'stroke-width="4"'),
        ('<subProcess id="x"/>', '<subProcess id="x" triggeredByEvent="true"/>', 'stroke-dasharray="1.5 4"'),
        ('<subProcess id="x"/>', '<transaction id="x"/>', 'rx="7"'),
        ('<startEvent id="x"/>', '<endEvent id="x"/>', 'stroke-width="4"'),
    ],
)
def test_markers_and_borders_tell_kinds_apart(element, more, less):
    def of(text: str) -> str:
        return etree.tostring(drawn(draw(file(text, shape("x"))))["x"]).decode()

    assert less not in of(element)
    assert less in of(more)


@pytest.mark.parametrize(
    "definition",
    ["message", "timer", "error", "escalation", "signal", "compensate", "conditional", "link", "cancel", "terminate"],
)
def test_every_event_definition_has_a_symbol_of_its_own(definition):
    event = f'<endEvent id="x"><{definition}EventDefinition/></endEvent>'
    plain = drawn(draw(file('<endEvent id="x"/>', shape("x", 0, 0, 36, 36))))["x"]
    marked = drawn(draw(file(event, shape("x", 0, 0, 36, 36))))["x"]
    assert len(list(marked.iter())) > len(list(plain.iter()))


def test_several_definitions_are_a_pentagon_or_a_plus():
    def of(attributes: str) -> str:
        two = "<signalEventDefinition/><messageEventDefinition/>"
        content = file(f'<startEvent id="x" {attributes}>{two}</startEvent>', shape("x", 0, 0, 36, 36))
        return etree.tostring(drawn(draw(content))["x"]).decode()

    assert of("") != of('parallelMultiple="true"')
    assert "M-3.0 -10.5" in of('parallelMultiple="true"') or "M-3 -10.5" in of('parallelMultiple="true"')


def test_conditions_and_defaults_are_marked_on_flows():
    elements = (
        '<task id="a" default="g"/><task id="b"/><task id="c"/>'
        '<sequenceFlow id="f" sourceRef="a" targetRef="b"><conditionExpression>= x</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="g" sourceRef="a" targetRef="c"/><sequenceFlow id="h" sourceRef="b" targetRef="c"/>'
    )
    shown = drawn(draw(file(elements, shape("a"), *(edge(flow, (100, 40), (300, 40)) for flow in "fgh"))))
    paths = {flow: len(list(shown[flow].iter(f"{SVG}path"))) for flow in "fgh"}
    assert paths == {"f": 3, "g": 3, "h": 2}


def test_a_file_that_is_not_safe_is_refused():
    with pytest.raises(BpmnFileError, match="DOCTYPE"):
        draw(b'<!DOCTYPE d [<!ENTITY e "x">]>' + file("", ""))


def test_a_picture_has_the_size_that_was_asked_for_and_is_not_blank():
    svg = draw(invoice_to_pay().definitions())
    root = etree.fromstring(svg)
    picture = Image.open(io.BytesIO(png(svg, scale=1)))
    assert abs(picture.width - float(root.get("width"))) <= 1
    assert abs(picture.height - float(root.get("height"))) <= 1
    assert len(picture.convert("RGB").getcolors(1_000_000)) > 20


def test_a_picture_without_a_renderer_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(PictureError, match=r"clearance\[pictures\]"):
        png(draw(file('<task id="t"/>', shape("t"))))


def test_an_outline_follows_the_paths_and_shows_tokens():
    p = Process("Outline")
    with p.choose("Which?") as which:
        with which.when("left", "x"):
            p.service("Left", does="l")
        with which.otherwise("right"):
            p.goto("Which?")
    lines = outline(p.definitions(), Tokens(elements={"left": Standing(active=2, completed=1)})).splitlines()
    assert lines[0] == "Outline"
    assert lines[1:] == [
        "  (start)",
        "  Which? (choose)",
        "    left: Left (service)  ●2 ✓",
        "    (end)",
        "    right: → Which?",
    ]

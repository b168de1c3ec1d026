"""Files of any size, spelling and damage: read, or refused with one message; never a traceback, never a wait."""

import random
from copy import deepcopy

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from clearance import bpmn
from clearance.bpmn import BpmnFileError
from clearance.model.definition import walk
from tests.bpmn.files import file_with, without_diagrams
from tests.bpmn.random_definitions import definitions
from tests.counting import calls

NAMESPACE = "http://www.omg.org/spec/BPMN/20100524/MODEL"
GARBLED = ["", "x", "true", "=", "a:b", ":", "-1", "ä ö"]


def chain(count: int) -> bytes:
    """Service tasks one after the other."""
    tasks = "".join(
        f'<serviceTask id="t{n}" name="Work {n}"><incoming>f{n - 1}</incoming><outgoing>f{n}</outgoing></serviceTask>'
        f'<sequenceFlow id="f{n}" sourceRef="t{n}" targetRef="t{n + 1}"/>'
        for n in range(count)
    )
    return file_with(tasks)


def test_the_work_to_read_and_validate_grows_with_the_file_and_not_faster():
    """Counted in calls, which are the same on every machine; ten thousand elements take one or two seconds."""

    def work(count: int) -> int:
        content = chain(count)

        def read_and_validate() -> None:
            process = bpmn.read(content).processes[0]
            bpmn.validate(process)
            assert len(process.elements) == count

        return calls(read_and_validate)

    assert work(8000) < work(1000) * 8 * 1.1


@pytest.mark.parametrize("depth", [50, 100, 200, 400, 1000, 5000])
def test_nested_sub_processes_are_read_or_refused_whatever_their_depth(depth):
    content = "".join(f'<subProcess id="s{n}">' for n in range(depth)) + "</subProcess>" * depth
    try:
        process = bpmn.read(file_with(content)).processes[0]
    except BpmnFileError as refused:
        assert depth > 100, refused  # noqa: PT017
    else:
        assert len(list(walk(process))) == depth
        assert bpmn.validate(process)
        assert bpmn.read(bpmn.write(bpmn.read(file_with(content)))).processes == (process,)


WORK = (
    '<task id="Prüfung" name="Prüfen"/><endEvent id="Ende"/><sequenceFlow id="f" sourceRef="Prüfung" targetRef="Ende"/>'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_every_encoding_and_ids_with_umlauts_are_read_alike(encoding):
    text = file_with(WORK).decode().replace("UTF-8", encoding.removesuffix("-sig"))
    assert without_diagrams(bpmn.read(text.encode(encoding))) == without_diagrams(bpmn.read(file_with(WORK)))


@pytest.mark.parametrize("prefix", ["", "bpmn:", "bpmn2:", "semantic:", "ns0:"])
def test_every_prefix_is_read_alike(prefix):
    text = file_with(WORK).decode()
    for local in ("definitions", "process", "task", "endEvent", "sequenceFlow"):
        text = text.replace(f"<{local}", f"<{prefix}{local}").replace(f"</{local}", f"</{prefix}{local}")
    if prefix:
        text = text.replace("xmlns=", f"xmlns:{prefix[:-1]}=")
    assert without_diagrams(bpmn.read(text.encode())) == without_diagrams(bpmn.read(file_with(WORK)))


def test_comments_instructions_and_sections_of_text_change_nothing():
    noisy = WORK.replace("<endEvent", "<!-- <task/> --><?tool do='x'?><endEvent")
    script = '<scriptTask id="s"><script>{}</script></scriptTask>'
    assert bpmn.read(file_with(noisy)).processes == bpmn.read(file_with(WORK)).processes
    cdata = bpmn.read(file_with(script.format("<![CDATA[a < 1]]>"))).processes
    assert cdata == bpmn.read(file_with(script.format("a &lt; <!-- really --><?x?>1"))).processes


def test_an_instruction_before_the_first_element_hides_no_document_type():
    text = f'<?xml version="1.0"?><?a <?><!-- > --><!DOCTYPE d [<!ENTITY x "y">]><definitions xmlns="{NAMESPACE}"/>'
    with pytest.raises(BpmnFileError):
        bpmn.read(text.encode())


def plain(part: object) -> object:
    """As dictionaries and lists."""
    if isinstance(part, msgspec.Struct):
        return {name: plain(getattr(part, name)) for name in part.__struct_fields__}
    return [plain(item) for item in part] if isinstance(part, tuple) else part


def first_difference(one: object, other: object, place: str = "") -> str:
    """Where two models part; whole models are too long to print."""
    if isinstance(one, dict) and isinstance(other, dict):
        return next((said for key in one if (said := first_difference(one[key], other[key], f"{place}.{key}"))), "")
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next((said for n, (a, b) in pairs if (said := first_difference(a, b, f"{place}[{n}]"))), "")
    return "" if one == other else f"{place}: {str(one)[:200]} is not {str(other)[:200]}"


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # Shrinking whole files takes minutes.
)
@given(definitions(), st.integers(0, 2**32))
def test_no_damage_to_any_file_breaks_the_reader(random_definitions, seed):
    root = etree.fromstring(bpmn.write(random_definitions))
    damage(root, random.Random(seed), times=4)
    try:
        found = bpmn.read(etree.tostring(root))
    except BpmnFileError as refused:
        assert refused.problem  # noqa: PT017
        assert refused.remedy  # noqa: PT017
    else:
        for process in found.processes:
            bpmn.validate(process)
        again = bpmn.read(bpmn.write(found))
        once_more = bpmn.read(bpmn.write(again))
        assert first_difference(plain(once_more.processes), plain(again.processes)) == ""


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_damaged_bytes_break_the_reader(data):
    content = bytearray(file_with(WORK))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    try:
        bpmn.read(bytes(content))
    except BpmnFileError as refused:
        assert str(refused).endswith(".")  # noqa: PT017


def damage(root: etree._Element, chance: random.Random, times: int) -> None:
    """Remove, rename, move and garble parts, as broken tools and hurried hands do."""
    for _ in range(times):
        part, other = chance.choices(list(root.iter("*")), k=2)
        match chance.choice(["remove", "attribute", "value", "swap", "text", "tag", "move", "double"]):
            case "remove" if part.getparent() is not None:
                part.getparent().remove(part)
            case "attribute" if part.attrib:
                del part.attrib[chance.choice(list(part.attrib))]
            case "value" if part.attrib:
                part.set(chance.choice(list(part.attrib)), chance.choice(GARBLED))
            case "swap" if part.attrib and other.attrib:
                part.set(chance.choice(list(part.attrib)), other.get(chance.choice(list(other.attrib))))
            case "text":
                part.text = chance.choice(["", "x", "=", "P1D", ":", "p0_e0"])
            case "tag":
                part.tag = other.tag
            case "move" if part.getparent() is not None and other not in list(part.iter()):
                other.append(part)
            case "double" if part.getparent() is not None:
                part.getparent().append(deepcopy(part))
            case _:
                pass

"""Execution listeners in files: on any element and on the process, with headers of their own."""

import pytest

from clearance.bpmn import BpmnFileError
from clearance.model.definition import Listener, UserTask
from tests.bpmn.files import file_with, read_element, read_process, read_twice

LISTENERS = """<extensionElements><zeebe:executionListeners>
  <zeebe:executionListener eventType="start" type="before" retries="5"/>
  <zeebe:executionListener eventType="end" type="=after">
    <zeebe:taskHeaders><zeebe:header key="a" value="1"/></zeebe:taskHeaders>
  </zeebe:executionListener>
</zeebe:executionListeners></extensionElements>"""
READ = (
    Listener(event="start", type="before", retries="5"),
    Listener(event="end", type="=after", headers=(("a", "1"),)),
)


@pytest.mark.parametrize(
    "kind", ["task", "userTask", "receiveTask", "subProcess", "exclusiveGateway", "endEvent", "intermediateThrowEvent"]
)
def test_every_element_may_have_them(kind: str) -> None:
    assert read_element(f'<{kind} id="x">{LISTENERS}</{kind}>').listeners == READ


def test_the_process_may_have_them() -> None:
    assert read_process(f'{LISTENERS}<task id="x"/>').listeners == READ


def test_what_a_listener_has_beside_is_refused() -> None:
    with pytest.raises(BpmnFileError, match="when"):
        read_twice(file_with(f'<task id="x">{LISTENERS.replace("retries", "when")}</task>'))


def test_headers_of_what_has_no_job_are_for_its_listeners() -> None:
    headers = (
        '<zeebe:taskHeaders><zeebe:header key="a" value="0"/><zeebe:header key="b" value="2"/></zeebe:taskHeaders>'
    )
    with_headers = LISTENERS.replace("</extensionElements>", f"{headers}</extensionElements>")
    for listeners in (
        read_process(f'{with_headers}<task id="x"/>').listeners,
        read_element(f'<endEvent id="x">{with_headers}</endEvent>').listeners,
    ):
        assert [dict(one.headers) for one in listeners] == [{"a": "0", "b": "2"}, {"a": "1", "b": "2"}]


def test_a_user_task_has_listeners_of_its_own_kind() -> None:
    task = read_element(
        '<userTask id="x"><extensionElements><zeebe:userTask/><zeebe:taskListeners>'
        '<zeebe:taskListener eventType="completing" type="check" retries="2"/>'
        "</zeebe:taskListeners></extensionElements></userTask>"
    )
    assert isinstance(task, UserTask)
    assert task.task_listeners == (Listener(event="completing", type="check", retries="2"),)
    with pytest.raises(BpmnFileError, match="Only user tasks have them"):
        read_element("<task id='x'><extensionElements><zeebe:taskListeners/></extensionElements></task>")

"""The user task (10.3.4): work for a person, by Camunda 8's extensions or the standard's resource roles."""

import re

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.names import bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_headers, read_task_listeners, write_headers, write_listeners
from clearance.bpmn.xml import Document, extend
from clearance.model.definition import Assignment, Form, Schedule, UserTask

_ROLE = re.compile(r"(user|group)\s*\(([^)]*)\)")


def read(node: Node) -> UserTask:
    node.zeebe("userTask")
    priority = node.zeebe("priorityDefinition")
    return UserTask(
        assignment=_read_assignment(node),
        schedule=_read_schedule(node),
        form=_read_form(node),
        priority=priority.attribute("priority") if priority else "",
        headers=read_headers(node),
        task_listeners=read_task_listeners(node),
        **read_activity(node),
        **read_common(node),
    )


def _read_assignment(node: Node) -> Assignment:
    found = node.zeebe("assignmentDefinition")
    if found is None:
        return _read_resource_roles(node)
    assignment = Assignment(
        assignee=found.attribute("assignee"),
        candidate_groups=found.attribute("candidateGroups"),
        candidate_users=found.attribute("candidateUsers"),
    )
    found.finished()
    return assignment


def _read_resource_roles(node: Node) -> Assignment:
    """``humanPerformer`` is the assignee; ``potentialOwner`` says ``user(a), group(b)`` or names groups."""
    assignee = ", ".join(_expression(role) for role in node.children("humanPerformer"))
    groups: list[str] = []
    users: list[str] = []
    for role in node.children("potentialOwner"):
        text = _expression(role)
        named = _ROLE.findall(text)
        groups += [name.strip() for kind, name in named if kind == "group"] if named else [text]
        users += [name.strip() for kind, name in named if kind == "user"]
    return Assignment(
        assignee=assignee,
        candidate_groups=", ".join(filter(None, groups)),
        candidate_users=", ".join(filter(None, users)),
    )


def _expression(role: Node) -> str:
    """The text of the role's formal expression, or the name of the resource that it refers to."""
    found = role.element.find(f".//{bpmn('formalExpression')}")
    if found is not None:
        return " ".join(Node(found, role.file).text.split())
    for reference in role.children("resourceRef"):
        target = role.file.roots.get(reference.text)
        return str(target.get("name")) if target is not None else reference.text
    return role.name


def _read_schedule(node: Node) -> Schedule:
    found = node.zeebe("taskSchedule")
    if found is None:
        return Schedule()
    schedule = Schedule(due_date=found.attribute("dueDate"), follow_up_date=found.attribute("followUpDate"))
    found.finished()
    return schedule


def _read_form(node: Node) -> Form:
    found = node.zeebe("formDefinition")
    if found is None:
        return Form()
    form = Form(
        key=found.attribute("formKey"),
        id=found.attribute("formId"),
        external_reference=found.attribute("externalReference"),
        binding=found.attribute("bindingType"),
        version_tag=found.attribute("versionTag"),
    )
    found.finished()
    return form


def write(task: UserTask, xml: etree._Element, document: Document) -> None:
    extend(xml, "userTask")
    if task.assignment != Assignment():
        extend(
            xml,
            "assignmentDefinition",
            assignee=task.assignment.assignee,
            candidateGroups=task.assignment.candidate_groups,
            candidateUsers=task.assignment.candidate_users,
        )
    if task.schedule != Schedule():
        extend(xml, "taskSchedule", dueDate=task.schedule.due_date, followUpDate=task.schedule.follow_up_date)
    if task.form != Form():
        extend(
            xml,
            "formDefinition",
            formKey=task.form.key,
            formId=task.form.id,
            externalReference=task.form.external_reference,
            bindingType=task.form.binding,
            versionTag=task.form.version_tag,
        )
    if task.priority:
        extend(xml, "priorityDefinition", priority=task.priority)
    write_headers(xml, task.headers)
    write_listeners(xml, task.task_listeners, "taskListener")
    write_activity(task, xml, document)
    write_common(task, xml, document)

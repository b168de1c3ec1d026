"""Business calendars: when time counts for timers. Extension elements of ours on the process.

``<clearance:calendar name="bank" timeZone="Europe/Berlin" holidays="--12-25 2027-04-02">`` holds
``<clearance:hours day="1" start="09:00" end="17:00"/>`` for each opening, Monday being 1; a timer event definition
names its calendar with ``clearance:calendar="bank"``.
"""

from lxml import etree

from clearance.bpmn.names import CLEARANCE
from clearance.bpmn.node import Node
from clearance.bpmn.xml import extension_holder
from clearance.model.definition import Calendar, WorkingHours

_CALENDAR, _HOURS = f"{{{CLEARANCE}}}calendar", f"{{{CLEARANCE}}}hours"


def read_calendars(node: Node) -> tuple[Calendar, ...]:
    """Of a process."""
    return tuple(_read_calendar(child) for child in node.extension_children(_CALENDAR))


def _read_calendar(node: Node) -> Calendar:
    calendar = Calendar(
        name=node.required("name"),
        time_zone=node.attribute("timeZone", "UTC"),
        hours=tuple(_read_hours(child) for child in node.children_of(_HOURS)),
        holidays=tuple(node.attribute("holidays").split()),
    )
    node.finished()
    return calendar


def _read_hours(node: Node) -> WorkingHours:
    day = node.required("day")
    if day not in tuple("1234567"):
        raise node.error(f'day="{day}" is no day of the week', "Write 1 for Monday to 7 for Sunday")
    hours = WorkingHours(day=int(day), start=node.required("start"), end=node.required("end"))
    node.finished()
    return hours


def write_calendars(element: etree._Element, calendars: tuple[Calendar, ...]) -> None:
    """Append them to the extension elements of a process."""
    for calendar in calendars:
        child = etree.SubElement(extension_holder(element), _CALENDAR, {"name": calendar.name})
        if calendar.time_zone != "UTC":
            child.set("timeZone", calendar.time_zone)
        if calendar.holidays:
            child.set("holidays", " ".join(calendar.holidays))
        for hours in calendar.hours:
            etree.SubElement(child, _HOURS, {"day": str(hours.day), "start": hours.start, "end": hours.end})

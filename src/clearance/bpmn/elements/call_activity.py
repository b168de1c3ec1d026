"""The call activity (10.3.6): runs another process or a global task, by ``calledElement`` or ``zeebe:calledElement``.

A version number is ours (``clearance:version``): the standard knows no versions, Camunda 8 binds to a tag.
"""

import re

from lxml import etree

from clearance.bpmn.elements.common import read_activity, read_common, write_activity, write_common
from clearance.bpmn.names import CLEARANCE
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document, extend
from clearance.model.definition import CallActivity

_VERSION = f"{{{CLEARANCE}}}version"
_BINDINGS = ("", "latest", "deployment", "versionTag", "version")
_ID = re.compile(r"[A-Za-z_À-ÖØ-öø-ÿ][A-Za-z_À-ÖØ-öø-ÿ0-9.-]*")
"""Certainly an id by all editions of XML; anything else stands only in the extension element."""


def read(node: Node) -> CallActivity:
    process = node.attribute("calledElement").rpartition(":")[2]
    zeebe = node.zeebe("calledElement")
    binding, version_tag, all_in, all_out = "", "", True, True
    if zeebe is not None:
        old = zeebe.attribute("processIdExpression")
        called = zeebe.attribute("processId") or (old and f"={old.removeprefix('=')}")
        if process and called and called != process:
            raise node.error(f'it calls both "{called}" and "{process}"', "Keep one of the two")
        process = called or process
        binding, version_tag = zeebe.attribute("bindingType"), zeebe.attribute("versionTag")
        all_in = zeebe.flag("propagateAllParentVariables", default=True)
        all_out = zeebe.flag("propagateAllChildVariables", default=True)
        zeebe.finished()
    version = node.attribute(_VERSION)
    if version and not version.isdecimal():
        raise node.error(f'the version "{version}" is no number', "Write a whole number")
    if binding not in _BINDINGS:
        raise node.error(f'bindingType="{binding}" is not known', "Write latest, deployment or versionTag")
    return CallActivity(
        process=process,
        binding="version" if version else binding,
        version_tag=version_tag,
        version=int(version or 0),
        propagate_all_in=all_in,
        propagate_all_out=all_out,
        **read_activity(node),
        **read_common(node),
    )


def write(activity: CallActivity, xml: etree._Element, document: Document) -> None:
    if _ID.fullmatch(activity.process):
        xml.set("calledElement", activity.process)
    called = extend(
        xml,
        "calledElement",
        processId=activity.process,
        bindingType="" if activity.version else activity.binding,
        versionTag=activity.version_tag,
    )
    if not activity.propagate_all_in:
        called.set("propagateAllParentVariables", "false")
    if not activity.propagate_all_out:
        called.set("propagateAllChildVariables", "false")
    if activity.version:
        xml.set(_VERSION, str(activity.version))
    write_activity(activity, xml, document)
    write_common(activity, xml, document)

"""The order in which the BPMN schema wants the children of an element.

Reading and writing agree on it, so that what is carried comes back in the same order.
"""

import re

_ORDER = {
    name: rank
    for rank, names in enumerate(
        (
            "import extension",
            "documentation",
            "extensionElements",
            "supportedInterfaceRef",
            "ioSpecification of process",
            "ioBinding of process",
            "auditing",
            "monitoring",
            "categoryValueRef",
            "incoming",
            "outgoing",
            "ioSpecification",
            "ioBinding",
            "property",
            "dataInput dataOutput",
            "dataInputAssociation",
            "dataOutputAssociation",
            "inputSet outputSet",
            "eventDefinition",
            "resourceRole performer humanPerformer potentialOwner",
            "multiInstanceLoopCharacteristics standardLoopCharacteristics",
            "laneSet",
            "rendering script conditionExpression",
            "flowElement",
            "textAnnotation group association",
            "correlationSubscription",
            "supports",
            "completionCondition activationCondition",
            "BPMNDiagram",
            "relationship",
        )
    )
    for name in ([names] if names.endswith(" of process") else names.split())
}
_IN_PROCESS = {
    "ioSpecification": _ORDER["ioSpecification of process"],
    "ioBinding": _ORDER["ioBinding of process"],
    "resourceRole": _ORDER["association"],
    "performer": _ORDER["association"],
    "humanPerformer": _ORDER["association"],
    "potentialOwner": _ORDER["association"],
}


def rank(parent: str, child: str) -> int:
    """Where a child stands among its siblings, by the local names of both."""
    local = "eventDefinition" if child.endswith("EventDefinition") else child
    if parent == "process" and local in _IN_PROCESS:
        return _IN_PROCESS[local]
    return _ORDER.get(local, _ORDER["flowElement"])


def in_order(parent: str, texts: list[str]) -> tuple[str, ...]:
    """XML texts in the order in which they are written into the parent; equals keep theirs."""
    return tuple(sorted(texts, key=lambda text: rank(parent, local_name(text))))


def local_name(text: str) -> str:
    """The local name of the first element in XML text."""
    found = re.match(r"<(?:[^\s:/>]+:)?([^\s:/>]+)", text)
    return found[1] if found else ""

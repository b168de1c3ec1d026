"""BPMN files for tests, without the noise: elements as XML, flows as arrows, root elements made when they are referred
to.
"""

import re

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="tests" id="tests">'
)
_ARROW = re.compile(r"\s*(\w+)\s*->\s*(\w+)(?:\s+when\s+(.+))?$")


def bpmn(elements: str, flows: str, *, identifier: str = "p", keys: dict[str, str] | None = None) -> bytes:
    """A file with one process.

    ``flows`` has a line each: ``a -> b`` or ``a -> b when x > 1``; the flow's id is ``a_b``. ``keys`` gives messages
    their correlation keys (FEEL).
    """
    body = f'<process id="{identifier}" isExecutable="true">{elements}{arrows(flows)}</process>'
    roots = []
    for kind, code in (("message", ""), ("signal", ""), ("error", "errorCode"), ("escalation", "escalationCode")):
        for name in sorted(set(re.findall(f'{kind}Ref="(\\w+)"', body))):
            extra = f' {code}="{name}"' if code else ""
            key = (keys or {}).get(name)
            inner = (
                f'<extensionElements><zeebe:subscription correlationKey="={key}"/></extensionElements>' if key else ""
            )
            roots.append(f'<{kind} id="{name}" name="{name}"{extra}>{inner}</{kind}>')
    return f"{_HEAD}{''.join(roots)}{body}</definitions>".encode()


def arrows(flows: str) -> str:
    """Sequence flows from lines."""
    written = []
    for line in filter(str.strip, flows.splitlines()):
        found = _ARROW.match(line)
        assert found is not None, f"not a flow: {line}"
        source, target, when = found.groups()
        condition = ""
        if when:
            text = when.replace("&", "&amp;").replace("<", "&lt;")
            condition = f'<conditionExpression xsi:type="tFormalExpression">={text}</conditionExpression>'
        ends = f'sourceRef="{source}" targetRef="{target}"'
        written.append(f'<sequenceFlow id="{source}_{target}" {ends}>{condition}</sequenceFlow>')
    return "".join(written)


def service(identifier: str, inside: str = "", *, extra: str = "", attributes: str = "") -> str:
    """A service task whose job type is its id."""
    return (
        f'<serviceTask id="{identifier}" {attributes}><extensionElements><zeebe:taskDefinition type="{identifier}"/>'
        f"{extra}</extensionElements>{inside}</serviceTask>"
    )


def mapping(*, inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """``zeebe:ioMapping`` from target to FEEL."""
    parts = [f'<zeebe:input source="={source}" target="{target}"/>' for target, source in (inputs or {}).items()]
    parts += [f'<zeebe:output source="={source}" target="{target}"/>' for target, source in (outputs or {}).items()]
    return f"<zeebe:ioMapping>{''.join(parts)}</zeebe:ioMapping>"


def event(kind: str, identifier: str, inside: str = "", attributes: str = "") -> str:
    return f'<{kind} id="{identifier}" {attributes}>{inside}</{kind}>'


def boundary(identifier: str, host: str, inside: str, *, interrupting: bool = True) -> str:
    stops = "" if interrupting else ' cancelActivity="false"'
    return f'<boundaryEvent id="{identifier}" attachedToRef="{host}"{stops}>{inside}</boundaryEvent>'


def each(collection: str, *, sequential: bool = False, result: str = "", until: str = "") -> str:
    """Loop characteristics over a collection; the item is ``item``, results are collected in ``results``."""
    collects = f' outputCollection="results" outputElement="={result}"' if result else ""
    until = until.replace("&", "&amp;").replace("<", "&lt;")
    condition = f"<completionCondition>={until}</completionCondition>" if until else ""
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><extensionElements>'
        f'<zeebe:loopCharacteristics inputCollection="={collection}" inputElement="item"{collects}/>'
        f"</extensionElements>{condition}</multiInstanceLoopCharacteristics>"
    )


START = '<startEvent id="s"/>'
END = '<endEvent id="e"/>'
AFTER_A_DAY = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def message(name: str) -> str:
    return f'<messageEventDefinition messageRef="{name}"/>'


def signal(name: str) -> str:
    return f'<signalEventDefinition signalRef="{name}"/>'


def error(code: str = "") -> str:
    return f'<errorEventDefinition errorRef="{code}"/>' if code else "<errorEventDefinition/>"


def escalation(code: str = "") -> str:
    return f'<escalationEventDefinition escalationRef="{code}"/>' if code else "<escalationEventDefinition/>"


def condition(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    expression = f'<condition xsi:type="tFormalExpression">={text}</condition>'
    return f"<conditionalEventDefinition>{expression}</conditionalEventDefinition>"


def link(name: str) -> str:
    return f'<linkEventDefinition name="{name}"/>'


def compensation(activity: str = "", *, waits: bool = True) -> str:
    refers = f' activityRef="{activity}"' if activity else ""
    return f'<compensateEventDefinition{refers} waitForCompletion="{str(waits).lower()}"/>'


def scope(kind: str, identifier: str, elements: str, flows: str, attributes: str = "") -> str:
    """A sub-process, transaction or event sub-process with what it holds."""
    return f'<{kind} id="{identifier}" {attributes}>{elements}{arrows(flows)}</{kind}>'


def whenever(identifier: str, trigger: str, elements: str, flows: str, *, interrupting: bool = True) -> str:
    """An event sub-process: its start event is ``<id>_start``, followed by the flows (which begin there)."""
    stops = "" if interrupting else ' isInterrupting="false"'
    start = f'<startEvent id="{identifier}_start"{stops}>{trigger}</startEvent>'
    return scope("subProcess", identifier, start + elements, flows, 'triggeredByEvent="true"')


def undone(activity: str, by: str, inside: str = "") -> str:
    """A compensation boundary event on an activity, and the service task that undoes it."""
    border = boundary(f"{activity}_undo", activity, "<compensateEventDefinition/>")
    handler = service(by, inside, attributes='isForCompensation="true"')
    return border + handler + f'<association id="{activity}_{by}" sourceRef="{activity}_undo" targetRef="{by}"/>'

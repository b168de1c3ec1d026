"""Several processes in one file: pools that send each other messages, and tasks that several processes share.

    shop = Definitions("Buying and selling")
    buyer, seller = shop.process("Buyer"), shop.process("Seller")
    buyer.tells("Order it", message="order", key="number")
    seller.starts("An order comes", message="order")

What one process sends and another waits for, by the same message name, is drawn as a message flow.
"""

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from clearance.build.canvas import Canvas
from clearance.build.errors import AuthorError
from clearance.build.people import People
from clearance.build.process import Process
from clearance.build.texts import slug
from clearance.build.work import Work
from clearance.model import definition as model
from clearance.model.definition import Text

_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


class SharedTasks(Work, People):
    """Global tasks: each is written like a step, and called with ``p.calls(…, process=…)``."""

    def __init__(self, taken: set[str]) -> None:
        self._canvas = Canvas(taken)
        self._contracts = {}

    def elements(self) -> tuple[model.Element, ...]:
        """The tasks, unconnected."""
        return tuple(
            element
            for element in self._canvas.scope.elements.values()
            if not isinstance(element, model.StartEvent | model.EndEvent)
        )


class Definitions:
    """One file being written."""

    def __init__(self, name: str, *, note: str = "", identifier: str = "") -> None:
        self.name = name
        self.id = identifier or slug(name, "definitions")
        self._note = note
        self._ids: set[str] = {self.id}
        self._processes: list[Process] = []
        self.shared = SharedTasks(self._ids)
        """Tasks that several processes call: ``shop.shared.person("Sign the letter", …)``."""

    def process(self, name: str, *, subject: Text = "", version: str = "", note: str = "") -> Process:
        """A process of the file: a pool, when there are several."""
        identifier = slug(name, "process")
        if identifier in self._ids:
            raise AuthorError(f'"{name}" would have the id "{identifier}", which is taken', "Give it another name")
        self._ids.add(identifier)
        process = Process(name, subject=subject, version=version, note=note, identifier=identifier, taken=self._ids)
        self._processes.append(process)
        return process

    def definitions(self) -> model.Definitions:
        """What ``clearance.bpmn.write`` makes a file of."""
        if not self._processes:
            raise AuthorError(f'"{self.name}" has no process', "Write one, with definitions.process(…)")
        processes = tuple(process.definition() for process in self._processes)
        return model.Definitions(
            id=self.id,
            name=self.name,
            documentation=self._note,
            processes=processes,
            global_tasks=self.shared.elements(),
            carried=(_collaboration(self.id, processes),) if len(processes) > 1 else (),
        )


def _collaboration(identifier: str, processes: tuple[model.Process, ...]) -> str:
    """Pools and message flows, as the canonical XML that a reader of the file carries."""
    name = f"{identifier}-collaboration"
    parts = [
        f"<bpmn:participant id={quoteattr(f'{process.id}-pool')} name={quoteattr(process.name)} "
        f"processRef={quoteattr(process.id)}></bpmn:participant>"
        for process in processes
    ]
    parts += [
        f"<bpmn:messageFlow id={quoteattr(f'{name}-{number}')} name={quoteattr(message)} "
        f"sourceRef={quoteattr(source)} targetRef={quoteattr(target)}></bpmn:messageFlow>"
        for number, (message, source, target) in enumerate(_message_flows(processes), start=1)
    ]
    return f'<bpmn:collaboration xmlns:bpmn="{_BPMN}" id={quoteattr(name)}>{"".join(parts)}</bpmn:collaboration>'


def _message_flows(processes: tuple[model.Process, ...]) -> Iterator[tuple[str, str, str]]:
    """Message name, who sends, and who of another process waits for it."""
    ends = [
        (message, process.id, element)
        for process in processes
        for element, _ in model.walk(process)
        for message in _messages(element)
    ]
    for name, sender, source in ends:
        if not _sends(source):
            continue
        for other, receiver, target in ends:
            if other == name and receiver != sender and not _sends(target):
                yield name, source.id, target.id


def _sends(element: model.Element) -> bool:
    return isinstance(element, model.SendTask | model.IntermediateThrowEvent | model.EndEvent)


def _messages(element: model.Element) -> Iterator[str]:
    definition = getattr(element, "message", None) or getattr(element, "definition", None)
    several = definition.definitions if isinstance(definition, model.MultipleDefinition) else (definition,)
    for part in several:
        if isinstance(part, model.MessageDefinition):
            yield part.name

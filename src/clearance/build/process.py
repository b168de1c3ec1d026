"""The builder: a process in Python that reads like the process aloud.

    p = Process("Invoice to pay", subject='= "Invoice " + invoice.number')
    p.starts("An invoice arrives", message="invoice received")
    p.service("Read the invoice", does="read-invoice")
    with p.choose("Is it right?") as check:
        with check.when("yes", "check.passed"):
            p.service("Pay it", does="pay")
        with check.otherwise("no"):
            p.person("Look at it", roles=["clerk"], options=["pay", "reject"])
    p.ends("Done")

Steps follow one another as they are written; names become ids, so nobody writes ids; gateways that merge are implied.
``p.definition()`` is the same model that a BPMN file gives. Mistakes are one :class:`AuthorError` with the Python line.

Where next: each theme has its file, named in the head of the class; ``canvas.py`` draws; ``definitions.py`` holds
several processes in one file.
"""

from collections.abc import Mapping, Sequence

from clearance.build import data as parts
from clearance.build.beginnings import Beginnings
from clearance.build.canvas import Canvas
from clearance.build.contracts import Contract
from clearance.build.data import Data
from clearance.build.errors import AuthorError
from clearance.build.groups import Groups
from clearance.build.happenings import Happenings
from clearance.build.people import People
from clearance.build.texts import listeners, slug, stale
from clearance.build.ways import Ways
from clearance.build.work import Work
from clearance.model import definition as model
from clearance.model.definition import Text


class Process(Beginnings, Work, People, Happenings, Ways, Groups):
    """One process being written."""

    def __init__(
        self,
        name: str,
        *,
        subject: Text = "",
        version: str = "",
        note: str = "",
        identifier: str = "",
        when_stale: str = "",
        asks_first: Sequence[str] | str = (),
        asks_last: Sequence[str] | str = (),
        taken: set[str] | None = None,
    ) -> None:
        """``subject`` is one line that tells a person which case it is, usually FEEL after a leading ``=``.

        ``when_stale`` says what becomes of steps that have read what changes later (``redo``, ``ask``, ``leave``).
        ``asks_first`` and ``asks_last`` are actors that it waits for before it begins and before it ends.
        ``taken`` are ids that other processes of the same file have.
        """
        self.name = name
        self.id = identifier or slug(name, "process")
        self._subject, self._version, self._note = subject, version, note
        self._when_stale = stale(when_stale)
        self._listeners = listeners(asks_first, asks_last)
        self._canvas = Canvas(taken)
        self._contracts = {}
        self._correlations: list[model.Correlation] = []
        self._calendars: dict[str, model.Calendar] = {}
        self._finished: model.Process | None = None

    # ---- what the process knows ----------------------------------------------------------------------------------

    def data(self, name: str, *, many: bool = False, structure: str = "", note: str = "") -> Data:
        """A data object: a variable of the process (or group) that is drawn; for ``reads`` and ``writes`` of steps."""
        return parts.data_object(self._canvas, name, many=many, structure=structure, note=note)

    def store(self, name: str, *, of: str = "", note: str = "") -> Data:
        """A data store: what outlives the process, in another system; for ``reads`` and ``writes`` of steps."""
        return parts.data_store(self._canvas, name, store=of, note=note)

    def correlates(
        self, name: str, properties: Mapping[str, Mapping[str, str]], *, known: Mapping[str, str] | None = None
    ) -> None:
        """A conversation, and by what messages belong to it.

        ``properties={"number": {"order": "order.number", "invoice": "invoice.reference"}}`` says for each property how
        each message states it (FEEL over the message's variables). ``known={"number": "order.number"}`` says how the
        process knows it; otherwise the first message of the conversation does.
        """
        self._correlations.append(parts.correlation(self._canvas, name, properties, known or {}))

    def calendar(
        self, name: str, *, zone: str = "UTC", hours: str = "mon-fri 00:00-24:00", holidays: Sequence[str] = ()
    ) -> None:
        """A business calendar that timers name: durations then count while it is open.

        ``hours`` reads ``mon-fri 09:00-12:00 13:00-17:00, sat 09:00-12:00``; ``holidays`` are dates, ``--12-25`` is
        that day of every year.
        """
        if name in self._calendars:
            raise AuthorError(f'there are two calendars "{name}"', "Give them different names")
        self._calendars[name] = parts.calendar(name, zone=zone, hours=hours, holidays=holidays)

    # ---- the result ----------------------------------------------------------------------------------------------

    def definition(self) -> model.Process:
        """The finished process; the same every time."""
        if self._finished is None:
            canvas = self._canvas
            if len(canvas.scopes) != 1:
                raise AuthorError("the process is not finished: a with block is still open", "Leave all blocks first")
            own, data = canvas.scope.associations, tuple(canvas.scope.data)
            elements, flows = canvas.leave(name=self.name)
            self._finished = model.Process(
                id=self.id,
                name=self.name,
                elements=canvas.references.with_undone(elements),
                flows=flows,
                associations=tuple(canvas.associations(elements, own)),
                subject=self._subject,
                version_tag=self._version,
                documentation=self._note,
                data=data,
                new_evidence=self._when_stale,
                listeners=self._listeners,
                correlations=tuple(self._correlations),
                calendars=tuple(self._calendars.values()),
            )
            self._check_calendars(self._finished)
        return self._finished

    def definitions(self) -> model.Definitions:
        """What ``clearance.bpmn.write`` makes a file of."""
        process = self.definition()
        return model.Definitions(id=f"{process.id}-definitions", name=process.name, processes=(process,))

    def contracts(self) -> tuple[Contract, ...]:
        """What the actors of this process must take and give, by job type."""
        return tuple(self._contracts.values())

    def _check_calendars(self, process: model.Process) -> None:
        for element, _ in model.walk(process):
            definition = getattr(element, "definition", None)
            several = definition.definitions if isinstance(definition, model.MultipleDefinition) else (definition,)
            for part in several:
                if isinstance(part, model.TimerDefinition) and part.calendar not in ("", *self._calendars):
                    raise AuthorError(
                        f'there is no calendar "{part.calendar}"',
                        f'Say p.calendar("{part.calendar}", …)',
                        self._canvas.references.places[element.id],
                    )

"""The contract between the engine and those who do the work: a job goes out, an outcome comes back.

An actor is anything that turns a :class:`Job` into an :data:`Outcome`: a function, an agent, a remote worker. Its
:class:`Actor` declaration says what it touches and what it needs; the engine enforces what is declared. Authors of
plain functions need none of these classes: they return data and may raise the three exceptions at the end of this
file.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from clearance.model.values import Data


class BlobRef(msgspec.Struct, frozen=True):
    """A large thing kept beside the ledger under the SHA-256 of its content (lower-case hex)."""

    sha256: str
    media_type: str
    size: int
    """Bytes."""
    name: str = ""


class BlobReader(Protocol):
    """Where actors read and keep large things (documents, prompts, attachments)."""

    def read(self, sha256: str) -> bytes:
        """The content; raises KeyError when nothing with that hash is kept."""
        ...

    def keep(self, content: bytes, media_type: str, name: str = "") -> BlobRef:
        """Keep the content (durably, once) and return its reference."""
        ...


class Job(msgspec.Struct, frozen=True, gc=False):
    """One piece of work, as an actor sees it."""

    key: int
    type: str
    instance: int
    element: str
    element_name: str
    process: str
    input: Mapping[str, Data]
    headers: Mapping[str, str]
    attempt: int
    """1 for the first attempt."""
    idempotency_key: str
    """The same for every attempt of this job; pass it on (``Idempotency-Key``) to systems that act."""
    tenant: str
    blobs: BlobReader
    listener: str = ""
    """Of a listener's job: the event of the element's life that it listens to (start, end or beforeAll; of a user task
    creating, assigning, updating or completing)."""


class Source(msgspec.Struct, frozen=True):
    """Where a conclusion was read: a span of a document."""

    field: str
    document: str = ""
    location: str = ""
    """An XPath for XML, ``page 2`` for PDF, otherwise what helps a person to find it."""
    start: int = 0
    end: int = 0
    """Character offsets in the document's text (end exclusive); both 0 when only the location is known."""
    text: str = ""


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an actor read, concluded and how sure it is; kept in the ledger beside the outcome."""

    confidence: float | None = None
    """0 to 1."""
    reasons: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    model: str = ""
    prompt_version: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: str = ""
    """An amount with its currency, e.g. ``0.0031 USD``."""


class ActivateElement(msgspec.Struct, frozen=True, rename="camel"):
    """An element of an ad-hoc sub-process to activate, with variables of its own."""

    element_id: str
    variables: Mapping[str, Data] = {}


class AdHocResult(msgspec.Struct, frozen=True, rename="camel"):
    """What the job of an ad-hoc sub-process decides (the names are those of Camunda 8's job result)."""

    activate_elements: tuple[ActivateElement, ...] = ()
    is_completion_condition_fulfilled: bool = False
    is_cancel_remaining_instances: bool = False


class TaskCorrections(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What a listener of a user task corrects; None leaves it, an empty value clears it (Camunda 8's job result)."""

    assignee: str | None = None
    due_date: str | None = None
    """ISO 8601, as is the follow-up date."""
    follow_up_date: str | None = None
    candidate_groups: tuple[str, ...] | None = None
    candidate_users: tuple[str, ...] | None = None
    priority: int | None = None


class TaskResult(msgspec.Struct, frozen=True, rename="camel"):
    """What a listener of a user task answers."""

    denied: bool = False
    """It shall not happen; creating a task cannot be denied."""
    denied_reason: str = ""
    corrections: TaskCorrections = TaskCorrections()


class Completed(msgspec.Struct, frozen=True, gc=False, tag="completed"):
    """The work is done."""

    variables: Mapping[str, Data]
    evidence: Evidence | None = None
    ad_hoc: AdHocResult | None = None
    """Only for the job of an ad-hoc sub-process: what happens next in it."""
    task: TaskResult | None = None
    """Only for a listener of a user task."""


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The work could not be done; tried again while ``retryable`` and attempts remain, then an incident."""

    error: str
    retryable: bool = True
    evidence: Evidence | None = None


class Raised(msgspec.Struct, frozen=True, tag="error"):
    """A business error of BPMN: caught by an error event of that code, otherwise an incident."""

    code: str
    message: str = ""
    variables: Mapping[str, Data] = {}


class Escalated(msgspec.Struct, frozen=True, tag="escalated"):
    """The actor hands the work to a person: it is not sure enough, or may not."""

    reason: str
    evidence: Evidence | None = None


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """The outcome comes later, from a person or a remote worker."""


Outcome = Completed | Failed | Raised | Escalated | Waiting


class Actor(msgspec.Struct, frozen=True):
    """A declaration: who does jobs of a type, what it touches and what the engine must enforce."""

    type: str
    run: Callable[[Job], Outcome]
    systems: tuple[str, ...] = ()
    """The systems of record that it reads or changes, e.g. ``("erp",)``."""
    purpose: str = ""
    risk: str = "low"
    """low, medium or high."""
    cost: str = ""
    timeout_s: float = 60.0
    retries: int = 3
    """Attempts after the first."""
    backoff_s: float = 1.0
    backoff_max_s: float = 60.0
    """Each pause doubles from the first to this, with jitter."""
    concurrency: int = 8
    rate_per_s: float = 0.0
    """0: no limit."""
    input_schema: Mapping[str, Data] = {}
    output_schema: Mapping[str, Data] = {}
    idempotent: bool = True
    """False: after a crash with an unknown outcome a person decides, instead of a second attempt."""
    action: str = "run"
    """The Cedar action under which the gate rules on a job of this type."""


class Temporary(Exception):
    """Raised by an actor's function: it may work later (time-out, 429, 5xx, connection refused)."""


class Permanent(Exception):
    """Raised by an actor's function: trying again cannot help."""


class BpmnError(Exception):
    """Raised by an actor's function: a business error that the process may catch by its code."""

    def __init__(self, code: str, message: str = "", variables: Mapping[str, Data] | None = None) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.variables: Mapping[str, Data] = variables or {}

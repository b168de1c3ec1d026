"""What a person is shown to decide: made from a task's ``brief`` variable, an approval's action or an incident.

Authors write a brief as a context with any of ``reasons``, ``document``, ``fields``, ``facts``, ``options`` and
``recommendation``. What is missing is empty, what is of another shape is shown as text: a person must be able to act on
an item whose brief is not what we expect.
"""

import msgspec

from clearance.model.clearance import Ruling
from clearance.model.values import Data, to_json
from clearance.views.variables import is_sha256


class _Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    pass


class Option(_Part, frozen=True, kw_only=True):
    value: str
    label: str
    consequence: str = ""
    comment_required: bool = False


class Recommendation(_Part, frozen=True, kw_only=True):
    option: str
    why: str = ""


class DocumentRef(_Part, frozen=True, kw_only=True):
    sha256: str
    name: str = ""
    media_type: str = "application/octet-stream"
    size: int = 0
    text_sha256: str | None = None


class Field(_Part, frozen=True, kw_only=True):
    """A value that was read, with where it stands in the document."""

    name: str
    label: str
    value: Data = None
    confidence: Data = None
    location: str = ""
    start: int = 0
    end: int = 0
    masked: bool = False


class Fact(_Part, frozen=True, kw_only=True):
    """Something that was compared."""

    label: str
    name: str = ""
    expected: Data = None
    actual: Data = None
    ok: bool = True
    """Whether it is as it should be; what is not said to be wrong is not shown as wrong."""
    masked: bool = False


class Action(_Part, frozen=True, kw_only=True):
    """What an approval would let happen; ``sha256`` binds the answer to exactly this."""

    operation: str
    target: str
    parameters: dict[str, Data]
    sha256: str


class Brief(_Part, frozen=True, kw_only=True):
    reasons: tuple[str, ...] = ()
    recommendation: Recommendation | None = None
    options: tuple[Option, ...] = ()
    document: DocumentRef | None = None
    fields: tuple[Field, ...] = ()
    facts: tuple[Fact, ...] = ()
    action: Action | None = None


APPROVE = Option(value="approve", label="Approve", consequence="The action is carried out as shown.")
REJECT = Option(value="reject", label="Reject", consequence="The action is not carried out.", comment_required=True)
RETRY = Option(value="retry", label="Try again", consequence="The failed step is tried once more.")
AGAIN = Option(value="retry", label="Do it again", consequence="What rests on the old values is done again.")
KEEP = Option(value="keep", label="Keep it", consequence="The results stay as they are.", comment_required=True)
CANCEL = Option(
    value="cancel", label="Cancel", consequence="The whole process instance ends here.", comment_required=True
)
COMPLETE = Option(value="complete", label="Complete", consequence="The task is done; the process goes on.")


def of_task(brief: Data) -> Brief:
    """From the variable ``brief``, whatever it holds; with no options of its own a task can be completed."""
    if not isinstance(brief, dict):
        return Brief(reasons=() if brief is None else (_text(brief),), options=(COMPLETE,))
    return Brief(
        reasons=_reasons(_pick(brief, "reasons", "reason")),
        recommendation=_recommendation(brief.get("recommendation")),
        options=tuple(map(_option, _items(brief.get("options")))) or (COMPLETE,),
        document=document_ref(brief.get("document")),
        fields=tuple(_field(item) for item in _items(brief.get("fields"))),
        facts=tuple(_fact(item) for item in _items(brief.get("facts"))),
        action=_action(brief.get("action")),
    )


def of_approval(ruling: Ruling, operation: str, target: str, parameters: dict[str, Data]) -> Brief:
    """From the ruling that asks for it; a document among the parameters is shown."""
    return Brief(
        reasons=ruling.reasons,
        options=(APPROVE, REJECT),
        document=next(filter(None, map(document_ref, parameters.values())), None),
        action=Action(operation=operation, target=target, parameters=parameters, sha256=ruling.action_sha256),
    )


def of_incident(kind: str, message: str) -> Brief:
    if kind == "evidence":
        return Brief(reasons=(message,), options=(AGAIN, KEEP, CANCEL))
    return Brief(reasons=(message,), options=(RETRY, CANCEL))


def document_ref(value: Data) -> DocumentRef | None:
    """A document reference when the value is one, otherwise None."""
    if not isinstance(value, dict) or not is_sha256(value.get("sha256")):
        return None
    text = _pick(value, "text_sha256", "textSha256")
    return DocumentRef(
        sha256=value["sha256"],
        name=_text(value.get("name") or ""),
        media_type=_text(_pick(value, "media_type", "mediaType") or "application/octet-stream"),
        size=_whole(value.get("size")),
        text_sha256=text if is_sha256(text) else None,
    )


def _action(item: Data) -> Action | None:
    """What a task is about to let happen, as its author tells it; no approval is bound to it."""
    if not isinstance(item, dict):
        return None
    parameters = item.get("parameters")
    return Action(
        operation=_text(item.get("operation") or ""),
        target=_text(item.get("target") or ""),
        parameters=parameters if isinstance(parameters, dict) else {},
        sha256="",
    )


def _option(item: Data) -> Option:
    if not isinstance(item, dict):
        return Option(value=_text(item), label=_text(item))
    value = _text(_pick(item, "value", "option", "label") or "")
    return Option(
        value=value,
        label=_text(item.get("label") or value),
        consequence=_text(item.get("consequence") or ""),
        comment_required=_pick(item, "comment_required", "commentRequired") is True,
    )


def _recommendation(item: Data) -> Recommendation | None:
    if isinstance(item, dict) and item.get("option") is not None:
        return Recommendation(option=_text(item["option"]), why=_text(item.get("why") or ""))
    return Recommendation(option=item) if isinstance(item, str) and item else None


def _field(item: Data) -> Field:
    if not isinstance(item, dict):
        return Field(name="", label="", value=item)
    name = _text(_pick(item, "name", "field") or "")
    return Field(
        name=name,
        label=_text(item.get("label") or name),
        value=item.get("value"),
        confidence=item.get("confidence"),
        location=_text(item.get("location") or ""),
        start=_whole(item.get("start")),
        end=_whole(item.get("end")),
    )


def _fact(item: Data) -> Fact:
    if not isinstance(item, dict):
        return Fact(label=_text(item))
    return Fact(
        label=_text(_pick(item, "label", "name") or ""),
        name=_text(item.get("name") or ""),
        expected=item.get("expected"),
        actual=item.get("actual"),
        ok=item.get("ok") is not False,
    )


def _reasons(value: Data) -> tuple[str, ...]:
    return tuple(_text(item) for item in _items(value) if item not in (None, ""))


def _items(value: Data) -> list[Data]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _pick(item: dict[str, Data], *names: str) -> Data:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _text(value: Data) -> str:
    return value if isinstance(value, str) else to_json(value).decode()


def _whole(value: Data) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0

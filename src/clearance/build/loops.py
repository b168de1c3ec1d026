"""``for_each`` and ``repeat``: a step that is done for every item of a collection, or again and again."""

import re
from collections.abc import Mapping

import msgspec

from clearance.build.errors import AuthorError
from clearance.build.texts import bare, feel, variable
from clearance.model.definition import ComplexBehavior, EventDefinition, MultiInstance, StandardLoop

_SHORT = re.compile(r"\s*([^\W\d]\w*)\s+in\s+(.+)", re.DOTALL)


class Each(msgspec.Struct, frozen=True, kw_only=True):
    """Once for each item, all at once or ``in_order``; made by :func:`each` and :func:`times`."""

    item: str = ""
    of: str = ""
    times: str = ""
    in_order: bool = False
    gather: Mapping[str, str] = {}
    until: str = ""
    first_throws: EventDefinition | None = None
    each_throws: EventDefinition | None = None
    throws: Mapping[str, EventDefinition] = {}


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """Again while the condition holds; made by :func:`until` and :func:`as_long_as`."""

    condition: str
    test_before: bool = False
    at_most: str = ""


def each(
    item: str,
    of: str,
    *,
    in_order: bool = False,
    gather: Mapping[str, str] | None = None,
    until: str = "",
    first_throws: EventDefinition | None = None,
    each_throws: EventDefinition | None = None,
    throws: Mapping[str, EventDefinition] | None = None,
) -> Each:
    """For each ``item`` (a variable) ``of`` a collection (FEEL).

    ``gather={"checks": "check"}`` collects, item by item, the value of the FEEL expression ``check`` into the list
    ``checks``. ``until`` is FEEL: when it becomes true after an item, the rest is not done. An event is thrown, for
    the step's own ``on``, when the first item is done (``first_throws``), whenever one is (``each_throws``), or
    whenever one is and a FEEL condition holds (``throws={"condition": event}``).
    """
    return Each(
        item=item,
        of=of,
        in_order=in_order,
        gather=gather or {},
        until=until,
        first_throws=first_throws,
        each_throws=each_throws,
        throws=throws or {},
    )


def times(count: str, *, in_order: bool = False, until: str = "") -> Each:
    """A number of times (FEEL); ``loopCounter`` counts from 1."""
    return Each(times=count, in_order=in_order, until=until)


def until(condition: str, *, at_most: int | str = "") -> Repeat:
    """Once, and again until the FEEL condition is true, at most so many times (a number, or FEEL after ``=``)."""
    return Repeat(condition=f"not({bare(condition)})", at_most=str(at_most))


def as_long_as(condition: str, *, at_most: int | str = "") -> Repeat:
    """Again and again as long as the FEEL condition is true before; perhaps not once."""
    return Repeat(condition=condition, test_before=True, at_most=str(at_most))


def standard_loop(repeat: Repeat | None) -> StandardLoop | None:
    """The model's form."""
    if repeat is None:
        return None
    if repeat.at_most and not repeat.at_most.startswith("=") and not repeat.at_most.isdigit():
        raise AuthorError(f'at_most="{repeat.at_most}" is not a number', "Write a whole number, or FEEL after =")
    return StandardLoop(condition=feel(repeat.condition), maximum=repeat.at_most, test_before=repeat.test_before)


def multi_instance(for_each: Each | str | None) -> MultiInstance | None:
    """The model's form; text reads ``"line in invoice.lines"``."""
    if for_each is None:
        return None
    if isinstance(for_each, str):
        found = _SHORT.fullmatch(for_each)
        if found is None:
            raise AuthorError(f'for_each="{for_each}" is not understood', 'Write for_each="line in invoice.lines"')
        for_each = each(found[1], found[2])
    if len(for_each.gather) > 1:
        raise AuthorError("for_each gathers into more than one list", "Gather one context with several entries")
    target, source = next(iter(for_each.gather.items()), ("", ""))
    return MultiInstance(
        sequential=for_each.in_order,
        collection=feel(for_each.of) if for_each.of else "",
        item=variable(for_each.item) if for_each.item else "",
        cardinality=feel(for_each.times) if for_each.times else "",
        output_collection=variable(target) if target else "",
        output_item=feel(source) if source else "",
        completion_condition=feel(for_each.until) if for_each.until else "",
        behavior=_behavior(for_each),
        one_event=for_each.first_throws,
        none_event=for_each.each_throws,
        complex_behaviors=tuple(
            ComplexBehavior(condition=feel(condition), event=event) for condition, event in for_each.throws.items()
        ),
    )


def _behavior(for_each: Each) -> str:
    """Table 10.26: ``None`` throws each time, ``One`` the first time, ``Complex`` as its conditions say."""
    given = {"One": for_each.first_throws, "None": for_each.each_throws, "Complex": for_each.throws}
    names = [name for name, value in given.items() if value]
    if len(names) > 1:
        raise AuthorError("for_each throws in several ways", "Keep one of first_throws, each_throws and throws")
    return names[0] if names else ""

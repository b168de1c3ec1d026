"""``for_each``: a step that is done once for every item of a collection."""

import re
from collections.abc import Mapping

import msgspec

from clearance.build.errors import AuthorError
from clearance.build.texts import feel, variable
from clearance.model.definition import MultiInstance

_SHORT = re.compile(r"\s*([^\W\d]\w*)\s+in\s+(.+)", re.DOTALL)


class Each(msgspec.Struct, frozen=True, kw_only=True):
    """Once for each item, all at once or ``in_order``; made by :func:`each`."""

    item: str = ""
    of: str = ""
    times: str = ""
    in_order: bool = False
    gather: Mapping[str, str] = {}
    until: str = ""


def each(
    item: str,
    of: str,
    *,
    in_order: bool = False,
    gather: Mapping[str, str] | None = None,
    until: str = "",
) -> Each:
    """For each ``item`` (a variable) ``of`` a collection (FEEL).

    ``gather={"checks": "check"}`` collects, item by item, the value of the FEEL expression ``check`` into the list
    ``checks``. ``until`` is FEEL: when it becomes true after an item, the rest is not done.
    """
    return Each(item=item, of=of, in_order=in_order, gather=gather or {}, until=until)


def times(count: str, *, in_order: bool = False, until: str = "") -> Each:
    """A number of times (FEEL); ``loopCounter`` counts from 1."""
    return Each(times=count, in_order=in_order, until=until)


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
    )

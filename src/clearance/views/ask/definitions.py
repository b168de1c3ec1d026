"""Deployed process definitions."""

from collections.abc import Sequence

import msgspec

from clearance.views.cursors import Term, select, window
from clearance.views.lists import Order, ordering
from clearance.views.reader import Answer, Page, PageRequest, Reader, Sort, Where

SORTABLE = {
    "processDefinitionKey": Order("key"),
    "processDefinitionId": Order("process"),
    "name": Order("name"),
    "version": Order("version"),
}


class DefinitionFilter(msgspec.Struct, frozen=True, kw_only=True):
    processes: Sequence[str] | None = None
    keys: Sequence[int] | None = None
    names: Sequence[str] | None = None
    version: int | None = None
    latest: bool = False


class Definition(Answer, frozen=True, kw_only=True):
    process_definition_id: str
    process_definition_key: str
    name: str
    resource_name: str
    version: int
    version_tag: str | None
    tenant_id: str
    has_start_form: bool = False


def search(
    reader: Reader, narrow: DefinitionFilter, sort: Sequence[Sort] = (), page: PageRequest = PageRequest()
) -> Page[Definition]:
    where = Where()
    if narrow.processes is not None:
        where.one_of("process", narrow.processes)
    if narrow.keys is not None:
        where.one_of("key", narrow.keys)
    if narrow.names is not None:
        where.one_of("name", narrow.names)
    if narrow.version is not None:
        where.add("version = ?", narrow.version)
    if narrow.latest:
        where.add("version = (SELECT max(version) FROM definitions later WHERE later.process = definitions.process)")
    order = ordering(sort, SORTABLE, Term("key")).outer
    rows, total = select(reader, "process, key, name, version, tag", "definitions", where, window(page, order))
    return Page(items=[_definition(*row) for row in rows], page=total)


def get(reader: Reader, key: int) -> Definition | None:
    found = search(reader, DefinitionFilter(keys=(key,)))
    return found.items[0] if found.items else None


def version_of(reader: Reader, process: str, version: int) -> Definition | None:
    """One version of a process; 0: the latest."""
    narrow = DefinitionFilter(processes=(process,), version=version or None, latest=not version)
    found = search(reader, narrow)
    return found.items[0] if found.items else None


def hash_of(reader: Reader, key: int) -> str | None:
    """The content hash of a version."""
    row = reader.row("SELECT hash FROM definitions WHERE key = ?", (key,))
    return row[0] if row else None


def xml(reader: Reader, key: int) -> tuple[str, str] | None:
    """(process id, BPMN XML) of a definition."""
    row = reader.row("SELECT process, xml FROM definitions WHERE key = ?", (key,))
    return (row[0], row[1]) if row else None


def _definition(process: str, key: int, name: str, version: int, tag: str) -> Definition:
    return Definition(
        process_definition_id=process,
        process_definition_key=str(key),
        name=name,
        resource_name=f"{process}.bpmn",
        version=version,
        version_tag=tag or None,
        tenant_id="<default>",
    )

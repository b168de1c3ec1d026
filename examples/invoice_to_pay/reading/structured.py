"""Reads structured invoices exactly: interprets the table of business terms over a parsed document.

It knows no element of either syntax by name; what stands where is said in ``terms.py`` and ``term_groups.py``.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import msgspec
from lxml import etree

from .document import Field, Reading, UnreadableInvoice
from .invoice import Invoice, kind_of
from .payment_terms import read_discounts
from .term_groups import DOCUMENT_GROUPS
from .terms import DOCUMENT_TERMS, NAMESPACES, PARTY_TERMS, Group, Term
from .xml_source import XmlSource

ROOTS = {
    "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice": "ubl",
    "{urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2}CreditNote": "ubl",
    "{urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100}CrossIndustryInvoice": "cii",
}

EXPECTED = (
    "number",
    "issue_date",
    "type_code",
    "currency",
    "seller.name",
    "buyer.name",
    "totals.net",
    "totals.gross",
    "totals.payable",
)
"""Without these the document is incomplete, whatever else it says; each missing one lowers the confidence."""

_SUBJECT_CODE = re.compile(r"^#[A-Z]{2,3}#")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_TRUE = {"true": True, "1": True, "false": False, "0": False}


def read_structured(source: XmlSource, name: str, syntax: str = "") -> Reading:
    """Read a UBL or CII invoice; raises :class:`UnreadableInvoice` when the root is neither."""
    found = ROOTS.get(str(source.root.tag))
    if found is None:
        tag = etree.QName(source.root).localname
        raise UnreadableInvoice(
            name,
            f"the XML is no invoice: its root is <{tag}>, not a UBL Invoice or CreditNote or a CrossIndustryInvoice",
        )
    reader = _Reader(source, found)
    data: dict[str, Any] = {}
    reader.read_terms(source.root, DOCUMENT_TERMS + PARTY_TERMS, data, "")
    for group in DOCUMENT_GROUPS:
        reader.read_group(source.root, group, data, "")
    if found == "ubl" and "CreditNote" in str(source.root.tag):
        data.setdefault("type_code", "381")
    invoice = _complete(data)
    missing = [field for field in EXPECTED if not _has(data, field)]
    if not invoice.lines:
        missing.append("lines")
    reader.problems.extend(f"The document says nothing about {field.replace('_', ' ')}." for field in missing)
    return Reading(
        invoice=invoice,
        confidence=round(max(0.0, 1.0 - 0.1 * len(reader.problems)), 2),
        fields=tuple(reader.fields),
        syntax=syntax or found,
        text=source.text,
        problems=tuple(reader.problems),
    )


def _has(data: dict[str, Any], path: str) -> bool:
    node: Any = data
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node is not None and node != ""


def _complete(data: dict[str, Any]) -> Invoice:
    """What follows from other values: the kind, the seller's accounts and the discounts."""
    invoice = msgspec.convert(data, Invoice)
    ibans = tuple(dict.fromkeys(means.iban for means in invoice.payment if means.iban))
    return msgspec.structs.replace(
        invoice,
        kind=kind_of(invoice.type_code),
        seller=msgspec.structs.replace(invoice.seller, ibans=ibans),
        discounts=read_discounts(invoice.payment_terms, invoice.issue_date),
    )


@cache
def _compiled(path: str) -> etree.XPath:
    return etree.XPath(path, namespaces=NAMESPACES)


class _Reader:
    """Gathers values, fields and problems of one document."""

    def __init__(self, source: XmlSource, syntax: str) -> None:
        self.source = source
        self.syntax = syntax
        self.tree = source.root.getroottree()
        self.fields: list[Field] = []
        self.problems: list[str] = []

    def read_terms(self, context: etree._Element, terms: tuple[Term, ...], data: dict[str, Any], prefix: str) -> None:
        for term in terms:
            nodes = self._nodes(context, term.ubl if self.syntax == "ubl" else term.cii)
            if not nodes:
                continue
            if term.kind == "count":
                data[term.name] = len(nodes)
            elif term.kind.startswith("list of "):
                kind = term.kind.removeprefix("list of ")
                values = [self._read(node, term, kind, f"{prefix}{term.name}[{i}]") for i, node in enumerate(nodes, 1)]
                _put(data, term.name, [value for value in values if value is not None])
            else:
                value = self._read(nodes[0], term, term.kind, prefix + term.name)
                if value is not None:
                    _put(data, term.name, value)
                self._note_contradiction(nodes, term, prefix)

    def read_group(
        self, context: etree._Element, group: Group, data: dict[str, Any], prefix: str, again: bool = False
    ) -> None:
        path = (
            (group.again_ubl if again else group.ubl)
            if self.syntax == "ubl"
            else (group.again_cii if again else group.cii)
        )
        items: list[dict[str, Any]] = []
        for index, element in enumerate(self._nodes(context, path), 1):
            item: dict[str, Any] = {}
            inner = f"{prefix}{group.name}[{index}]."
            self.read_terms(element, group.terms, item, inner)
            for nested in group.groups:
                self.read_group(element, nested, item, inner)
            if group.again_ubl or group.again_cii:
                self.read_group(element, group, item, inner, again=True)
            items.append(item)
        if items:
            data[group.name] = items

    def _nodes(self, context: etree._Element, path: str) -> list[Any]:
        if not path:
            return []
        found = _compiled(path)(context)
        return found if isinstance(found, list) else []

    def _note_contradiction(self, nodes: list[Any], term: Term, prefix: str) -> None:
        texts = list(dict.fromkeys(" ".join(_content(node).split()) for node in nodes))
        if len(texts) > 1:
            self.problems.append(
                f"{prefix}{term.name} ({term.bt}) stands {len(texts)} times with different values: {', '.join(texts)}; "
                "the first is used."
            )

    def _read(self, node: Any, term: Term, kind: str, name: str) -> Any:
        written = _content(node).strip()
        if not written:
            return None
        value = _value(written, kind)
        location, start, end = self._where(node)
        if value is None:
            self.problems.append(f'{name} ({term.bt or "no term"}) is no {kind}: "{written}" at {location}.')
            return None
        text = self.source.text[start:end]
        self.fields.append(
            Field(name=name, term=term.bt, value=_as_text(value), location=location, start=start, end=end, text=text)
        )
        return value

    def _where(self, node: Any) -> tuple[str, int, int]:
        if isinstance(node, etree._Element):
            return (self._path(node), *self.source.span(node))
        element = node.getparent()
        attribute = etree.QName(node.attrname).localname
        return (f"{self._path(element)}/@{attribute}", *self.source.attribute_span(element, attribute))

    def _path(self, element: etree._Element) -> str:
        """The path with the namespace prefixes of ``terms.NAMESPACES``, whatever the document calls them."""
        return "/" + "/".join(_steps(element))


def _steps(element: etree._Element) -> Iterator[str]:
    prefixes = {uri: prefix for prefix, uri in NAMESPACES.items()}
    for node in [*reversed(list(element.iterancestors())), element]:
        qualified = etree.QName(node)
        prefix = prefixes.get(qualified.namespace or "", "")
        step = f"{prefix}:{qualified.localname}" if prefix else qualified.localname
        same = sum(1 for _ in node.itersiblings(str(node.tag), preceding=True))
        alone = not same and next(node.itersiblings(str(node.tag)), None) is None
        yield step if alone else f"{step}[{same + 1}]"


def _content(node: Any) -> str:
    return "".join(map(str, node.itertext())) if isinstance(node, etree._Element) else str(node)


def _put(data: dict[str, Any], name: str, value: Any) -> None:
    *parents, last = name.split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
    data[last] = value


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _value(written: str, kind: str) -> Any:
    """The typed value, or ``None`` when the text is none of that kind."""
    match kind:
        case "number":
            return parse_number(written)
        case "date":
            return parse_date(written)
        case "indicator":
            return _TRUE.get(written.lower())
        case "account":
            return re.sub(r"\s", "", written).upper()
        case "note":
            return _SUBJECT_CODE.sub("", written)
        case _:
            return " ".join(written.split()) if "\n" not in written else written


def parse_number(written: str) -> Decimal | None:
    """A decimal as XML Schema writes it: a point, no grouping, no exponent."""
    try:
        return Decimal(written) if _NUMBER.fullmatch(written) and len(written) <= 60 else None
    except InvalidOperation:
        return None


def parse_date(written: str) -> date | None:
    """A date as UBL (``2026-03-01``, perhaps with a zone) or CII (``20260301``) writes it."""
    for length, form in ((10, "%Y-%m-%d"), (8, "%Y%m%d")):
        try:
            return datetime.strptime(written[:length], form).date()
        except ValueError:
            continue
    return None

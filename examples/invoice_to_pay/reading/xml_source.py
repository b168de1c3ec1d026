"""XML read safely, with the place of every element in the text.

Two passes. expat walks the text first and notes where each element stands; a document type declaration ends it at
once, so no entity of the document's own is ever expanded and nothing outside is ever opened. lxml then builds the tree
for XPath. Both see elements in the same order, which is how a node finds its place.
"""

import re
from xml.parsers import expat

import msgspec
from lxml import etree

from .document import XML_ELEMENTS_MAX, UnreadableInvoice

_DECLARATION = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)


class Place(msgspec.Struct, frozen=True):
    """Where an element stands: its start tag and its content, in characters of the text."""

    tag_start: int
    start: int
    end: int


class XmlSource:
    """A parsed document: its text, its root and the places of its elements."""

    def __init__(self, text: str, root: etree._Element, places: list[Place]) -> None:
        self.text = text
        self.root = root
        self._places = dict(zip(root.iter(etree.Element), places, strict=True))

    def place(self, element: etree._Element) -> Place:
        return self._places[element]

    def span(self, element: etree._Element) -> tuple[int, int]:
        """Start and end of the element's content, without the white space around it."""
        place = self._places[element]
        content = self.text[place.start : place.end]
        start = place.start + len(content) - len(content.lstrip())
        return start, max(start, place.start + len(content.rstrip()))

    def attribute_span(self, element: etree._Element, name: str) -> tuple[int, int]:
        """Start and end of an attribute's value."""
        place = self._places[element]
        tag = self.text[place.tag_start : place.start]
        found = re.search(rf"""\s(?:[\w.-]+:)?{re.escape(name)}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
        if found is None:
            return place.tag_start, place.start
        start, end = found.span(1 if found.group(1) is not None else 2)
        return place.tag_start + start, place.tag_start + end


def decode(content: bytes, name: str) -> str:
    """The text of an XML file, by its byte order mark or declaration, otherwise UTF-8."""
    encoding = next((codec for mark, codec in _BYTE_ORDER_MARKS if content.startswith(mark)), "")
    if not encoding:
        declared = _DECLARATION.match(content.lstrip()[:300])
        encoding = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeError) as error:
        raise UnreadableInvoice(
            name, f"the XML says it is encoded as {encoding}, but cannot be decoded so ({error}); ask for it again"
        ) from None


def parse(content: bytes, name: str) -> XmlSource:
    """Parse an XML document; raises :class:`UnreadableInvoice` for broken XML and for any DTD or entity."""
    text = decode(content, name)
    encoded = text.encode("utf-8", "surrogatepass")
    places = _places(encoded, text, name)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(encoded, parser)
    except etree.XMLSyntaxError as error:
        raise _broken(name, error.msg or "not well-formed", error.lineno or 1) from None
    return XmlSource(text, root, places)


def _broken(name: str, reason: str, line: int) -> UnreadableInvoice:
    return UnreadableInvoice(name, f"broken XML at line {line}: {reason}; ask the sender for the file again")


class _Walk:
    """expat's handlers, gathering byte positions in document order."""

    def __init__(self, parser: expat.XMLParserType, name: str) -> None:
        self.parser = parser
        self.name = name
        self.spans: list[list[int]] = []
        self.open: list[int] = []
        self.waits_for_content = False

    def refuse(self, *_: object) -> None:
        raise UnreadableInvoice(
            self.name,
            "the XML contains a document type declaration (DTD), through which entities could read files or grow "
            "without bound; invoices need none, so it is not read",
        )

    def mark(self) -> None:
        """The first event after a start tag is where its content starts."""
        if self.waits_for_content:
            self.spans[self.open[-1]][1] = self.parser.CurrentByteIndex
            self.waits_for_content = False

    def start(self, *_: object) -> None:
        self.mark()
        if len(self.spans) >= XML_ELEMENTS_MAX:
            raise UnreadableInvoice(self.name, f"the XML has more than {XML_ELEMENTS_MAX:,} elements; no invoice has")
        self.open.append(len(self.spans))
        self.spans.append([self.parser.CurrentByteIndex, -1, -1])
        self.waits_for_content = True

    def end(self, *_: object) -> None:
        self.mark()
        self.spans[self.open.pop()][2] = self.parser.CurrentByteIndex

    def other(self, *_: object) -> None:
        self.mark()


def _places(encoded: bytes, text: str, name: str) -> list[Place]:
    parser = expat.ParserCreate("utf-8")
    walk = _Walk(parser, name)
    parser.buffer_text = False
    parser.StartDoctypeDeclHandler = walk.refuse
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.other
    parser.CommentHandler = walk.other
    parser.ProcessingInstructionHandler = walk.other
    parser.StartCdataSectionHandler = walk.other
    try:
        parser.Parse(encoded, True)
    except expat.ExpatError as error:
        raise _broken(name, expat.ErrorString(error.code), error.lineno) from None
    if len(encoded) == len(text):
        return [Place(*span) for span in walk.spans]
    return _in_characters(walk.spans, encoded)


def _in_characters(spans: list[list[int]], encoded: bytes) -> list[Place]:
    """Byte positions as character positions, in one pass over the text."""
    wanted = sorted({position for span in spans for position in span})
    characters: dict[int, int] = {}
    seen = 0
    last = 0
    for position in wanted:
        seen += len(encoded[last:position].decode("utf-8", "surrogatepass"))
        characters[position] = seen
        last = position
    return [Place(characters[tag], characters[start], characters[end]) for tag, start, end in spans]

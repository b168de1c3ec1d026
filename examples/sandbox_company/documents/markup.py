"""Writing XML by qualified names, as the standards' tables list them: ``cbc:ID``, ``ram:Name``."""

from collections.abc import Mapping
from decimal import Decimal

from lxml import etree

XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
BUSINESS_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


class Writer:
    """Appends elements below a root; prefixes are those of the root's namespaces."""

    def __init__(self, root: str, namespaces: Mapping[str, str], default: str = "") -> None:
        """A root given without a prefix belongs to the default namespace."""
        self._namespaces = dict(namespaces)
        declared = dict(namespaces)
        if default:
            declared[None] = default  # type: ignore[index]  # lxml names the default namespace None
        name = self._qualified(root) if ":" in root else f"{{{default}}}{root}"
        self.root = etree.Element(name, nsmap=declared)

    def add(self, parent: "etree._Element", path: str, text: object = None, **attributes: str) -> "etree._Element":
        """Append the elements of the path, one inside the other, and return the innermost, holding the text."""
        element = parent
        for name in path.split("/"):
            element = etree.SubElement(element, self._qualified(name))
        if text is not None:
            element.text = str(text)
        for name, value in attributes.items():
            element.set(name, value)
        return element

    def to_bytes(self) -> bytes:
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def _qualified(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return f"{{{self._namespaces[prefix]}}}{local}"


def plain(number: Decimal) -> str:
    """A number without trailing zeros or exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""A file's text, whatever it is encoded in: to be kept beside what was read, and encoded in UTF-8 from then on."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""\A<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
_IN_TEXT = re.compile(r"""\A(<\?xml\s[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')""")


def text_of(content: bytes) -> str | None:
    """The text of an XML file, without an encoding declared that is not UTF-8; None when nobody here knows it."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    declared = _DECLARED.match(content)
    if not encoding:
        encoding = declared[1].decode() if declared else "utf-8"
    try:
        text = content.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return None
    return text if encoding.lower() in ("utf-8", "utf-8-sig") else _IN_TEXT.sub(r"\1", text)

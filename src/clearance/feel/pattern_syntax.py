"""The syntax of XPath's regular expressions: checks a pattern and rewrites it for the ``regex`` package.

What differs: no look-around, no ``(?...)`` but ``(?:...)``; ``[a-z-[aeiou]]`` subtracts; ``\\i`` and ``\\c`` are
XML's name characters; ``\\p{IsBasicLatin}`` is a block; ``.`` excludes both line ends; a back-reference needs its
group closed before it; with flag x white space outside classes means nothing.
"""

import re

import msgspec


class PatternError(ValueError):
    """The pattern is no XPath regular expression."""


class Translation(msgspec.Struct, frozen=True):
    """The pattern for the ``regex`` package, and how many groups it has."""

    pattern: str
    groups: int


_NAME_START = r":A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
_NAME_START += r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
_NAME_PART = _NAME_START + r"\-.0-9\u00B7\u0300-\u036F\u203F-\u2040"
_CLASSES = {
    "i": f"[{_NAME_START}]",
    "I": f"[^{_NAME_START}]",
    "c": f"[{_NAME_PART}]",
    "C": f"[^{_NAME_PART}]",
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "s": r"[ \t\n\r]",
    "S": r"[^ \t\n\r]",
    "w": r"[^\p{P}\p{Z}\p{C}]",
    "W": r"[\p{P}\p{Z}\p{C}]",
}
_SINGLE = frozenset("nrt\\|.?*+(){}-[]^$")
_CATEGORY = re.compile(r"(L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cofn]?)|Is([A-Za-z0-9-]+)")
_QUANTITY = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}")
_REPEATS_MAX = 1000
_TEXT_ANCHORS = {"^": r"\A", "$": r"\Z"}
_LINE_ANCHORS = {"^": r"(?:\A|(?<=\n)(?!\Z))", "$": r"(?=\n|\Z)"}
"""Unlike Python's, ``$`` does not match before a line end that is the text's last character, nor ``^`` after it."""


def translate(pattern: str, flags: str) -> Translation:
    """Checks and rewrites; raises PatternError."""
    if not set(flags) <= set("smixq"):
        raise PatternError(f"the flags are some of s, m, i, x and q, not {flags!r}")
    if "q" in flags:
        return Translation(re.escape(pattern), 0)
    return _Translator(pattern, flags).translation()


class _Translator:
    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = _without_space(pattern) if "x" in flags else pattern
        self.index = 0
        self.groups = 0
        self.open: list[int] = []
        self.closed: set[int] = set()
        self.dot = "." if "s" in flags else r"[^\n\r]"
        self.anchors = _LINE_ANCHORS if "m" in flags else _TEXT_ANCHORS

    def translation(self) -> Translation:
        out: list[str] = []
        quantifiable = False
        while self.index < len(self.pattern):
            character = self.pattern[self.index]
            if character in "?*+{":
                if not quantifiable:
                    raise PatternError(f"{character!r} has nothing to repeat")
                out.append(self._quantifier())
                quantifiable = False
                continue
            quantifiable = character not in "(|^$"
            out.append(self._atom(character))
        if self.open:
            raise PatternError("a group is not closed")
        return Translation("".join(out), self.groups)

    def _atom(self, character: str) -> str:
        if character == "\\":
            return self._escape(in_class=False)
        if character == "[":
            return self._class()
        self.index += 1
        if character == "(":
            return self._open_group()
        if character == ")":
            if not self.open:
                raise PatternError("a parenthesis is closed that was not opened")
            self.closed.add(self.open.pop())
            return ")"
        if character in "]}":
            raise PatternError(f"{character!r} stands alone; write \\{character}")
        if character == ".":
            return self.dot
        if character in self.anchors:
            return self.anchors[character]
        return character if character == "|" else re.escape(character)

    def _open_group(self) -> str:
        if self.pattern.startswith("?:", self.index):
            self.index += 2
            self.open.append(0)
            return "(?:"
        if self.pattern.startswith("?", self.index):
            raise PatternError("of the groups that begin with (? only (?: is allowed")
        self.groups += 1
        self.open.append(self.groups)
        return "("

    def _quantifier(self) -> str:
        character = self.pattern[self.index]
        if character == "{":
            match = _QUANTITY.match(self.pattern, self.index)
            if match is None:
                raise PatternError("a quantity is written {2}, {2,} or {2,5}")
            low, high = int(match[1]), int(match[3] or match[1])
            if low > high or high > _REPEATS_MAX:
                raise PatternError(f"the quantity {match[0]} is empty or above {_REPEATS_MAX}")
            self.index = match.end()
            text = match[0]
        else:
            self.index += 1
            text = character
        if self.pattern.startswith("?", self.index):
            self.index += 1
            text += "?"
        return text

    def _escape(self, *, in_class: bool) -> str:
        """From a backslash on."""
        following = self.pattern[self.index + 1 : self.index + 2]
        if following in ("p", "P"):
            return self._category(following)
        self.index += 2
        if following in _CLASSES and following:
            return _CLASSES[following]
        if following in _SINGLE and following:
            return {"n": "\\n", "r": "\\r", "t": "\\t"}.get(following, "\\" + following)
        if following.isdigit() and following != "0" and not in_class:
            return self._back_reference(following)
        raise PatternError(f"\\{following} means nothing here")

    def _back_reference(self, digits: str) -> str:
        while self.index < len(self.pattern) and self.pattern[self.index].isdigit():
            longer = digits + self.pattern[self.index]
            if int(longer) > self.groups:
                break
            digits, self.index = longer, self.index + 1
        if int(digits) not in self.closed:
            raise PatternError(f"\\{digits} refers to a group that is not closed before it")
        return f"(?:\\g<{digits}>)"

    def _category(self, letter: str) -> str:
        end = self.pattern.find("}", self.index)
        body = self.pattern[self.index + 3 : end] if end > 0 and self.pattern[self.index + 2 :].startswith("{") else ""
        match = _CATEGORY.fullmatch(body)
        if match is None:
            raise PatternError(f"\\{letter} is followed by a category or block, as in \\p{{Lu}} or \\p{{IsBasicLatin}}")
        self.index = end + 1
        return f"\\{letter}{{{match[1]}}}" if match[1] else f"\\{letter}{{In{match[2]}}}"

    def _class(self) -> str:
        """From ``[`` on: a class, from which another may be subtracted."""
        self.index += 1
        negated = self.pattern.startswith("^", self.index)
        self.index += negated
        parts: list[str] = []
        subtracted = ""
        while True:
            character = self.pattern[self.index : self.index + 1]
            if not character:
                raise PatternError("a class is not closed")
            if character == "]":
                break
            if character == "-" and self.pattern.startswith("-[", self.index) and parts:
                self.index += 1
                subtracted = self._class()
                if not self.pattern.startswith("]", self.index):
                    raise PatternError("nothing follows what is subtracted from a class")
                break
            parts.append(self._class_part(character))
        if not parts:
            raise PatternError("a class is empty")
        self.index += 1
        positive = f"[{'^' if negated else ''}{''.join(parts)}]"
        return f"[{positive}--{subtracted}]" if subtracted else positive

    def _class_part(self, character: str) -> str:
        """One character, a range, or a class escape."""
        low = self._class_character(character)
        dash = self.pattern.startswith("-", self.index) and self.pattern[self.index + 1 : self.index + 2] not in (
            "]",
            "[",
        )
        if not dash or len(low) > 2:
            return low
        if character == "-":
            return low
        self.index += 1
        high = self._class_character(self.pattern[self.index : self.index + 1])
        if len(high) > 2 or _code(low) > _code(high):
            raise PatternError(f"the range {low}-{high} is empty or none")
        return f"{low}-{high}"

    def _class_character(self, character: str) -> str:
        if character == "\\":
            return self._escape(in_class=True)
        if character in ("[", ""):
            raise PatternError("a bracket within a class is written \\[")
        self.index += 1
        return "\\" + character if character in "-^&|~\\[]" else character


def _code(part: str) -> int:
    return ord({"\\n": "\n", "\\r": "\r", "\\t": "\t"}.get(part, part[-1]))


def _without_space(pattern: str) -> str:
    """Flag x: white space is removed, except in a class; there only within braces of a category."""
    out, depth, index = [], 0, 0
    while index < len(pattern):
        character = pattern[index]
        if character in " \t\n\r" and not depth:
            index += 1
            continue
        if character == "\\" and index + 1 < len(pattern):
            rest = index + 1
            while not depth and rest < len(pattern) - 1 and pattern[rest] in " \t\n\r":
                rest += 1
            out.append("\\" + pattern[rest])
            index = rest + 1
            continue
        depth += (character == "[") - (character == "]")
        out.append(character)
        index += 1
    return "".join(out)

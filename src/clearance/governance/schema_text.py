"""Reads which actions a Cedar schema declares, and with which parameters.

Cedar itself parses the file first and prints it in one form, without comments; that form is what is read here, because
cedarpy offers no other look into a schema. What the gate cannot keep is refused: entity types (it makes them all
itself), namespaces, and parameters of a type that JSON data cannot have.
"""

import re

import cedarpy

from clearance.governance.types import EMPTY, SCALARS, Action, Field, Record, Scalar, SetOf, Type

ENTITY_TYPES = ("Actor", "Element", "Person", "Process", "Role")
ENTITIES = "entity Role; entity Process; entity Actor; entity Person in [Role]; entity Element in [Process];\n"
DEPTH_MAX = 8

_TOKEN = re.compile(r'\s+|(?P<token>"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|::|[{}\[\]<>:;,?=@()])')
_NAMES = re.compile(r"[\w.\- ]+")


class SchemaError(ValueError):
    """A schema that the gate cannot use; the message has the remedy."""


def read_schema(source: str) -> tuple[Action, ...]:
    """The actions that the text declares, in the order of their names; raises :class:`SchemaError`."""
    try:
        normal = str(cedarpy.Schema.from_str(ENTITIES + source))
    except ValueError as error:
        known = ", ".join(ENTITY_TYPES)
        raise SchemaError(f"{error}; the gate's own entity types are {known}, which a schema does not repeat") from None
    return _Reader(normal).read()


class _Reader:
    """Recursive descent over the normal form; types are looked up once all declarations are known."""

    def __init__(self, text: str) -> None:
        self._tokens = [match["token"] for match in _TOKEN.finditer(text) if match["token"]]
        self._at = 0
        self._types: dict[str, int] = {}
        self._resolving: list[str] = []

    def read(self) -> tuple[Action, ...]:
        self._types = self._declared_types()
        actions = []
        while self._at < len(self._tokens):
            word = self._next()
            if word == "@":
                self._annotation()
            elif word == "action":
                actions.append(self._action())
            elif word == "entity":
                self._entity()
            elif word == "type":
                self._skip_to(";")
            else:
                raise SchemaError(f"{word}: declare types and actions only, outside any namespace")
        return tuple(actions)

    def _declared_types(self) -> dict[str, int]:
        """Name of each common type to the place where its definition begins."""
        tokens = self._tokens
        return {
            tokens[index + 1]: index + 3
            for index, token in enumerate(tokens[:-3])
            if token == "type" and tokens[index + 2] == "="
        }

    def _action(self) -> Action:
        name = _plain(self._next())
        groups: tuple[str, ...] = ()
        principals: tuple[str, ...] = ()
        resources: tuple[str, ...] = ()
        parameters = EMPTY
        if self._take("in"):
            groups = self._names()
        if self._take("appliesTo"):
            self._expect("{")
            while not self._take("}"):
                key = self._next()
                self._expect(":")
                if key == "principal":
                    principals = self._names()
                elif key == "resource":
                    resources = self._names()
                else:
                    parameters = self._context(name)
                self._take(",")
        self._expect(";")
        return Action(name, groups, principals, resources, parameters)

    def _context(self, action: str) -> Record:
        context = self._type(0)
        assert isinstance(context, Record)
        for name in context.fields:
            if name != "parameters":
                raise SchemaError(
                    f"action {action}: its context declares {name}; declare parameters only, the rest is always there"
                )
        field = context.fields.get("parameters")
        if field is None:
            return EMPTY
        if not isinstance(field.type, Record) or not field.required:
            raise SchemaError(f"action {action}: parameters must be a record, like parameters: {{amount: decimal}}")
        return field.type

    def _type(self, depth: int) -> Type:
        if depth > DEPTH_MAX:
            raise SchemaError(f"records are nested more than {DEPTH_MAX} deep")
        if self._take("{"):
            return self._record(depth)
        name = self._path()
        if name == "Set":
            self._expect("<")
            item = self._type(depth + 1)
            self._expect(">")
            if not isinstance(item, Scalar):
                raise SchemaError(f"a set of parameters may hold {', '.join(SCALARS)}, nothing nested")
            return SetOf(item)
        if name in self._types:
            return self._common(name, depth)
        scalar = name.removeprefix("__cedar::")
        if scalar not in SCALARS:
            raise SchemaError(f"{name}: parameters may be {', '.join(SCALARS)}, records and sets of these")
        return Scalar(scalar)

    def _common(self, name: str, depth: int) -> Type:
        back = self._at
        self._at = self._types[name]
        found = self._type(depth)
        self._at = back
        return found

    def _record(self, depth: int) -> Record:
        fields: dict[str, Field] = {}
        while not self._take("}"):
            while self._take("@"):
                self._annotation()
            name = _plain(self._next())
            required = not self._take("?")
            self._expect(":")
            fields[name] = Field(self._type(depth + 1), required)
            self._take(",")
        return Record(fields)

    def _entity(self) -> None:
        name = self._next()
        if name not in ENTITY_TYPES:
            raise SchemaError(f"entity {name}: the gate makes {', '.join(ENTITY_TYPES)}, and nothing else exists")
        self._skip_to(";")

    def _names(self) -> tuple[str, ...]:
        if not self._take("["):
            return (self._path(),)
        names = []
        while not self._take("]"):
            names.append(self._path())
            self._take(",")
        return tuple(names)

    def _path(self) -> str:
        """``Person``, ``__cedar::Long`` or ``Action::"change"``, of which the last counts when it is quoted."""
        path = self._next()
        while self._take("::"):
            part = self._next()
            if part.startswith('"'):
                return _plain(part)
            path = f"{path}::{part}"
        return path

    def _annotation(self) -> None:
        self._next()
        if self._take("("):
            self._skip_to(")")

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        if self._tokens[self._at] != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise SchemaError(f"{found} where {token} is expected")

    def _skip_to(self, token: str) -> None:
        while self._next() != token:
            pass


def _plain(token: str) -> str:
    """A name, without its quotes; one that could be taken for something else is refused."""
    name = token[1:-1] if token.startswith('"') else token
    if not _NAMES.fullmatch(name) or name.startswith("__"):
        raise SchemaError(f"{token}: names are made of letters, digits, _ - . and spaces, and do not start with __")
    return name

"""What is wrong with a decision file, said so that its author can mend it: which file, which element, what to do."""

import msgspec


class Place(msgspec.Struct, frozen=True):
    """Where in a file something stands: an element and line of DMN XML, or a sheet and cell of a spreadsheet."""

    file: str = ""
    element: str = ""
    """In words, e.g. ``decision "Approval"`` or ``rule 3``."""
    id: str = ""
    line: int = 0
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        parts = [self.file] if self.file else []
        if self.sheet:
            parts.append(f'sheet "{self.sheet}"')
        if self.cell:
            parts.append(f"cell {self.cell}")
        if self.line:
            parts.append(f"line {self.line}")
        if self.element:
            parts.append(f"{self.element} (id {self.id})" if self.id else self.element)
        return ", ".join(parts)


class DmnError(ValueError):
    """A decision file or a call of it is wrong; the message names file, element and remedy."""

    def __init__(self, message: str, where: Place | None = None, remedy: str = "") -> None:
        self.where = where or Place()
        self.message = message
        self.remedy = remedy
        place = str(self.where)
        text = f"{place}: {message}" if place else message
        super().__init__(f"{text} {remedy}" if remedy else text)


class Problem(msgspec.Struct, frozen=True):
    """Something that went wrong while a decision was evaluated: the value there became null, as the standard says."""

    message: str
    where: Place = Place()

    def __str__(self) -> str:
        place = str(self.where)
        return f"{place}: {self.message}" if place else self.message

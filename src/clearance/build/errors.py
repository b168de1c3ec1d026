"""Mistakes of a process's author, with the Python line on which they were made."""

import os
import sys
from pathlib import Path

_PACKAGE = str(Path(__file__).parent) + os.sep
_STANDARD = frozenset({"contextlib.py"})


class AuthorError(ValueError):
    """The process as written cannot be drawn. The message names the file, the line and the remedy."""

    def __init__(self, problem: str, remedy: str, where: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        self.where = where or author_line()
        super().__init__(f"{self.where}: {problem}. {remedy}.")


def author_line() -> str:
    """``file:line`` of the nearest caller outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and (
        frame.f_code.co_filename.startswith(_PACKAGE) or Path(frame.f_code.co_filename).name in _STANDARD
    ):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"

"""The one error of reading and writing BPMN files."""


class BpmnFileError(ValueError):
    """A file that is not BPMN, is broken, or holds what Clearance cannot run.

    The message names the file, line, element id and name, and the remedy; the parts are attributes for programs.
    (``clearance.model.work.BpmnError`` is something else: the business error that an actor raises.)
    """

    def __init__(
        self,
        problem: str,
        *,
        remedy: str,
        file: str = "",
        line: int = 0,
        kind: str = "",
        identifier: str = "",
        name: str = "",
    ) -> None:
        self.problem = problem
        self.remedy = remedy
        self.file = file
        self.line = line
        self.id = identifier
        self.name = name
        place = ", line ".join([file or "BPMN file", str(line)] if line else [file or "BPMN file"])
        element = " ".join(
            part for part in (kind, f'"{name}"' if name else "", f"({identifier})" if identifier else "") if part
        )
        super().__init__(f"{place}{', ' + element if element else ''}: {problem}. {remedy}")

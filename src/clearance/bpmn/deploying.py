"""Which processes of a file are deployed."""

import msgspec

from clearance.bpmn.elements.global_task import with_global_tasks
from clearance.model.definition import Definitions


def to_deploy(definitions: Definitions) -> Definitions:
    """The executable processes of a file, and its global tasks as processes.

    Pools that only show what others do say ``isExecutable="false"`` and are left out. Where all of them say so, as some
    modellers write unasked, all are meant.
    """
    executable = tuple(process for process in definitions.processes if process.executable)
    if executable and len(executable) < len(definitions.processes):
        definitions = msgspec.structs.replace(definitions, processes=executable)
    return with_global_tasks(definitions)

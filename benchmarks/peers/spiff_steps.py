"""SpiffWorkflow: ten script tasks; the workflow is serialised to SQLite (WAL, synchronous=FULL) after each."""

import io
import itertools
import sqlite3
from pathlib import Path

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks.peers.running import Run, main
from benchmarks.record import FIRST, STEPS, following


def _file() -> bytes:
    tasks = "".join(
        f'<scriptTask id="step-{number}"><script>record = following(record)</script></scriptTask>'
        for number in range(1, STEPS + 1)
    )
    names = ["begin", *(f"step-{number}" for number in range(1, STEPS + 1)), "done"]
    flows = "".join(
        f'<sequenceFlow id="flow-{index}" sourceRef="{before}" targetRef="{after}"/>'
        for index, (before, after) in enumerate(itertools.pairwise(names))
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:ten-steps">'
        '<process id="ten-steps" isExecutable="true"><startEvent id="begin"/>'
        f'{tasks}<endEvent id="done"/>{flows}</process></definitions>'
    ).encode()


def prepare(folder: Path, kind: str) -> Run:
    database = sqlite3.connect(folder / "spiff.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE workflows (id INTEGER PRIMARY KEY, content TEXT NOT NULL)")
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(_file()))
    spec = parser.get_spec("ten-steps")
    engine = PythonScriptEngine(TaskDataEnvironment({"following": following}))
    serializer = BpmnWorkflowSerializer()
    started = 0

    def run(instances: int) -> None:
        nonlocal started
        for _ in range(instances):
            started += 1
            workflow = BpmnWorkflow(spec, script_engine=engine)
            workflow.task_tree.data["record"] = dict(FIRST)
            while not workflow.is_completed():
                task = workflow.get_next_task(state=TaskState.READY)
                task.run()
                if task.task_spec.name.startswith("step-"):
                    content = serializer.serialize_json(workflow)
                    database.execute("INSERT OR REPLACE INTO workflows VALUES (?, ?)", (started, content))
            assert workflow.last_task.data["record"]["number"] == STEPS

    return run


if __name__ == "__main__":
    main(prepare)

"""Decision tables and conditions: Clearance beside SpiffWorkflow and zen-engine, the same table, one run.

    pip install SpiffWorkflow zen-engine      # the peers; without them only ours is measured
    python benchmarks/decisions.py

Each engine gets the table in its own format: ours and zen-engine's with intervals, SpiffWorkflow's with Python
comparisons. All are asked for the same input, and must give the same answer before anything is measured. Rounds of
the engines alternate, so that a busy machine slows all of them; printed are medians of the time per evaluation, and
the ratio to ours.
"""

import importlib
import io
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from clearance import dmn, feel

ROUNDS = 15
ROUND_SECONDS = 0.05
BUDGET_US = {"table of 10 rules": 10.0, "table of 1000 rules": 50.0, "condition": 1.0}
"""The budgets of the design, in microseconds."""
CONDITION = 'amount > 1000 and status = "open"'
Ask = Callable[[], Any]


def rules(count: int) -> list[tuple[int, str, str, str]]:
    """Lower end of the amount's interval, status, country (empty: any), and the rule's output."""
    return [(n * 100, "gold" if n % 2 else "silver", "DE" if n % 3 else "", f"approver {n}") for n in range(count)]


def question(count: int) -> tuple[dict[str, Any], str]:
    """An input that the rule in the middle matches, and its output."""
    low, status, _, output = rules(count)[count // 2]
    return {"amount": low + 50, "status": status, "country": "DE"}, output


def ours(count: int) -> Ask:
    """A CSV file."""
    lines = ["F,inputs,,,outputs", ",amount,status,country,approver", "type,number,string,string,string"]
    lines += [
        f"{low},[{low}..{low + 100}),{status},{country or '-'},{output}"
        for low, status, country, output in rules(count)
    ]
    decisions = dmn.read("\n".join(lines).encode(), name="routing.csv")
    inputs, _ = question(count)
    return lambda: decisions.evaluate("routing", inputs).value


def zen(count: int) -> Ask | None:
    """A JSON decision model."""
    module = _installed("zen")
    if module is None:
        return None
    columns = [
        {"id": name, "name": name, "field": name, "type": "expression"} for name in ("amount", "status", "country")
    ]
    rows = [
        {
            "_id": str(low),
            "amount": f"[{low}..{low + 100})",
            "status": f'"{status}"',
            "country": f'"{country}"' if country else "",
            "approver": f'"{output}"',
        }
        for low, status, country, output in rules(count)
    ]
    output_column = {"id": "approver", "name": "approver", "field": "approver", "type": "expression"}
    table = {"rules": rows, "inputs": columns, "outputs": [output_column], "hitPolicy": "first"}
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", "position": {"x": 0, "y": 0}},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": table, "position": {"x": 0, "y": 0}},
        {"id": "out", "name": "out", "type": "outputNode", "position": {"x": 0, "y": 0}},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    model = json.dumps({"nodes": nodes, "edges": edges})
    decision = module.ZenEngine().create_decision(module.ZenDecisionContent(model))
    inputs, _ = question(count)
    return lambda: decision.evaluate(inputs)["result"]["approver"]


def spiff(count: int) -> Ask | None:
    """DMN XML whose cells are Python."""
    parsing = _installed("SpiffWorkflow.dmn.parser.BpmnDmnParser")
    if parsing is None:
        return None
    etree = importlib.import_module("lxml.etree")
    engine_class = importlib.import_module("SpiffWorkflow.dmn.engine.DMNEngine").DMNEngine
    script_engine = importlib.import_module("SpiffWorkflow.bpmn.script_engine").PythonScriptEngine()
    entry = '<inputEntry id="i"><text>{}</text></inputEntry>'
    output_entry = '<outputEntry id="o"><text>"{}"</text></outputEntry>'
    rows = "".join(
        f'<rule id="r{low}">{entry.format(f"{low} &lt;= ? &lt; {low + 100}")}'
        + entry.format(f'"{status}"')
        + entry.format(f'"{country}"' if country else "")
        + f"{output_entry.format(output)}</rule>"
        for low, status, country, output in rules(count)
    )
    columns = "".join(
        f'<input id="{name}"><inputExpression id="e{name}" typeRef="string"><text>{name}</text>'
        "</inputExpression></input>"
        for name in ("amount", "status", "country")
    )
    text = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
        f'<decision id="routing" name="routing"><decisionTable id="t" hitPolicy="UNIQUE">{columns}'
        f'<output id="o" name="approver" label="approver" typeRef="string"/>{rows}'
        "</decisionTable></decision></definitions>"
    )
    parser = parsing.BpmnDmnParser()
    parser.add_dmn_xml(etree.parse(io.BytesIO(text.encode())).getroot(), filename="routing.dmn")
    (found,) = parser.dmn_parsers.values()
    found.parse()
    engine = engine_class(found.decision.decisionTables[0])
    inputs, _ = question(count)
    task = SimpleNamespace(data=dict(inputs), workflow=SimpleNamespace(script_engine=script_engine))
    return lambda: engine.result(task)["approver"]


def conditions() -> dict[str, Ask | None]:
    """A simple condition, compiled where the engine can."""
    values = {"amount": 2000, "status": "open"}
    expression = feel.compile(CONDITION, names=values)
    found: dict[str, Ask | None] = {"Clearance": lambda: expression.evaluate(values), "zen-engine": None}
    module = _installed("zen")
    if module is not None:
        compiled = module.compile_expression('amount > 1000 and status == "open"')
        found["zen-engine"] = lambda: compiled.evaluate(values)
    scripts = _installed("SpiffWorkflow.bpmn.script_engine")
    if scripts is None:
        found["SpiffWorkflow"] = None
    else:
        engine = scripts.PythonScriptEngine()
        task = SimpleNamespace(data=dict(values))
        found["SpiffWorkflow"] = lambda: engine.environment.evaluate('amount > 1000 and status == "open"', task.data)
    return found


def _installed(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def measure(engines: Mapping[str, Ask | None]) -> dict[str, float]:
    """The median microseconds per evaluation of each engine that is installed."""
    running = {name: ask for name, ask in engines.items() if ask is not None}
    counts = {name: _calibrated(ask) for name, ask in running.items()}
    times: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(ROUNDS):
        for name, ask in running.items():
            start = time.perf_counter()
            for _ in range(counts[name]):
                ask()
            times[name].append((time.perf_counter() - start) / counts[name] * 1e6)
    return {name: statistics.median(found) for name, found in times.items()}


def _calibrated(ask: Ask) -> int:
    start = time.perf_counter()
    ask()
    ask()
    return max(3, int(ROUND_SECONDS / max((time.perf_counter() - start) / 2, 1e-7)))


def main() -> int:
    """Print a line per engine and subject; 1 when a budget is missed."""
    missed = 0
    subjects: dict[str, tuple[dict[str, Ask | None], Any]] = {
        f"table of {count} rules": (
            {"Clearance": ours(count), "zen-engine": zen(count), "SpiffWorkflow": spiff(count)},
            question(count)[1],
        )
        for count in (10, 1000)
    }
    subjects["condition"] = (conditions(), True)
    for subject, (engines, expected) in subjects.items():
        for name, ask in engines.items():
            if ask is not None and ask() != expected:
                raise SystemExit(f"{name} answers {ask()!r} to the {subject}, not {expected!r}")
        medians = measure(engines)
        for name in engines:
            if name in medians:
                ratio = medians[name] / medians["Clearance"]
                print(f"{subject:20} {name:14} {medians[name]:12.2f} µs {ratio:10.1f} × ours")
            else:
                print(f"{subject:20} {name:14} not installed")
        missed += medians["Clearance"] > BUDGET_US[subject]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

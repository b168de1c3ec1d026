"""LangGraph: a graph of ten nodes, SqliteSaver with ``durability="sync"`` (SQLite in WAL mode, synchronous=FULL)."""

import sqlite3
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from benchmarks.peers.running import Run, main
from benchmarks.record import FIRST, STEPS, following


class State(TypedDict):
    record: dict[str, Any]


def work(state: State) -> State:
    return {"record": following(state["record"])}


def prepare(folder: Path, kind: str) -> Run:
    connection = sqlite3.connect(folder / "langgraph.sqlite", check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    graph = StateGraph(State)
    names = [f"step {number}" for number in range(1, STEPS + 1)]
    for name in names:
        graph.add_node(name, work)
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    compiled = graph.compile(checkpointer=SqliteSaver(connection))
    started = 0

    def run(instances: int) -> None:
        nonlocal started
        for _ in range(instances):
            started += 1
            thread = {"configurable": {"thread_id": str(started)}}
            assert compiled.invoke({"record": FIRST}, thread, durability="sync")["record"]["number"] == STEPS

    return run


if __name__ == "__main__":
    main(prepare)

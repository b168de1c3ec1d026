"""A process under test: no server, no threads, no sleep.

    scenario = Scenario()
    scenario.deploy("order.bpmn")
    scenario.worker("charge", lambda job: {"charged": True})
    run = scenario.start("order", {"amount": 12})
    scenario.advance("P1D")
    assert run.path == ["received", "charge", "done"]

The real kernel, engine, gate and ledger run underneath, on a clock that stands still until it is told to move.
Everything that can happen without time passing has happened when a call returns. The ledger is in memory, or in a
database of its own: ``Scenario(store="postgresql://…")``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import msgspec

from clearance import bpmn
from clearance.build import Process as Builder
from clearance.engine.job_requests import Release
from clearance.engine.ports import Gate
from clearance.engine.runtime.dispatcher import backoff_ms, job_of, perform
from clearance.engine.runtime.loop import command_for
from clearance.engine.settings import EngineSettings
from clearance.kernel.shared import times
from clearance.kernel.state import Instance, visible
from clearance.ledger import chain
from clearance.ledger.rows import InstanceRow
from clearance.ledger.store import Store
from clearance.model import commands, events
from clearance.model.clearance import Person, Request, Ruling
from clearance.model.commands import Answer, Command, Refusal
from clearance.model.definition import Definitions, Process
from clearance.model.graph import PROCESS, Graph
from clearance.model.values import Data, to_data
from clearance.model.work import Actor, Completed, Job, Outcome, Waiting
from clearance.stores.blobs import MemoryBlobs
from clearance.testing.fleet import Fleet, stores_at

Worker = Callable[[Job], Mapping[str, Any] | Outcome | None]
START = datetime(2026, 1, 1, tzinfo=UTC)
_ATTEMPTS = 3
_CHANCE = 0.5
"""Where jitter would be drawn: a scenario always has the middle."""
_TURNS_MAX = 100_000
_ANYBODY = Person("tester", ("admin",))


class ScenarioError(AssertionError):
    """The scenario asks for what cannot be; the message says why."""


class PermitAll:
    """A gate that permits everything, for tests that are about something else."""

    def rule(self, request: Request) -> Ruling:
        return Ruling("permit", request.digest(), ("scenario",))


class Task(msgspec.Struct, frozen=True):
    """An open user task."""

    key: int
    instance: int
    element: str
    name: str
    assignee: str
    groups: tuple[str, ...]
    variables: dict[str, Data]
    brief: Data


class Incident(msgspec.Struct, frozen=True):
    key: int
    instance: int
    element: str
    kind: str
    message: str


class Run:
    """One process instance of a scenario."""

    def __init__(self, scenario: "Scenario", key: int) -> None:
        self._scenario = scenario
        self.key = key

    def __repr__(self) -> str:
        return f"Run({self.process}, {self.state}, path={self.path})"

    @property
    def process(self) -> str:
        """The process id."""
        return self._scenario._graph(self.key).process.id

    @property
    def state(self) -> str:
        """active, completed or terminated."""
        return self._scenario._instance(self.key).status

    @property
    def path(self) -> list[str]:
        """Element ids in the order of their completion; a multi-instance activity once for each inner instance."""
        graphs = self._scenario._shard.registry.graph
        graph = self._scenario._graph(self.key)
        entered: dict[int, int] = {}
        bodies: set[int] = set()
        path = []
        for event in self.events:
            if isinstance(event, events.InstanceCreated):
                graph = graphs(event.definition)
            elif isinstance(event, events.InstanceMigrated):
                graph = graphs(event.definition)
                entered = {key: event.nodes.get(node, PROCESS) for key, node in entered.items()}
            elif isinstance(event, events.ElementActivating):
                entered[event.key] = event.node
            elif isinstance(event, events.LoopOpened):
                bodies.add(event.key)
            elif isinstance(event, events.ElementCompleted) and event.key not in bodies:
                node = entered[event.key]
                if node != PROCESS:
                    path.append(graph.nodes[node].id)
        return path

    @property
    def variables(self) -> dict[str, Data]:
        """The variables of the process instance, also after its end."""
        found: dict[str, Data] = {}
        for event in self.events:
            if isinstance(event, events.VariablesSet) and event.scope == self.key:
                found.update((name, value.data) for name, value in event.values.items())
        return found

    @property
    def events(self) -> list[events.Event]:
        """Everything that has happened, from the ledger."""
        history = self._scenario.fleet.of(self.key).store.history(self.key, limit=1_000_000)
        return [event for entry in history for event in chain.read(entry).events]

    @property
    def active(self) -> list[str]:
        """Ids of the elements in which something waits, in the order of their activation."""
        nodes = self._scenario._graph(self.key).nodes
        elements = self._scenario._instance(self.key).elements
        return [nodes[e.node].id for e in elements.values() if e.node != PROCESS]

    @property
    def tasks(self) -> list[Task]:
        """Open user tasks."""
        return [task for task in self._scenario.tasks if task.instance == self.key]

    @property
    def incidents(self) -> list[Incident]:
        """What keeps it from going on."""
        return [incident for incident in self._scenario.incidents if incident.instance == self.key]


class Scenario:
    """A shard in memory with a clock that is told when to move."""

    def __init__(
        self,
        *,
        start: datetime = START,
        gate: Gate | None = None,
        actors: Mapping[str, Actor] | None = None,
        settings: EngineSettings | None = None,
        store: Store | str | None = None,
        restarts: bool = False,
        shards: int = 1,
        stores: Sequence[Store] = (),
    ) -> None:
        """``store``: instead of memory; or the address of a database, postgresql://USER@HOST:PORT/DATABASE, which is
        opened here (or StoreError raised) and closed with the scenario, as ``with`` does.
        ``restarts``: after every command all that is not in the store is forgotten, as after a crash. ``shards``: the
        instances live on so many shards, which is not to be noticed. ``stores``: one for each shard.
        """
        self._opened = stores_at(store, shards) if isinstance(store, str) else []
        self.blobs = MemoryBlobs()
        self._actors: dict[str, Actor] = dict(actors or {})
        if store is not None:
            stores = self._opened if isinstance(store, str) else [store]
        self.fleet = Fleet(max(shards, len(stores)), gate or PermitAll(), self._actors, settings, stores)
        self.fleet.forgets = restarts
        self.fleet.released = self._released
        self.store: Store = self.fleet.stores[0]
        """Of the first shard."""
        self._shard = self.fleet.shards[0]
        self._now = start
        self._waiting: list[Release] = []

    def close(self) -> None:
        """Close what was opened by its address."""
        for store in self._opened:
            store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- what is there -----------------------------------------------------------------------------------------------

    def deploy(self, source: "str | Path | bytes | Process | Definitions | Builder", *, name: str = "") -> list[str]:
        """A process from BPMN (path or content), the builder or the model; or a decision file (.dmn, .xlsx, .csv).

        Returns the ids of the processes; raises ValueError with one message for the author.
        """
        if isinstance(source, str | Path) and Path(source).suffix in (".dmn", ".xlsx", ".csv"):
            self._ask(commands.DeployDecisions(name=Path(source).name, content=Path(source).read_bytes()))
            return []
        if name:
            assert isinstance(source, bytes)
            self._ask(commands.DeployDecisions(name=name, content=source))
            return []
        processes = _processes(source)
        for process in processes:
            self._ask(commands.DeployProcess(process=process, xml=""))
        return [process.id for process in processes]

    def worker(self, job_type: str, work: Worker, *, attempts: int = _ATTEMPTS) -> None:
        """Who does jobs of a type. It returns variables or an Outcome, and may raise BpmnError."""
        self._actors[job_type] = Actor(
            type=job_type, run=_outcome_of(work), retries=attempts - 1, backoff_s=0.0, backoff_max_s=0.0
        )
        self._settle()

    # ---- what happens ------------------------------------------------------------------------------------------------

    def start(self, process: str, variables: Mapping[str, Any] | None = None) -> Run:
        """Start an instance through the none start event."""
        answer = self._ask(commands.StartInstance(process=process, variables=to_data(variables or {})))
        return Run(self, answer.key)

    def publish(
        self,
        name: str,
        key: str = "",
        variables: Mapping[str, Any] | None = None,
        *,
        message_id: str = "",
        time_to_live: str | timedelta = timedelta(0),
    ) -> None:
        """Publish a message; raises ScenarioError when its id has been published already."""
        if isinstance(time_to_live, str):
            time_to_live = self._after(time_to_live) - self._now
        self._ask(
            commands.PublishMessage(
                name=name,
                correlation_key=str(key),
                variables=to_data(variables or {}),
                message_id=message_id,
                time_to_live=round(time_to_live.total_seconds() * 1000),
            )
        )

    def broadcast(self, signal: str, variables: Mapping[str, Any] | None = None) -> None:
        """Broadcast a signal to all that wait for it."""
        self._ask(commands.BroadcastSignal(name=signal, variables=to_data(variables or {})))

    def advance(self, by: str | timedelta | float) -> None:
        """Let time pass: an ISO 8601 duration, a timedelta or seconds. Everything that falls due happens on its
        moment.
        """
        if isinstance(by, str):
            until = self._after(by)
        else:
            until = self._now + (by if isinstance(by, timedelta) else timedelta(seconds=by))
        self._settle()
        while (due := self._next_due()) is not None and due <= _ms(until):
            self._now = max(self._now, datetime.fromtimestamp(due / 1000, UTC))
            self._settle()
        self._now = until
        self._settle()

    def answer(
        self,
        task: Task | str,
        variables: Mapping[str, Any] | None = None,
        *,
        option: str = "",
        comment: str = "",
        by: Person = _ANYBODY,
    ) -> None:
        """Complete an open user task, given itself or by its element's id."""
        found = self._task(task)
        self._ask(
            commands.CompleteTask(
                instance=found.instance,
                task=found.key,
                by=by,
                variables=to_data(variables or {}),
                option=option,
                comment=comment,
                ruling=Ruling("permit", "", ("scenario",)),
            )
        )

    def complete_job(self, job_type: str, variables: Mapping[str, Any] | None = None) -> None:
        """Finish the oldest job of a type that no worker has taken."""
        self.finish_job(job_type, Completed(to_data(variables or {})))

    def finish_job(self, job_type: str, outcome: Outcome) -> None:
        """The oldest job of a type that no worker has taken comes to this outcome."""
        release = next((one for one in self._waiting if one.type == job_type), None)
        if release is None:
            raise ScenarioError(f"no job of type {job_type} is waiting")
        self._waiting.remove(release)
        self._ask(_finish(release, outcome, _ATTEMPTS))

    def resolve(self, incident: Incident, *, attempts: int = 1) -> None:
        """Try again what failed."""
        self._ask(commands.ResolveIncident(instance=incident.instance, incident=incident.key, attempts=attempts))

    def set_variables(self, run: Run, variables: Mapping[str, Any]) -> None:
        """Change variables of a process instance."""
        self._ask(commands.SetVariables(instance=run.key, variables=to_data(variables)))

    def cancel(self, run: Run, reason: str = "") -> None:
        """Terminate an instance."""
        self._ask(commands.CancelInstance(instance=run.key, reason=reason))

    def submit(self, command: Command) -> Answer | Refusal:
        """Any command, as it is; what follows from it has happened when this returns."""
        answer = self._work(command)
        self._settle()
        return answer

    # ---- what is seen ------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def runs(self) -> list[Run]:
        """Every instance, oldest first, those started by messages, signals and timers among them."""
        births = self.fleet.births
        return sorted((Run(self, row.key) for row in self._rows()), key=lambda run: (births.get(run.key, 0), run.key))

    @property
    def tasks(self) -> list[Task]:
        """Open user tasks of all instances, oldest first."""
        return sorted(self._tasks(), key=lambda task: task.key)

    @property
    def incidents(self) -> list[Incident]:
        """Open incidents of all instances, oldest first."""
        found = []
        for instance in self._active():
            nodes = self._graph(instance.key).nodes
            for key, state in instance.incidents.items():
                element = nodes[instance.elements[state.element].node].id
                found.append(Incident(key, instance.key, element, state.kind, state.message))
        return sorted(found, key=lambda incident: incident.key)

    @property
    def jobs(self) -> list[str]:
        """Types of the jobs that no worker has taken."""
        return [release.type for release in self._waiting]

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _after(self, duration: str) -> datetime:
        return datetime.fromtimestamp(times.after(self._now, duration, "duration") / 1000, UTC)

    def _ask(self, command: Command) -> Answer:
        answer = self.submit(command)
        if isinstance(answer, Refusal):
            if answer.kind == "invalid":
                raise ValueError(answer.reason)
            raise ScenarioError(answer.reason)
        return answer

    def _work(self, command: Command) -> Answer | Refusal:
        answer = self.fleet.ask(command, _ms(self._now))
        self.fleet.deliver(_ms(self._now))
        return answer

    def _released(self, releases: list[Release]) -> None:
        self._waiting.extend(releases)

    def _next_due(self) -> int | None:
        return min((due for store in self.fleet.stores if (due := store.next_due()) is not None), default=None)

    def _rows(self) -> Iterator[InstanceRow]:
        for store in self.fleet.stores:
            yield from (row for row in store.instances() if row.key)

    def _settle(self) -> None:
        """Run jobs and due timers until nothing more can happen now."""
        for _ in range(_TURNS_MAX):
            release = next((one for one in self._waiting if one.type in self._actors), None)
            if release is not None:
                self._waiting.remove(release)
                self._perform(release)
                continue
            due = [row for store in self.fleet.stores for row in store.due(_ms(self._now), 1)]
            if not due:
                self._waiting = [one for one in self._waiting if self._still_open(one)]
                return
            self._work(command_for(min(due, key=lambda row: row.due)))
        raise ScenarioError(f"still going on after {_TURNS_MAX} turns: the process, or a worker, runs in circles")

    def _still_open(self, release: Release) -> bool:
        return release.job in self._instance(release.instance).jobs

    def _perform(self, release: Release) -> None:
        if not self._still_open(release):
            return
        actor = self._actors[release.type]
        outcome = perform(actor, job_of(release, self.blobs, "scenario"))
        if not isinstance(outcome, Waiting):
            self._work(_finish(release, outcome, actor.retries + 1, backoff_ms(actor, release.attempt, _CHANCE)))

    def _task(self, task: Task | str) -> Task:
        if isinstance(task, Task):
            return task
        found = [one for one in self.tasks if one.element == task]
        if not found:
            raise ScenarioError(f"no open task at {task}; open: {', '.join(t.element for t in self.tasks) or 'none'}")
        return found[0]

    def _tasks(self) -> Iterator[Task]:
        for instance in self._active():
            nodes = self._graph(instance.key).nodes
            for key, state in instance.tasks.items():
                node = nodes[instance.elements[state.element].node]
                yield Task(
                    key,
                    instance.key,
                    node.id,
                    node.name,
                    state.assignee,
                    state.groups,
                    visible(instance, state.element),
                    state.brief,
                )

    def _active(self) -> Iterator[Instance]:
        for row in self._rows():
            if row.status == "active":
                yield self._instance(row.key)

    def _instance(self, key: int) -> Instance:
        stream = self.fleet.of(key).stream(key)
        if stream is None or stream.instance is None:
            raise ScenarioError(f"there is no instance {key}")
        return stream.instance

    def _graph(self, key: int) -> Graph:
        stream = self.fleet.of(key).stream(key)
        if stream is None or stream.graph is None:
            raise ScenarioError(f"there is no instance {key}")
        return stream.graph


def _processes(source: "str | Path | bytes | Process | Definitions | Builder") -> tuple[Process, ...]:
    if isinstance(source, Process):
        return (source,)
    if isinstance(source, Definitions):
        return bpmn.to_deploy(source).processes
    if isinstance(source, Builder):
        return (source.definition(),)
    return bpmn.to_deploy(bpmn.read(source)).processes


def _outcome_of(work: Worker) -> Callable[[Job], Outcome]:
    def run(job: Job) -> Outcome:
        result = work(job)
        if result is None:
            return Completed({})
        if isinstance(result, Mapping):
            return Completed(to_data(result))
        return result

    return run


def _finish(release: Release, outcome: Outcome, attempts: int, retry_in: int = 0) -> commands.FinishJob:
    return commands.FinishJob(
        instance=release.instance,
        job=release.job,
        attempt=release.attempt,
        outcome=outcome,
        attempts=attempts,
        retry_in=retry_in,
        label=release.label,
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)

"""Those who use the control tower: they start, publish, answer, repair; too often, too late, and not always wisely."""

import random
from collections.abc import Callable, Sequence

from clearance.engine.ports import Gate
from clearance.engine.runtime.intake import Reply
from clearance.model import commands
from clearance.model.clearance import Facts, Person, Request, Ruling
from clearance.model.commands import Answer, Command, Refusal
from clearance.model.definition import Process
from clearance.model.values import Data
from clearance.testing.simulation.observer import Broken, Observer, Open
from clearance.testing.simulation.post import Door
from clearance.testing.simulation.processes import MESSAGES, SIGNALS, START_MESSAGE

_PEOPLE = (
    Person("ann", ("clerk", "chief")),
    Person("bob", ("chief",)),
    Person("eve", ("admin",)),
    Person("sam", ("clerk",)),
)
_VALUES: tuple[Data, ...] = (0, 1, 2, 3, 5, 13, 30, -1, None, True, "text", "", [1], [], {"a": {"b": 1}}, 10**15)

_KEYS = {"keyed": ("1", "2", "3"), START_MESSAGE: ("1", "2", "3", "")}


class Clients:
    """Submit commands, and remember what was acknowledged."""

    def __init__(
        self,
        chance: random.Random,
        observer: Observer,
        gate: Gate,
        processes: Sequence[Process],
        now: Callable[[], int],
    ) -> None:
        self._chance = chance
        self._observer = observer
        self._gate = gate
        self._processes = processes
        self._now = now
        self._latest = 0
        """The latest time that the machine's clock has shown."""
        self._replies: list[tuple[Command, Reply]] = []
        self._sent: list[Command] = []
        self._published: dict[tuple[str, str, str], int] = {}
        """Name, key and id of acknowledged messages, with what the engine calls them."""

    # ---- asking ------------------------------------------------------------------------------------------------------

    def deploy(self, door: Door) -> None:
        """What an application does whenever it starts."""
        first = {process.id: process for process in reversed(self._processes)}
        for process in first.values():
            self._submit(door, commands.DeployProcess(process=process, xml=""))

    def ask(self, door: Door) -> None:
        """One command, of any kind; or one that was sent before."""
        if self._sent and self._chance.random() < 0.1:
            self._submit(door, self._chance.choice(self._sent))
            return
        made = self._chance.choice(_MAKERS)(self)
        if made is not None:
            self._submit(door, made)

    def help(self, door: Door, drain: Callable[[], None], number: int) -> None:
        """Do what people are asked for, and give everything that might be waited for."""
        for instance in sorted(self._observer.instances) if number == 0 else ():
            self._submit(door, commands.ResumeInstance(instance=instance))
            drain()
        for task in list(self._observer.tasks.values()):
            self._submit(door, self._complete(task, {"n": 1}))
            drain()
        for approval in list(self._observer.approvals.values()):
            for person in _PEOPLE[:2]:
                self._submit(door, self._approve(approval, person, approved=True))
                drain()
        for incident in list(self._observer.incidents.values()):
            asked: Command = commands.ResolveIncident(instance=incident.instance, incident=incident.key)
            if number > 5 and incident.text != "job":
                asked = commands.SetVariables(instance=incident.instance, variables={"n": 1, "missing": 1, "r": 1})
            self._submit(door, asked)
            drain()
        for name in (*MESSAGES, "keyed"):
            for key in ("",) if name != "keyed" else ("0", "1", "2", "3", "4"):
                self._submit(door, commands.PublishMessage(name=name, correlation_key=key))
        for name in SIGNALS:
            self._submit(door, commands.BroadcastSignal(name=name))
        drain()
        self.read_answers()

    def read_answers(self) -> None:
        """What was answered counts from now on."""
        self._latest = max(self._latest, self._now())
        waiting = []
        for command, reply in self._replies:
            if reply.done():
                self._answered(command, reply.result())
            else:
                waiting.append((command, reply))
        self._replies = waiting

    def hang_up(self) -> None:
        """The engine is gone; nobody knows what has become of what was asked."""
        self._replies.clear()

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _submit(self, door: Door, command: Command) -> None:
        self._sent.append(command)
        del self._sent[:-50]
        self._replies.append((command, door.submit(command)))

    def _answered(self, command: Command, answer: Answer | Refusal) -> None:
        if isinstance(answer, Refusal):
            if answer.kind == "defect":
                raise Broken(f"{command} led to a defect: {answer.reason}")
            return
        self._observer.check(command, answer)
        if isinstance(command, commands.PublishMessage) and command.message_id:
            self._accepted(command, answer.key)

    def _accepted(self, command: commands.PublishMessage, key: int) -> None:
        known = (command.name, command.correlation_key, command.message_id)
        before = self._published.get(known)
        if before is not None and self._latest < self._observer.remembered[before]:
            raise Broken(f"message {known} was accepted twice")
        self._published[known] = key

    def _some(self, known: dict[int, Open]) -> Open | None:
        """Usually one that is open; now and then one that never was."""
        if not known or self._chance.random() < 0.03:
            return Open(self._chance.choice((0, 1, 2, 10**6)), self._chance.randrange(10**6)) if known else None
        return self._chance.choice(list(known.values()))

    def _variables(self) -> dict[str, Data]:
        names = ("n", "r", "missing", "x")
        return {name: self._chance.choice(_VALUES) for name in names if self._chance.random() < 0.5}

    def _instance(self) -> int:
        return self._chance.choice(sorted(self._observer.instances)) if self._observer.instances else 1

    # ---- commands ----------------------------------------------------------------------------------------------------

    def start(self) -> Command:
        process = self._chance.choice(self._processes).id
        number = self._chance.choice((0, 1, 1, 1, 2, 3, 5))
        return commands.StartInstance(process=process, variables={"n": number, **self._maybe(self._variables)})

    def publish(self) -> Command:
        name = self._chance.choice((*MESSAGES, "keyed", START_MESSAGE, "unheard-of"))
        return commands.PublishMessage(
            name=name,
            correlation_key=self._chance.choice(_KEYS[name]) if name in _KEYS else "",
            message_id=self._chance.choice(("", "", "a", "b", "c")),
            time_to_live=self._chance.choice((0, 0, 60_000, 7_200_000, 10**13)),
            variables={"n": 1, **self._maybe(self._variables)},
        )

    def broadcast(self) -> Command:
        return commands.BroadcastSignal(name=self._chance.choice((*SIGNALS, "s9")), variables=self._variables())

    def complete(self) -> Command | None:
        task = self._some(self._observer.tasks)
        return self._complete(task, self._variables()) if task is not None else None

    def assign(self) -> Command | None:
        task = self._some(self._observer.tasks)
        if task is None:
            return None
        by = self._chance.choice(_PEOPLE)
        assignee = self._chance.choice(("", by.name, "sam"))
        ruling = self._rule(by, "assign", task, {"assignee": assignee})
        return commands.AssignTask(instance=task.instance, task=task.key, assignee=assignee, by=by, ruling=ruling)

    def approve(self) -> Command | None:
        approval = self._some(self._observer.approvals)
        if approval is None:
            return None
        return self._approve(approval, self._chance.choice(_PEOPLE), approved=self._chance.random() < 0.8)

    def resolve(self) -> Command | None:
        incident = self._some(self._observer.incidents)
        if incident is None:
            return None
        attempts = self._chance.choice((1, 1, 3, 0, -1))
        return commands.ResolveIncident(instance=incident.instance, incident=incident.key, attempts=attempts)

    def change(self) -> Command:
        scope = self._chance.choice((0, 0, 0, 7, self._instance() + 1))
        return commands.SetVariables(instance=self._instance(), variables=self._variables(), scope=scope)

    def cancel(self) -> Command | None:
        if self._chance.random() < 0.7:
            return None
        return commands.CancelInstance(instance=self._instance(), reason="because")

    def suspend(self) -> Command:
        kind = self._chance.choice((commands.SuspendInstance, commands.ResumeInstance))
        return kind(instance=self._instance(), reason="because")

    def modify(self) -> Command | None:
        """An operator moves tokens to and fro, often where there are none."""
        if self._chance.random() < 0.5:
            return None
        elements = self._chance.choice(self._processes).elements
        source, target = self._chance.choice(elements).id, self._chance.choice(elements).id
        asked: tuple[dict[str, object], ...] = (
            {"move": (commands.Move(source, target),)},
            {"activate": (commands.Activation(target),)},
            {"terminate": (commands.Termination(element=source),)},
        )
        return commands.ModifyInstance(instance=self._instance(), **self._chance.choice(asked))  # type: ignore[arg-type]

    def migrate(self) -> Command:
        target = self._chance.choice(self._processes).content_hash()
        return commands.MigrateInstance(
            instance=self._instance(), definition=target, dry_run=self._chance.random() < 0.3
        )

    def deploy_another(self) -> Command:
        return commands.DeployProcess(process=self._chance.choice(self._processes), xml="")

    def _maybe(self, made: Callable[[], dict[str, Data]]) -> dict[str, Data]:
        return made() if self._chance.random() < 0.2 else {}

    def _complete(self, task: Open, variables: dict[str, Data]) -> Command:
        by = Person(task.text, ("clerk", "admin")) if task.text else self._chance.choice(_PEOPLE)
        option = self._chance.choice(("", "yes"))
        ruling = self._rule(by, "complete", task, {"option": option})
        return commands.CompleteTask(
            instance=task.instance, task=task.key, by=by, variables=variables, option=option, ruling=ruling
        )

    def _approve(self, approval: Open, by: Person, *, approved: bool) -> Command:
        digest = approval.text if self._chance.random() < 0.95 else "0" * 64
        return commands.GiveApproval(
            instance=approval.instance,
            approval=approval.key,
            by=by,
            approved=approved,
            action_sha256=digest,
            ruling=self._rule(by, "approve", approval, {}),
        )

    def _rule(self, by: Person, action: str, what: Open, parameters: dict[str, Data]) -> Ruling:
        needed = what.ruling.approval.roles if what.ruling is not None and what.ruling.approval else what.groups
        return self._gate.rule(
            Request(
                principal_kind="Person",
                principal=by.name,
                action=action,
                process="p",
                element="somewhere",
                parameters=parameters,
                roles=by.roles,
                needed_roles=needed,
                assignee=what.text if action in ("complete", "assign") else "",
                facts=Facts(),
            )
        )


_MAKERS: tuple[Callable[[Clients], Command | None], ...] = (
    *(Clients.start,) * 4,
    *(Clients.publish,) * 3,
    *(Clients.complete,) * 3,
    *(Clients.approve,) * 2,
    *(Clients.resolve,) * 2,
    Clients.broadcast,
    Clients.assign,
    Clients.change,
    Clients.cancel,
    Clients.suspend,
    Clients.modify,
    Clients.migrate,
    Clients.deploy_another,
)

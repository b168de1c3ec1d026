"""What shards have for one another, driven by hand: every delivery, loss and repetition between any two commits."""

from collections.abc import Callable, Iterator

import pytest

from clearance.bpmn import read
from clearance.engine import routing
from clearance.engine.exchange.parcels import put_aside
from clearance.integrity.verify import verify
from clearance.ledger import numbering
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.testing.fleet import Fleet, Letter
from clearance.testing.scenario import PermitAll
from clearance.testing.tables import differences
from tests.kernel.files import (
    END,
    START,
    boundary,
    bpmn,
    event,
    message,
    service,
    signal,
    timer,
)

NOW = 1_767_225_600_000
_CATCH = event("intermediateCatchEvent", "paid", message("paid"))
ORDER = bpmn(
    START + _CATCH + service("ship") + END, "s -> paid\npaid -> ship\nship -> e", identifier="order", keys={"paid": "o"}
)


class World:
    """A fleet with its clock, and what can be seen of it."""

    def __init__(self, count: int = 3, *files: bytes) -> None:
        self.fleet = Fleet(count, PermitAll(), {})
        self.now = NOW
        for file in files:
            for process in read(file).processes:
                assert isinstance(self.ask(commands.DeployProcess(process=process, xml="")), Answer)

    def ask(self, command: commands.Command, *, deliver: bool = True) -> Answer | Refusal:
        answer = self.fleet.ask(command, self.now)
        if deliver:
            self.fleet.deliver(self.now)
        return answer

    def start(self, process: str, shard: int, **variables: object) -> int:
        """An instance that lives on a certain shard."""
        answer = self.fleet.step(shard, commands.StartInstance(process=process, variables=variables), self.now)
        assert isinstance(answer, Answer), answer
        self.fleet.deliver(self.now)
        return answer.key

    def publish(self, key: str, *, deliver: bool = True, **more: object) -> Answer | Refusal:
        command = commands.PublishMessage(name="paid", correlation_key=key, **more)  # type: ignore[arg-type]
        return self.ask(command, deliver=deliver)

    def active(self, instance: int) -> list[str]:
        stream = self.fleet.of(instance).stream(instance)
        assert stream is not None
        assert stream.instance is not None
        assert stream.graph is not None
        nodes = stream.graph.nodes
        return sorted(nodes[one.node].id for one in stream.instance.elements.values() if one.node)

    def instances(self, process: str) -> list[int]:
        rows = [row for store in self.fleet.stores for row in store.instances() if row.key]
        return sorted((row.key for row in rows if row.process == process), key=lambda key: self.fleet.births[key])

    def waits_at_home(self, key: str) -> list[int]:
        home = self.fleet.stores[routing.home(key, len(self.fleet.stores))]
        return [row.instance for row in home.subscriptions("message", "paid", key)]


def throw(name: str, key: str) -> str:
    """A throw event that sends a message under a key (FEEL)."""
    sends = f'<extensionElements><zeebe:publishMessage correlationKey="={key}"/></extensionElements>'
    return event("intermediateThrowEvent", "tell", sends + message(name))


def key_of(home: int, shards: int = 3) -> str:
    """A correlation key whose home is there."""
    return next(f"key {number}" for number in range(999) if routing.home(f"key {number}", shards) == home)


@pytest.fixture
def world() -> Iterator[Callable[..., World]]:
    """Makes worlds; when all has arrived, each ledger verifies and nothing is left over between the shards."""
    made: list[World] = []

    def make(*files: bytes, count: int = 3) -> World:
        made.append(World(count, *files))
        return made[-1]

    yield make
    for one in made:
        _is_sound(one)
        one.fleet.send_again(one.now)
        one.fleet.deliver(one.now)
        _is_sound(one)
        for store in one.fleet.stores:
            assert all(not store.parcels(link.shard) for link in store.links())
            assert all(not row.offered for row in store.kept_messages())
        _homes_know_who_waits(one)


def _is_sound(world: World) -> None:
    for shard in world.fleet.shards:
        found = verify(shard.store, shard.registry)
        assert found.ok, found.problems
        assert differences(shard.store) == [], "the tables cannot be made anew from the entries"


def _homes_know_who_waits(world: World) -> None:
    known, waiting = set(), set()
    for number, store in enumerate(world.fleet.stores):
        for row in store.waiting():
            if row.kind == "message" and row.instance:
                away = numbering.shard_of(row.instance) != number
                (known if away else waiting).add((row.key, row.instance, row.process, row.name, row.correlation_key))
    at_home = {row for row in waiting if routing.home(row[4], len(world.fleet.stores)) == numbering.shard_of(row[1])}
    assert known == waiting - at_home


def test_a_message_reaches_an_instance_on_another_shard_once(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(0)
    there = it.start("order", 2, o=key)
    assert it.waits_at_home(key) == [there]
    assert isinstance(it.publish(key, variables={"amount": 7}), Answer)
    assert it.active(there) == ["ship"]
    assert it.waits_at_home(key) == []
    it.publish(key)
    assert it.active(there) == ["ship"]


def test_a_message_that_came_before_waits_at_its_home(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(1)
    it.publish(key, time_to_live=60_000)
    there = it.start("order", 2, o=key)
    assert it.active(there) == ["ship"]


def test_a_message_whose_time_is_over_reaches_nobody_on_any_shard(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(1)
    it.publish(key, time_to_live=60_000)
    it.now += 60_000
    there = it.start("order", 2, o=key)
    assert it.active(there) == ["paid"]


def test_of_several_who_wait_the_first_to_come_is_the_first_to_go_wherever_it_lives(
    world: Callable[..., World],
) -> None:
    it = world(ORDER)
    key = key_of(1)
    order = [it.start("order", shard, o=key) for shard in (2, 0, 1, 2, 0)]
    for number in range(1, len(order) + 1):
        it.publish(key)
        assert [it.active(one) for one in order] == [["ship"]] * number + [["paid"]] * (len(order) - number)


def test_the_same_id_twice_reaches_one(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(0)
    waiting = [it.start("order", shard, o=key) for shard in (1, 2)]
    assert isinstance(it.publish(key, message_id="m", deliver=False), Answer)
    refused = it.publish(key, message_id="m")
    assert isinstance(refused, Refusal)
    assert refused.kind == "conflict"
    assert [it.active(one) for one in waiting] == [["ship"], ["paid"]]


def test_a_message_on_its_way_to_one_who_has_gone_goes_to_the_next(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(0)
    gone, there = it.start("order", 1, o=key), it.start("order", 2, o=key)
    it.publish(key, deliver=False)
    it.ask(commands.CancelInstance(instance=gone))
    assert it.active(there) == ["ship"]


def test_a_message_on_its_way_to_one_who_has_gone_is_kept_for_its_time(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(0)
    gone = it.start("order", 1, o=key)
    it.publish(key, deliver=False, time_to_live=60_000)
    it.ask(commands.CancelInstance(instance=gone))
    assert it.waits_at_home(key) == []
    later = it.start("order", 2, o=key)
    assert it.active(later) == ["ship"]


def test_a_message_without_time_to_live_that_is_declined_is_forgotten(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(0)
    gone = it.start("order", 1, o=key)
    it.publish(key, deliver=False)
    it.ask(commands.CancelInstance(instance=gone))
    assert list(it.fleet.stores[0].kept_messages()) == []
    later = it.start("order", 2, o=key)
    assert it.active(later) == ["paid"]


def test_a_message_is_not_forgotten_while_it_is_on_its_way(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(0)
    gone, there = it.start("order", 1, o=key), it.start("order", 2, o=key)
    it.publish(key, deliver=False)
    it.now += 3_600_000
    it.fleet.step(0, commands.ExpireMessages(), it.now)
    it.ask(commands.CancelInstance(instance=gone))
    assert it.active(there) == ["ship"]


def test_a_message_reaches_one_instance_of_each_process(world: Callable[..., World]) -> None:
    bill = bpmn(START + _CATCH + END, "s -> paid\npaid -> e", identifier="bill", keys={"paid": "o"})
    it = world(ORDER, bill)
    key = key_of(0)
    orders = [it.start("order", shard, o=key) for shard in (1, 2)]
    bills = [it.start("bill", shard, o=key) for shard in (1, 2)]
    it.publish(key)
    assert [it.active(one) for one in orders] == [["ship"], ["paid"]]
    assert [it.active(one) for one in bills] == [[], ["paid"]]


def test_who_waits_without_being_interrupted_gets_every_message(world: Callable[..., World]) -> None:
    told = boundary("told", "work", message("paid"), interrupting=False)
    file = bpmn(
        START + service("work") + told + service("note") + END,
        "s -> work\nwork -> e\ntold -> note",
        identifier="long",
        keys={"paid": "o"},
    )
    it = world(file)
    key = key_of(0)
    there = it.start("long", 2, o=key)
    for _ in range(3):
        it.publish(key, deliver=False)
    it.fleet.deliver(it.now)
    assert it.active(there) == ["note", "note", "note", "work"]


def test_whoever_comes_back_to_wait_gets_what_was_on_its_way(world: Callable[..., World]) -> None:
    """The second message is offered while the first is being taken; the instance waits anew right after it."""
    file = bpmn(
        START + _CATCH + event("exclusiveGateway", "again") + END,
        "s -> paid\npaid -> again\nagain -> paid when n < 3\nagain -> e when n >= 3",
        identifier="round",
        keys={"paid": "o"},
    )
    it = world(file)
    key = key_of(0)
    there = it.start("round", 1, o=key, n=0)
    for number in (1, 2, 3):
        it.publish(key, deliver=False, variables={"n": number}, time_to_live=60_000)
    it.fleet.deliver(it.now)
    assert it.fleet.stores[1].instance(there).status == "completed"  # type: ignore[union-attr]


def test_who_has_been_migrated_waits_as_what_it_is_now(world: Callable[..., World]) -> None:
    later = bpmn(
        START + _CATCH + service("pack") + END,
        "s -> paid\npaid -> pack\npack -> e",
        identifier="delivery",
        keys={"paid": "o"},
    )
    it = world(ORDER, later)
    key = key_of(0)
    there, other = it.start("order", 1, o=key), it.start("delivery", 2, o=key)
    target = read(later).processes[0].content_hash()
    assert isinstance(it.ask(commands.MigrateInstance(instance=there, definition=target)), Answer)
    it.publish(key)
    assert [it.active(there), it.active(other)] == [["pack"], ["paid"]], "one of a process, the first that came"


def test_a_suspended_instance_takes_the_message_and_acts_on_it_later(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(0)
    there = it.start("order", 1, o=key)
    it.ask(commands.SuspendInstance(instance=there))
    it.publish(key)
    assert it.active(there) == ["paid"]
    it.ask(commands.ResumeInstance(instance=there))
    assert it.active(there) == ["ship"]


def test_a_timer_that_ends_the_wait_ends_it_at_home_too(world: Callable[..., World]) -> None:
    file = bpmn(
        START
        + event("receiveTask", "wait", attributes='messageRef="paid"')
        + boundary("late", "wait", timer("PT1H"))
        + END,
        "s -> wait\nwait -> e\nlate -> e",
        identifier="brief",
        keys={"paid": "o"},
    )
    it = world(file)
    key = key_of(0)
    there = it.start("brief", 2, o=key)
    assert it.waits_at_home(key) == [there]
    it.now += 3_600_000
    (due,) = it.fleet.stores[2].due(it.now, 9)
    it.ask(commands.FireTimer(instance=there, timer=due.key))
    assert it.waits_at_home(key) == []


def test_a_thrown_message_goes_home_and_on_to_who_waits(world: Callable[..., World]) -> None:
    pay = bpmn(START + throw("paid", "o") + END, "s -> tell\ntell -> e", identifier="pay")
    it = world(ORDER, pay)
    key = key_of(0)
    there = it.start("order", 1, o=key)
    it.start("pay", 2, o=key)
    assert it.active(there) == ["ship"]


def test_instances_that_talk_in_circles_are_stopped_although_they_live_on_different_shards(
    world: Callable[..., World],
) -> None:
    def echo(name: str, heard: str, said: str, key: str) -> bytes:
        started = event("startEvent", "s", message(heard))
        return bpmn(started + throw(said, f"&quot;{key}&quot;") + END, "s -> tell\ntell -> e", identifier=name)

    here, there = key_of(1), key_of(2)
    it = world(echo("one", "ping", "pong", there), echo("other", "pong", "ping", here))
    it.ask(commands.PublishMessage(name="ping", correlation_key=here))
    started = len(it.instances("one")) + len(it.instances("other"))
    assert 50 < started < 150


def test_a_message_starts_one_instance_at_its_home_and_the_next_when_that_has_ended(
    world: Callable[..., World],
) -> None:
    file = bpmn(event("startEvent", "s", message("paid")) + service("ship") + END, "s -> ship\nship -> e")
    it = world(file)
    key = key_of(2)
    for _ in range(3):
        it.publish(key, time_to_live=60_000)
    (first,) = it.instances("p")
    assert numbering.shard_of(first) == 2
    it.ask(commands.CancelInstance(instance=first))
    assert len(it.instances("p")) == 2


_BEGINS = bpmn(event("startEvent", "s", message("paid")) + service("ship") + END, "s -> ship\nship -> e")


def test_what_messages_without_a_key_start_is_spread_over_all_shards(world: Callable[..., World]) -> None:
    it = world(_BEGINS)
    keys = [it.publish("", message_id=str(number)) for number in range(30)]
    assert all(isinstance(answer, Answer) for answer in keys)
    assert isinstance(it.publish("", message_id="7"), Refusal)
    shards = [numbering.shard_of(key) for key in it.instances("p")]
    assert len(shards) == 30
    assert all(shards.count(shard) >= 5 for shard in range(3))


def test_a_message_on_its_way_to_begin_something_is_not_lost_and_begins_once(world: Callable[..., World]) -> None:
    it = world(_BEGINS)
    for _ in range(6):
        it.publish("", deliver=False)
    it.fleet.lose(it.now)
    sent = list(it.fleet.mail)
    it.fleet.deliver(it.now)
    for letter in sent:
        it.fleet.step(letter.target, letter.command, it.now)
    it.fleet.deliver(it.now)
    assert len(it.instances("p")) == 6


def test_a_newer_version_that_comes_after_the_message_does_not_begin_with_it(world: Callable[..., World]) -> None:
    later = bpmn(event("startEvent", "s", message("paid")) + service("pack") + END, "s -> pack\npack -> e")
    it = world(_BEGINS)
    for _ in range(6):
        it.publish("", deliver=False)
    it.ask(commands.DeployProcess(process=read(later).processes[0], xml=""))
    assert [it.active(key) for key in it.instances("p")] == [["ship"]] * 6


def test_a_message_that_cannot_begin_what_it_should_is_not_sent_round_and_round(world: Callable[..., World]) -> None:
    it = world(_BEGINS)
    for _ in range(6):
        it.publish("", deliver=False)
    elsewhere = [one for one in it.fleet.mail if isinstance(one.command, commands.TakeParcel)]
    assert elsewhere
    it.fleet.mail.clear()
    for letter in elsewhere:
        aside = put_aside(letter.command, ZeroDivisionError("a defect"))
        assert aside is not None
        it.fleet.step(letter.target, aside, it.now)
    it.fleet.deliver(it.now)
    assert len(it.instances("p")) == 6 - len(elsewhere)
    assert len(list(it.fleet.stores[0].subscriptions("start-message", "paid", None))) == 1, "it waits on for others"
    assert all(not list(store.kept_messages()) for store in it.fleet.stores)


def test_a_signal_reaches_all_on_every_shard_and_starts_a_process_once(world: Callable[..., World]) -> None:
    waits = bpmn(
        START + event("intermediateCatchEvent", "bell", signal("bell")) + service("go") + END,
        "s -> bell\nbell -> go\ngo -> e",
        identifier="waits",
    )
    starts = bpmn(event("startEvent", "s", signal("bell")) + service("work") + END, "s -> work\nwork -> e")
    it = world(waits, starts)
    waiting = [it.start("waits", shard) for shard in (0, 1, 2, 0, 1, 2)]
    it.ask(commands.BroadcastSignal(name="bell"))
    assert [it.active(one) for one in waiting] == [["go"]] * 6
    assert len(it.instances("p")) == 1


def test_what_starts_by_the_clock_starts_once(world: Callable[..., World]) -> None:
    it = world(bpmn(event("startEvent", "s", timer("R/PT1H", "timeCycle")) + END, "s -> e"))
    assert [len(list(store.timers())) for store in it.fleet.stores] == [1, 0, 0]


def test_a_called_instance_lives_with_its_caller(world: Callable[..., World]) -> None:
    called = bpmn(START + service("work") + END, "s -> work\nwork -> e", identifier="called")
    calls = bpmn(
        START
        + event(
            "callActivity",
            "call",
            '<extensionElements><zeebe:calledElement processId="called"/></extensionElements>',
        )
        + END,
        "s -> call\ncall -> e",
        identifier="calls",
    )
    it = world(called, calls)
    for shard in (0, 1, 2):
        it.start("calls", shard)
    assert sorted(numbering.shard_of(key) for key in it.instances("called")) == [0, 1, 2]


def test_a_newer_version_replaces_the_start_events_of_the_older_on_every_shard(world: Callable[..., World]) -> None:
    one = bpmn(event("startEvent", "s", message("paid")) + service("one") + END, "s -> one\none -> e")
    two = bpmn(event("startEvent", "s", message("paid")) + service("two") + END, "s -> two\ntwo -> e")
    it = world(one, two, one)
    for home in (0, 1, 2):
        it.publish(key_of(home))
    assert [it.active(key) for key in it.instances("p")] == [["one"]] * 3
    assert [[row.version for row in store.definitions()] for store in it.fleet.stores] == [[1, 2, 3]] * 3


def test_decisions_are_the_same_on_every_shard(world: Callable[..., World]) -> None:
    it = world()
    table = b"rate,unique,U\nn,rate\nnumber,number\n1,10\n2,20\n"
    answer = it.ask(commands.DeployDecisions(name="rates.csv", content=table))
    files = [list(store.decisions()) for store in it.fleet.stores]
    assert files[0] == files[1] == files[2]
    assert isinstance(answer, Answer) == bool(files[0])


# ---- what may go wrong on the way ------------------------------------------------------------------------------------


def test_a_parcel_that_comes_twice_is_carried_out_once_and_one_that_comes_early_waits_for_its_turn(
    world: Callable[..., World],
) -> None:
    it = world(ORDER)
    key = key_of(0)
    there = [it.start("order", 1, o=key) for _ in range(2)]
    it.publish(key, deliver=False)
    it.publish(key, deliver=False)
    first, second = [letter for letter in it.fleet.mail if isinstance(letter.command, commands.TakeParcel)]
    early = it.fleet.step(1, second.command, it.now)
    assert isinstance(early, Refusal)
    assert early.kind == "conflict"
    for letter in (first, first, second, first, second):
        assert isinstance(it.fleet.step(1, letter.command, it.now), Answer)
    assert [it.active(one) for one in there] == [["ship"], ["paid"]]
    it.fleet.deliver(it.now)
    assert [it.active(one) for one in there] == [["ship"], ["ship"]], "the second is declined, and goes to the other"


def test_a_stranger_is_refused(world: Callable[..., World]) -> None:
    it = world()
    for shard in (0, 7):
        refused = it.fleet.step(0, commands.TakeParcel(shard=shard, sequence=1, depth=0, content=b"{}"), it.now)
        assert isinstance(refused, Refusal)


def test_what_cannot_be_carried_out_is_put_on_record_and_what_follows_goes_on(world: Callable[..., World]) -> None:
    it = world(ORDER)
    key = key_of(0)
    there = it.start("order", 1, o=key)
    other = it.start("order", 2, o=key)
    it.publish(key, deliver=False)
    (letter,) = [one for one in it.fleet.mail if isinstance(one.command, commands.TakeParcel)]
    aside = put_aside(letter.command, ZeroDivisionError("a defect"))
    assert isinstance(aside, commands.TakeParcel)
    assert put_aside(aside, ZeroDivisionError("again")) is None
    it.fleet.mail.clear()
    assert isinstance(it.fleet.step(1, aside, it.now), Answer)
    it.fleet.deliver(it.now)
    assert (it.active(there), it.active(other)) == (["paid"], ["ship"]), "the message went to the next"
    assert b"a defect" in b"".join(entry.content for entry in it.fleet.stores[1].entries())
    it.publish(key)
    assert it.active(there) == ["ship"], "it waits on for others"


def test_a_parcel_that_nobody_can_read_is_put_on_record(world: Callable[..., World]) -> None:
    it = world(ORDER)
    unknown = commands.TakeParcel(shard=0, sequence=2, depth=0, content=b'{"parcel":"of-a-later-release"}')
    with pytest.raises(ValueError, match="of-a-later-release"):
        it.fleet.shards[1].work(unknown, it.now)
    it.fleet.shards[1].reset()
    aside = put_aside(unknown, ValueError("what is this"))
    assert isinstance(aside, commands.TakeParcel)
    assert isinstance(it.fleet.step(1, aside, it.now), Answer)
    it.fleet.mail.clear()
    it.fleet.shards.clear()
    it.fleet.stores.clear()


def test_more_than_fits_on_the_way_at_once_waits_and_arrives_in_order(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clearance.engine.state.neighbours.WINDOW", 2)
    it = world(ORDER)
    key = key_of(0)
    for _ in range(7):
        answer = it.fleet.step(1, commands.StartInstance(process="order", variables={"o": key}), it.now)
        assert isinstance(answer, Answer)
    under_way = [one for one in it.fleet.mail if isinstance(one.command, commands.TakeParcel)]
    assert len(under_way) == 2
    it.fleet.deliver(it.now)
    assert it.waits_at_home(key) == it.instances("order")


def _everything(it: World) -> Iterator[Letter]:
    """A history in which every kind of parcel is sent; yields between any two commits."""
    key = key_of(0)

    def step(shard: int, command: commands.Command) -> Answer | Refusal:
        return it.fleet.step(shard, command, it.now)

    gone = step(1, commands.StartInstance(process="order", variables={"o": key}))
    yield from _deliveries(it)
    step(2, commands.StartInstance(process="order", variables={"o": key}))
    yield from _deliveries(it)
    step(0, commands.PublishMessage(name="paid", correlation_key=key, time_to_live=60_000))
    assert isinstance(gone, Answer)
    step(1, commands.CancelInstance(instance=gone.key))
    yield from _deliveries(it)
    step(0, commands.PublishMessage(name="paid", correlation_key=key, time_to_live=60_000))
    step(1, commands.BroadcastSignal(name="bell"))
    yield from _deliveries(it)
    step(2, commands.StartInstance(process="order", variables={"o": key}))
    yield from _deliveries(it)


def _deliveries(it: World) -> Iterator[Letter]:
    while it.fleet.mail:
        letter = it.fleet.mail.pop(0)
        it.fleet.step(letter.target, letter.command, it.now)
        yield letter


def _standing(it: World) -> list[list[str]]:
    ended = [key for key in it.instances("order") if it.fleet.of(key).stream(key) is None]
    assert not ended
    return [it.active(key) for key in it.instances("order")]


def test_a_crash_between_any_two_commits_changes_nothing_in_the_end(world: Callable[..., World]) -> None:
    bell = bpmn(event("startEvent", "s", signal("bell")) + service("work") + END, "s -> work\nwork -> e")
    whole = world(ORDER, bell)
    commits = sum(1 for _ in _everything(whole))
    assert commits > 20
    wanted = _standing(whole)
    assert wanted == [[], ["ship"], ["ship"]]
    for crash in range(commits):
        it = world(ORDER, bell)
        for number, _ in enumerate(_everything(it)):
            if number == crash:
                it.fleet.lose(it.now)
        assert _standing(it) == wanted, f"after a crash at commit {crash}"
        assert len(it.instances("p")) == 1


def test_every_parcel_twice_changes_nothing(world: Callable[..., World]) -> None:
    it = world(ORDER)
    for letter in _everything(it):
        it.fleet.step(letter.target, letter.command, it.now)
    assert _standing(it) == [[], ["ship"], ["ship"]]


# ---- verification ----------------------------------------------------------------------------------------------------


def test_a_parcel_a_guest_or_an_offer_that_is_lost_is_found() -> None:
    it = World(3, ORDER)
    key = key_of(0)
    it.start("order", 1, o=key)
    it.publish(key, deliver=False)
    store, registry = it.fleet.stores[0], it.fleet.shards[0].registry
    assert verify(store, registry).ok
    store._parcels.clear()  # type: ignore[attr-defined]
    assert "parcel" in verify(store, registry).problems[0].message
    it = World(3, ORDER)
    it.start("order", 1, o=key)
    store, registry = it.fleet.stores[0], it.fleet.shards[0].registry
    store._subscriptions.clear()  # type: ignore[attr-defined]
    assert "of another shard is not in the index" in verify(store, registry).problems[0].message
    it = World(3, ORDER)
    it.start("order", 1, o=key)
    store, registry = it.fleet.stores[0], it.fleet.shards[0].registry
    store._links.clear()  # type: ignore[attr-defined]
    assert "how far the exchange" in verify(store, registry).problems[0].message

"""Everything that can be waited for and thrown can be said, and what makes no sense is refused."""

import pytest

from clearance.build import AuthorError, Process, events
from clearance.model import definition as model


def element(process, identifier):
    return next(element for element, _ in model.walk(process) if element.id == identifier)


@pytest.mark.parametrize(
    ("occasion", "expected"),
    [
        ({"message": "order", "key": "n"}, model.MessageDefinition(name="order", correlation_key="= n")),
        ({"after": "P1D", "calendar": "office"}, model.TimerDefinition(duration="P1D", calendar="office")),
        ({"at": "2026-01-01T00:00:00Z"}, model.TimerDefinition(date="2026-01-01T00:00:00Z")),
        ({"every": "R/P1D"}, model.TimerDefinition(cycle="R/P1D")),
        ({"signal": "fire"}, model.SignalDefinition(name="fire")),
        (
            {"when": "stock < 5", "changes": ["stock"]},
            model.ConditionalDefinition(condition="= stock < 5", variable_names=("stock",)),
        ),
        (
            {"on": events.condition("a", kinds=["update"])},
            model.ConditionalDefinition(condition="= a", variable_events=("update",)),
        ),
        (
            {"on": events.all_of(events.signal("a"), events.after("PT1H"))},
            model.MultipleDefinition(
                definitions=(model.SignalDefinition(name="a"), model.TimerDefinition(duration="PT1H")), parallel=True
            ),
        ),
    ],
)
def test_the_same_words_wait_start_and_react(occasion, expected):
    p = Process("Words")
    p.calendar("office")
    p.starts("Start", **occasion)
    p.waits("Wait", **occasion)
    with p.first_of("First") as first:
        with first.event("This", **occasion):
            pass
        with first.after("P1D"):
            pass
    with p.whenever("Meanwhile", **occasion):
        p.by_hand("React")
    process = p.definition()
    assert [element(process, name).definition for name in ("start", "wait", "this", "meanwhile-start")] == [
        expected
    ] * 4


def test_a_group_may_react_to_errors_and_escalations_and_undo_itself():
    p = Process("Reactions")
    with p.group("Work"):
        with p.whenever("It fails", error="E1"):
            p.by_hand("Mend")
        with p.whenever("Somebody worries", escalation="", interrupting=False):
            p.by_hand("Calm")
        with p.whenever("It is undone", undo=True):
            p.by_hand("Clean up")
        p.task("Do it")
    process = p.definition()
    starts = [element(process, f"{name}-start") for name in ("it-fails", "somebody-worries", "it-is-undone")]
    assert [start.definition for start in starts] == [
        model.ErrorDefinition(code="E1"),
        model.EscalationDefinition(),
        model.CompensateDefinition(),
    ]
    assert [start.interrupting for start in starts] == [True, False, True]
    assert element(process, "work-start") is not None


def test_every_kind_of_event_stands_on_the_border_of_a_step():
    p = Process("Border")
    with p.group("Work") as work:
        p.task("Do it")
    several = events.any_of(events.message("stop", "n"), events.signal("stop"))
    with work.on(several, name="Several"):
        p.ends("Stopped")
    with work.when("heat > 80", changes=["heat"], name="Too hot", interrupting=False):
        p.by_hand("Open the window")
    with work.at("= deadline", name="Deadline"):
        pass
    with work.on_message("news", key="n", name="News", interrupting=False):
        pass
    process = p.definition()
    border = {event.name: event for event in process.elements if isinstance(event, model.BoundaryEvent)}
    assert border["Several"].definition == several
    assert border["Too hot"].definition == model.ConditionalDefinition(
        condition="= heat > 80", variable_names=("heat",)
    )
    assert [event.interrupting for event in border.values()] == [True, False, True, False]


def test_events_are_thrown_on_the_way_and_at_the_end():
    p = Process("Thrown")
    p.throws("Two", events.signal("a"), events.escalation("b"))
    p.tells("Message", message="m", key="n", lasts="P1D", message_id="= id")
    p.tells("Mail", message="m", does="mail", inputs={"text": "words"})
    p.reaches("Half way")
    p.ends("Over", throws=events.signal("over"))
    process = p.definition()
    two, message, mail, half, over = process.elements[1:]
    assert two.definition == events.any_of(model.SignalDefinition(name="a"), model.EscalationDefinition(code="b"))
    assert message.definition == model.MessageDefinition(
        name="m", correlation_key="= n", time_to_live="P1D", message_id="= id"
    )
    assert mail.definition == model.MessageDefinition(name="m", job=model.JobDefinition(type="mail"))
    assert mail.inputs == (model.Mapping(source="= words", target="text"),)
    assert (half.definition, over.definition) == (None, model.SignalDefinition(name="over"))


def test_undoing_waits_or_not_ends_a_path_or_not_and_reaches_out_of_a_reaction():
    p = Process("Undo")
    with p.whenever("Called off", message="off", key="n"):
        p.ends_undoing("Book it")
    p.service("Book it", does="book").undone_by("Cancel it", does="cancel")
    p.undo("Book it", wait=False)
    p.ends_undoing()
    process = p.definition()
    definitions = [
        part.definition
        for part, _ in model.walk(process)
        if isinstance(getattr(part, "definition", None), model.CompensateDefinition)
    ]
    assert definitions == [
        model.CompensateDefinition(activity="book-it"),
        model.CompensateDefinition(),
        model.CompensateDefinition(activity="book-it", wait_for_completion=False),
        model.CompensateDefinition(),
    ]


def _two_at_once(p):
    p.waits("Wait", signal="a", after="P1D")


def _key_alone(p):
    p.starts("Start", key="a")


def _no_duration(p):
    p.waits("Wait", after="tomorrow")


def _calendar_unknown(p):
    p.waits("Wait", after="P1D", calendar="office")


def _error_at_the_start(p):
    p.starts("Start", error="E")


def _wait_for_an_error(p):
    p.waits("Wait", error="E")


def _one_of_one(p):
    p.waits("Wait", on=events.any_of(events.signal("a")))


def _several_of_several(p):
    two = events.any_of(events.signal("a"), events.signal("b"))
    p.waits("Wait", on=events.any_of(two, events.signal("c")))


def _undone_process(p):
    with p.whenever("Undo", undo=True):
        p.task("Nothing")


def _throws_nothing(p):
    p.throws("Nothing")


def _sends_nothing(p):
    p.sends("Nothing")


def _receives_anything(p):
    p.receives("Anything", message="m")


def _changes_of_what(p):
    p.waits("Wait", on=events.condition("a", kinds=["delete"]))


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (_two_at_once, "an event waits for several things"),
        (_key_alone, "there is a key but no message"),
        (_no_duration, '"tomorrow" is not a duration'),
        (_calendar_unknown, 'there is no calendar "office"'),
        (_error_at_the_start, '"Start" starts on what happens inside a process'),
        (_wait_for_an_error, "nothing waits for an error on its way"),
        (_one_of_one, "one event is not several"),
        (_several_of_several, "several events hold several events"),
        (_undone_process, '"Undo" undoes a process'),
        (_throws_nothing, '"Nothing" throws nothing'),
        (_sends_nothing, '"Nothing" sends nothing'),
        (_receives_anything, '"Anything" waits for a message without a key'),
        (_changes_of_what, "are no kinds of changes"),
    ],
)
def test_a_mistake_is_named_with_its_line(mistake, message):
    def write():
        p = Process("Mistake")
        mistake(p)
        p.definition()

    with pytest.raises(AuthorError) as caught:
        write()
    assert message in str(caught.value)
    line = int(str(caught.value).partition(".py:")[2].partition(":")[0])
    assert 0 < line - mistake.__code__.co_firstlineno <= 3

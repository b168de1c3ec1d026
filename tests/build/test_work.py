"""Calls, versions, jobs and loops of steps; data, conversations and calendars of the process."""

import pytest

from clearance.build import AuthorError, Form, Process, as_long_as, each, events, until
from clearance.model import definition as model


def test_a_call_gives_and_takes_everything_or_what_is_said():
    p = Process("Calls")
    other = Process("Other")
    p.calls("All", process=other)
    p.calls("Some", process="= which", version=3, inputs={"a": "b"}, saves={"c": "d"})
    p.calls("Tagged", process="other", tag="v1")
    p.calls("Same", process="other", same_deployment=True)
    everything, some, tagged, same = p.definition().elements[1:5]
    assert (everything.process, everything.propagate_all_in, everything.propagate_all_out) == ("other", True, True)
    assert (some.process, some.binding, some.version) == ("= which", "version", 3)
    assert (some.propagate_all_in, some.propagate_all_out) == (False, False)
    assert (tagged.binding, tagged.version_tag, same.binding) == ("versionTag", "v1", "deployment")


def test_actors_may_decide_compute_and_send():
    p = Process("Jobs")
    p.decides("Decide", does="decider")
    p.computes("Compute", does="script")
    p.sends("Send", does="mail")
    p.decides("Rule", decision="rule", result="r", tag="2026")
    decides, computes, sends, rule = p.definition().elements[1:5]
    assert [step.job.type for step in (decides, computes, sends)] == ["decider", "script", "mail"]
    assert (rule.binding, rule.version_tag) == ("versionTag", "2026")


def test_steps_repeat_until_and_as_long_as():
    p = Process("Loops")
    p.task("Call", repeat=until("answered", at_most=5))
    with p.group("Talk", repeat=as_long_as("open > 0", at_most="= rounds")):
        p.task("Speak")
    call, talk = p.definition().elements[1:3]
    assert call.loop == model.StandardLoop(condition="= not(answered)", maximum="5")
    assert talk.loop == model.StandardLoop(condition="= open > 0", maximum="= rounds", test_before=True)


def test_items_throw_the_first_time_each_time_or_as_a_condition_says():
    told = events.signal("told")
    p = Process("Throws")
    p.task("First", for_each=each("x", "xs", first_throws=told))
    p.task("Each", for_each=each("x", "xs", each_throws=told))
    p.task("Some", for_each=each("x", "xs", throws={"x > 1": told}))
    first, every, some = (step.multi_instance for step in p.definition().elements[1:4])
    assert (first.behavior, first.one_event) == ("One", told)
    assert (every.behavior, every.none_event) == ("None", told)
    assert some.complex_behaviors == (model.ComplexBehavior(condition="= x > 1", event=told),)


def test_a_person_may_get_a_form_of_any_kind_and_save_freely():
    p = Process("Form")
    form = Form(id="letter", binding="latest")
    p.person("Sign", form=form, headers={"a": "b"}, saves={"signed": "decision"})
    task = p.definition().elements[1]
    assert (task.form, task.headers) == (form, (("a", "b"),))
    assert task.outputs == (model.Mapping(source="= decision", target="signed"),)


def test_a_process_knows_its_data_conversations_and_calendars():
    p = Process("Knows")
    p.data("Claims", many=True, structure="claim", note="What is claimed")
    p.store("Archive", of="archive")
    p.correlates("The claim", {"number": {"claim": "number", "reply": "claim.number"}}, known={"number": "claim"})
    p.calendar(
        "office", zone="Europe/Berlin", hours="mon-tue 09:00-12:00 13:00-17:00, sat 10:00-24:00", holidays=["--12-25"]
    )
    with p.group("Inner"):
        p.data("Draft")
        p.task("Write")
    process = p.definition()
    assert [(item.kind, item.name, item.refers_to) for item in process.data] == [
        ("dataObject", "Claims", ""),
        ("dataObjectReference", "Claims", "claims"),
        ("dataStoreReference", "Archive", "archive"),
    ]
    inner = next(part for part in process.elements if isinstance(part, model.SubProcess))
    assert [item.name for item in inner.data] == ["Draft", "Draft"]
    (part,) = process.correlations[0].properties
    assert part.retrievals == (("claim", "= number"), ("reply", "= claim.number"))
    assert part.binding == "= claim"
    assert [(span.day, span.start, span.end) for span in process.calendars[0].hours] == [
        (1, "09:00", "12:00"),
        (1, "13:00", "17:00"),
        (2, "09:00", "12:00"),
        (2, "13:00", "17:00"),
        (6, "10:00", "24:00"),
    ]


def test_steps_say_what_data_goes_in_and_comes_out():
    p = Process("Data")
    claim, archive = p.data("Claim"), p.store("Archive")
    p.task("File", reads=[claim], writes=[archive])
    step = p.definition().elements[1]
    assert [(item.kind, item.name) for item in step.data] == [("dataInput", "Claim"), ("dataOutput", "Archive")]
    assert (step.data_inputs[0].sources, step.data_inputs[0].target) == ((claim.id,), step.data[0].id)
    assert (step.data_outputs[0].sources, step.data_outputs[0].target) == ((step.data[1].id,), archive.id)


def test_steps_say_what_becomes_of_them_when_what_they_read_changes():
    p = Process("Stale", when_stale="ask")
    p.service("Check", does="check", when_stale="redo")
    process = p.definition()
    assert (process.new_evidence, process.elements[1].new_evidence) == ("ask", "redo")


def _stale(p):
    p.task("Work", when_stale="panic")


def _decides_nothing(p):
    p.decides("Nothing")


def _two_versions(p):
    p.calls("Both", process="x", tag="a", version=1)


def _both_loops(p):
    p.task("Both", for_each="x in xs", repeat=until("done"))


def _many_times(p):
    p.task("Many", repeat=until("done", at_most="many"))


def _throws_twice(p):
    p.task("Twice", for_each=each("x", "xs", first_throws=events.signal("a"), each_throws=events.signal("a")))


def _odd_hours(p):
    p.calendar("office", hours="mon-funday 09:00-17:00")


def _odd_holiday(p):
    p.calendar("office", holidays=["Christmas"])


def _known_property(p):
    p.correlates("Talk", {"number": {"m": "n"}}, known={"name": "n"})


def _answer_and_saves(p):
    p.person("Ask", answer="a", saves={"b": "decision"})


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (_stale, 'when_stale="panic" is not understood'),
        (_decides_nothing, '"Nothing" decides nothing'),
        (_two_versions, '"Both" names two versions'),
        (_both_loops, '"Both" has both for_each and repeat'),
        (_many_times, 'at_most="many" is not a number'),
        (_throws_twice, "for_each throws in several ways"),
        (_odd_hours, "are not understood"),
        (_odd_holiday, '"Christmas" is not a day'),
        (_known_property, "which are no properties"),
        (_answer_and_saves, "answer and saves are both given"),
    ],
)
def test_a_mistake_is_named_with_its_line(mistake, message):
    with pytest.raises(AuthorError) as caught:
        mistake(Process("Mistake"))
    assert message in str(caught.value)
    assert f"test_work.py:{mistake.__code__.co_firstlineno + 1}" in str(caught.value)


def test_steps_groups_and_the_process_may_ask_actors_first_and_last():
    p = Process("Listens", asks_first="check", asks_last=["count", "tell"])
    p.service("Work", does="work", asks_first=["a", "b"], asks_last="c")
    with p.group("Group", asks_last="d"):
        p.task("Inner")
    work, group = p.definition().elements[1:3]
    assert [(one.event, one.type) for one in work.listeners] == [("start", "a"), ("start", "b"), ("end", "c")]
    assert [(one.event, one.type) for one in group.listeners] == [("end", "d")]
    assert [one.type for one in p.definition().listeners] == ["check", "count", "tell"]

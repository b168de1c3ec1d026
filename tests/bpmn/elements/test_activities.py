"""Call activities, kinds of sub-processes, loops and data, as Camunda 8 and as plain OMG files write them."""

import pytest

from clearance import bpmn
from clearance.model.definition import (
    AdHocSubProcess,
    Assignment,
    CallActivity,
    ComplexBehavior,
    DataAssociation,
    DataObject,
    EscalationDefinition,
    JobDefinition,
    MultiInstance,
    SignalDefinition,
    StandardLoop,
    Transaction,
    UserTask,
)
from tests.bpmn.files import file_with, read_element, read_process, read_twice

ZEEBE = "<extensionElements>{}</extensionElements>"


def test_a_call_activity_names_its_process_in_either_dialect():
    plain = read_element('<callActivity id="c" calledElement="tns:pay"/>')
    assert plain == CallActivity(id="c", process="pay")
    camunda = read_element(
        '<callActivity id="c">'
        + ZEEBE.format(
            '<zeebe:calledElement processId="=which" bindingType="versionTag" versionTag="v2" '
            'propagateAllParentVariables="false" propagateAllChildVariables="false"/>'
        )
        + "</callActivity>"
    )
    assert camunda == CallActivity(
        id="c",
        process="=which",
        binding="versionTag",
        version_tag="v2",
        propagate_all_in=False,
        propagate_all_out=False,
    )


def test_a_call_activity_can_be_bound_to_a_version():
    text = '<callActivity id="c" calledElement="pay" xmlns:own="urn:clearance:bpmn:1" own:version="3"/>'
    assert read_element(text) == CallActivity(id="c", process="pay", binding="version", version=3)


def test_a_transaction_is_a_sub_process_of_its_own_kind():
    found = read_element('<transaction id="t" method="##Compensate"><startEvent id="s"/></transaction>')
    assert isinstance(found, Transaction)
    assert [element.id for element in found.elements] == ["s"]


def test_an_ad_hoc_sub_process_of_camunda_has_an_agent_that_chooses():
    found = read_element(
        '<adHocSubProcess id="a" ordering="Sequential" cancelRemainingInstances="false">'
        + ZEEBE.format(
            '<zeebe:adHoc activeElementsCollection="=chosen" outputCollection="results" outputElement="=result"/>'
            '<zeebe:taskDefinition type="agent" retries="2"/><zeebe:taskHeaders><zeebe:header key="k" value="v"/>'
            "</zeebe:taskHeaders>"
        )
        + '<task id="look"/><completionCondition>=done</completionCondition></adHocSubProcess>'
    )
    assert isinstance(found, AdHocSubProcess)
    assert (found.sequential, found.cancel_remaining, found.completion_condition) == (True, False, "=done")
    assert (found.active_elements, found.output_collection, found.output_element) == ("=chosen", "results", "=result")
    assert found.job == JobDefinition(type="agent", retries="2", headers=(("k", "v"),))
    assert [element.id for element in found.elements] == ["look"]


def test_a_plain_ad_hoc_sub_process_is_parallel_and_cancels_what_remains():
    found = read_element('<adHocSubProcess id="a"><task id="look"/></adHocSubProcess>')
    assert (found.sequential, found.cancel_remaining, found.job) == (False, True, None)


def test_a_standard_loop_has_condition_maximum_and_the_time_of_its_test():
    loop = '<standardLoopCharacteristics testBefore="true" loopMaximum="5"><loopCondition>x &lt; 3</loopCondition>'
    found = read_element(f'<task id="t">{loop}</standardLoopCharacteristics></task>')
    assert found.loop == StandardLoop(condition="=x < 3", maximum="5", test_before=True)
    own = '<standardLoopCharacteristics xmlns:own="urn:clearance:bpmn:1" own:loopMaximum="=most"/>'
    assert read_element(f'<task id="t">{own}</task>').loop == StandardLoop(maximum="=most")


def test_multi_instance_throws_events_as_its_behavior_says():
    roots = '<signal id="s" name="first"/><signalEventDefinition id="d" signalRef="s"/><escalation id="x" name="late"/>'
    found = read_element(
        '<task id="t"><multiInstanceLoopCharacteristics behavior="Complex" oneBehaviorEventRef="d">'
        "<loopCardinality>3</loopCardinality><complexBehaviorDefinition><condition>n = 2</condition>"
        '<event id="e"><escalationEventDefinition escalationRef="x"/></event></complexBehaviorDefinition>'
        "</multiInstanceLoopCharacteristics></task>",
        roots,
    )
    assert found.multi_instance == MultiInstance(
        cardinality="=3",
        behavior="Complex",
        one_event=SignalDefinition(name="first"),
        complex_behaviors=(ComplexBehavior(condition="=n = 2", event=EscalationDefinition(code="late")),),
    )


def test_multi_instance_over_a_data_object_goes_over_its_variable():
    process = read_process(
        '<dataObject id="o" name="lines" isCollection="true"/><dataObjectReference id="r" dataObjectRef="o"/>'
        '<task id="t"><multiInstanceLoopCharacteristics><loopDataInputRef>r</loopDataInputRef>'
        '<inputDataItem id="i" name="line"/></multiInstanceLoopCharacteristics></task>'
    )
    assert process.elements[0].multi_instance == MultiInstance(collection="=lines", item="line")


SPECIFICATION = (
    '<ioSpecification><dataInput id="i" name="order"/><dataOutput id="o" isCollection="true"/>'
    "<inputSet{}><dataInputRefs>i</dataInputRefs></inputSet>"
    "<outputSet><dataOutputRefs>o</dataOutputRefs></outputSet></ioSpecification>"
)


def test_an_activity_has_inputs_outputs_properties_and_associations():
    found = read_element(
        f'<task id="t">{SPECIFICATION.format("")}<property id="q" name="note"/>'
        '<dataInputAssociation id="a"><sourceRef>d</sourceRef><targetRef>i</targetRef>'
        "<transformation>d + 1</transformation></dataInputAssociation><dataOutputAssociation><sourceRef>o</sourceRef>"
        "<targetRef>d</targetRef><assignment><from>o.x</from><to>total.gross</to></assignment></dataOutputAssociation>"
        "</task>"
    )
    assert found.data == (
        DataObject(id="i", name="order", kind="dataInput"),
        DataObject(id="o", kind="dataOutput", collection=True),
        DataObject(id="q", name="note", kind="property"),
    )
    assert found.data_inputs == (DataAssociation(id="a", sources=("d",), target="i", transformation="=d + 1"),)
    assert found.data_outputs == (DataAssociation(sources=("o",), target="d", assignments=(("=o.x", "total.gross"),)),)
    assert found.carried == ()


def test_input_sets_that_say_more_are_carried_as_they_stand():
    specified = SPECIFICATION.format(" id='set'")
    found = read_element(f'<task id="t">{specified}</task>')
    assert [item.id for item in found.data] == ["i", "o"]
    assert len(found.carried) == 1
    written = bpmn.write(bpmn.read(file_with(f'<task id="t">{specified}</task>')))
    assert written.count(b"<ioSpecification") == 1
    assert b":ioSpecification" not in written


def test_a_process_has_data_objects_references_and_stores():
    roots = '<itemDefinition id="item"/><dataStore id="store" name="Books"/>'
    process = read_process(
        '<dataObject id="o" name="order" itemSubjectRef="tns:item"><dataState name="new"/></dataObject>'
        '<dataObjectReference id="r" name="Order [paid]" dataObjectRef="o"/>'
        '<dataStoreReference id="s" name="Books" dataStoreRef="store"/>',
        roots,
    )
    assert [(item.kind, item.id, item.refers_to) for item in process.data] == [
        ("dataObject", "o", ""),
        ("dataObjectReference", "r", "o"),
        ("dataStoreReference", "s", "store"),
    ]
    assert process.data[0].structure == "item"
    assert len(process.data[0].carried) == 1


@pytest.mark.parametrize("kind", ["globalTask", "globalManualTask", "globalUserTask", "globalBusinessRuleTask"])
def test_a_global_task_is_the_task_of_its_kind_and_becomes_a_process(kind):
    definitions = read_twice(file_with('<task id="t"/>', f'<{kind} id="check" name="Check"/>'))
    (task,) = definitions.global_tasks
    assert type(task).__name__ == kind.removeprefix("global").replace("Task", "") + "Task"
    process = bpmn.process_of_global_task(task)
    assert (process.id, process.name) == ("check", "Check")
    assert [element.id for element in process.elements] == ["check_start", "check_task", "check_end"]
    assert bpmn.validate(process) == ()


def test_a_global_script_is_in_feel_and_global_people_are_people():
    roots = (
        '<globalScriptTask id="a" scriptLanguage="feel"><script>1 + 1</script></globalScriptTask>'
        '<globalUserTask id="b"><humanPerformer><resourceAssignmentExpression><formalExpression>ann</formalExpression>'
        "</resourceAssignmentExpression></humanPerformer></globalUserTask>"
    )
    script, person = read_twice(file_with('<task id="t"/>', roots)).global_tasks
    assert script.expression == "=1 + 1"
    assert isinstance(person, UserTask)
    assert person.assignment == Assignment(assignee="ann")

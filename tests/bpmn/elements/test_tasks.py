"""Tasks, as Camunda 8 and as plain OMG files write them."""

from clearance.model.definition import (
    Assignment,
    BusinessRuleTask,
    JobDefinition,
    LinkedResource,
    Mapping,
    MessageDefinition,
    MultiInstance,
    Schedule,
)
from tests.bpmn.files import read_element

ZEEBE = "<extensionElements>{}</extensionElements>"


def test_a_service_task_of_camunda_has_type_retries_headers_and_mappings():
    task = read_element(
        '<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="post" retries="5"/>'
        '<zeebe:taskHeaders><zeebe:header key="system" value="erp"/></zeebe:taskHeaders>'
        '<zeebe:ioMapping><zeebe:input source="=invoice.total" target="amount"/>'
        '<zeebe:output source="=id" target="posting.id"/></zeebe:ioMapping></extensionElements></serviceTask>'
    )
    assert task.job == JobDefinition(type="post", retries="5", headers=(("system", "erp"),))
    assert task.inputs == (Mapping(source="=invoice.total", target="amount"),)
    assert task.outputs == (Mapping(source="=id", target="posting.id"),)


def test_a_plain_service_task_has_the_job_type_of_its_implementation_operation_or_id():
    assert read_element('<serviceTask id="t" implementation="post"/>').job.type == "post"
    assert read_element('<serviceTask id="t" implementation="##WebService" operationRef="q:op"/>').job.type == "op"
    assert read_element('<serviceTask id="t"/>').job.type == "t"


def test_a_user_task_of_camunda_has_people_dates_form_and_priority():
    task = read_element(
        '<userTask id="t"><extensionElements><zeebe:userTask/>'
        '<zeebe:assignmentDefinition assignee="=boss" candidateGroups="a, b"/>'
        '<zeebe:taskSchedule dueDate="=due"/><zeebe:formDefinition formId="f" bindingType="latest"/>'
        '<zeebe:priorityDefinition priority="80"/></extensionElements></userTask>'
    )
    assert task.assignment == Assignment(assignee="=boss", candidate_groups="a, b")
    assert task.schedule == Schedule(due_date="=due")
    assert (task.form.id, task.form.binding, task.priority) == ("f", "latest", "80")


def test_a_plain_user_task_has_the_people_of_its_resource_roles():
    def role(kind: str, text: str) -> str:
        return (
            f"<{kind}><resourceAssignmentExpression><formalExpression>{text}</formalExpression>"
            f"</resourceAssignmentExpression></{kind}>"
        )

    task = read_element(
        '<userTask id="t">'
        + role("humanPerformer", "ann")
        + role("potentialOwner", "user(bob), group(clerks)")
        + "</userTask>"
    )
    assert task.assignment == Assignment(assignee="ann", candidate_groups="clerks", candidate_users="bob")
    task = read_element(f'<userTask id="t">{role("potentialOwner", "clerks")}</userTask>')
    assert task.assignment == Assignment(candidate_groups="clerks")


def test_a_script_is_an_expression_from_camunda_or_the_standard_and_otherwise_a_job():
    task = read_element(
        '<scriptTask id="t">' + ZEEBE.format('<zeebe:script expression="=a + 1" resultVariable="b"/>') + "</scriptTask>"
    )
    assert (task.expression, task.result, task.job) == ("=a + 1", "b", None)
    task = read_element('<scriptTask id="t"><script>{b: a + 1}</script></scriptTask>')
    assert (task.expression, task.result, task.job) == ("={b: a + 1}", "", None)
    assert read_element('<scriptTask id="t"/>').job == JobDefinition(type="t")


def test_a_business_rule_task_calls_a_decision_or_a_job():
    called = '<zeebe:calledDecision decisionId="route" resultVariable="way" bindingType="deployment"/>'
    task = read_element(f'<businessRuleTask id="t">{ZEEBE.format(called)}</businessRuleTask>')
    assert task == BusinessRuleTask(id="t", decision="route", result="way", binding="deployment")
    task = read_element(
        '<businessRuleTask id="t">' + ZEEBE.format('<zeebe:taskDefinition type="rules"/>') + "</businessRuleTask>"
    )
    assert (task.decision, task.job) == ("", JobDefinition(type="rules"))
    assert read_element('<businessRuleTask id="t"/>').decision == "t"


def test_a_receive_task_correlates_by_the_key_of_its_message():
    message = (
        '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=id"/>'
        "</extensionElements></message>"
    )
    task = read_element('<receiveTask id="t" messageRef="m"/>', message)
    assert task.message == MessageDefinition(name="paid", correlation_key="=id")
    task = read_element('<receiveTask id="t" messageRef="m"/>', '<message id="m" name="paid"/>')
    assert task.message == MessageDefinition(name="paid")


def test_a_send_task_publishes_its_message_or_is_a_job():
    message = '<message id="m" name="paid"/>'
    publish = '<zeebe:publishMessage correlationKey="=id" messageId="=id" timeToLive="PT1H"/>'
    task = read_element(f'<sendTask id="t" messageRef="m">{ZEEBE.format(publish)}</sendTask>', message)
    assert task.message == MessageDefinition(name="paid", correlation_key="=id", message_id="=id", time_to_live="PT1H")
    assert task.job is None
    assert read_element('<sendTask id="t" messageRef="m"/>', message).message == MessageDefinition(name="paid")
    assert read_element('<sendTask id="t"/>').job == JobDefinition(type="t")


def test_multi_instance_reads_alike_from_camunda_and_the_standard():
    camunda = read_element(
        '<task id="t"><multiInstanceLoopCharacteristics isSequential="true"><extensionElements>'
        '<zeebe:loopCharacteristics inputCollection="=lines" inputElement="line" outputCollection="checks" '
        'outputElement="=check"/></extensionElements><completionCondition>=done</completionCondition>'
        "</multiInstanceLoopCharacteristics></task>"
    )
    standard = read_element(
        '<task id="t"><multiInstanceLoopCharacteristics isSequential="true"><loopDataInputRef>lines</loopDataInputRef>'
        '<loopDataOutputRef>checks</loopDataOutputRef><inputDataItem id="i" name="line"/>'
        '<outputDataItem id="o" name="check"/><completionCondition>done</completionCondition>'
        "</multiInstanceLoopCharacteristics></task>"
    )
    assert camunda.multi_instance == standard.multi_instance
    assert camunda.multi_instance == MultiInstance(
        sequential=True,
        collection="=lines",
        item="line",
        output_collection="checks",
        output_item="=check",
        completion_condition="=done",
    )
    counted = read_element(
        '<task id="t"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
        "</multiInstanceLoopCharacteristics></task>"
    )
    assert counted.multi_instance == MultiInstance(cardinality="=3")


LINKED = """<extensionElements>
  <zeebe:taskDefinition type="robot"/>
  <zeebe:linkedResources>
    <zeebe:linkedResource resourceId="script" resourceType="RPA" linkName="main" bindingType="deployment"/>
  </zeebe:linkedResources>
</extensionElements>"""


def test_linked_resources_are_told_to_the_actor():
    task = read_element(f'<serviceTask id="t">{LINKED}</serviceTask>')
    assert task.job.linked == (LinkedResource(id="script", type="RPA", link="main", binding="deployment"),)

"""Several events in one, calendars, filters, instantiating gateways and tasks, correlation."""

from clearance import bpmn
from clearance.model.definition import (
    Calendar,
    CompensateDefinition,
    ComplexGateway,
    ConditionalDefinition,
    Correlation,
    CorrelationProperty,
    EventBasedGateway,
    MessageDefinition,
    MultipleDefinition,
    SignalDefinition,
    TimerDefinition,
    WorkingHours,
)
from tests.bpmn.files import file_with, read_element, read_process, read_twice

ROOTS = '<signal id="s" name="closed"/><message id="m" name="paid"/>'
TIMER = "<timerEventDefinition{}><timeDuration>PT1H</timeDuration></timerEventDefinition>"
OWN = 'xmlns:own="urn:clearance:bpmn:1"'


def test_several_definitions_are_one_multiple_event():
    inside = '<signalEventDefinition signalRef="s"/>' + TIMER.format("")
    parts = (SignalDefinition(name="closed"), TimerDefinition(duration="PT1H"))
    event = read_element(f'<intermediateCatchEvent id="e">{inside}</intermediateCatchEvent>', ROOTS)
    assert event.definition == MultipleDefinition(definitions=parts)
    event = read_element(
        f'<boundaryEvent id="e" attachedToRef="t" parallelMultiple="true">{inside}</boundaryEvent>', ROOTS
    )
    assert event.definition == MultipleDefinition(definitions=parts, parallel=True)


def test_each_message_of_a_multiple_throw_event_says_how_it_is_sent():
    def message(key: str) -> str:
        publish = f'<extensionElements><zeebe:publishMessage correlationKey="{key}"/></extensionElements>'
        return f'<messageEventDefinition messageRef="m">{publish}</messageEventDefinition>'

    event = read_element(f'<endEvent id="e">{message("=a")}{message("=b")}</endEvent>', ROOTS)
    keys = [part.correlation_key for part in event.definition.definitions]
    assert keys == ["=a", "=b"]


def test_a_definition_beside_the_processes_is_that_of_each_event_that_refers_to_it():
    roots = ROOTS + '<signalEventDefinition id="d" signalRef="s"/>'
    content = file_with('<endEvent id="e"><eventDefinitionRef>d</eventDefinitionRef></endEvent>', roots)
    definitions = read_twice(content)
    assert definitions.processes[0].elements[0].definition == SignalDefinition(name="closed")
    assert b"eventDefinitionRef" not in bpmn.write(definitions)


def test_a_condition_may_look_at_some_variables_only():
    event = read_element(
        '<startEvent id="e"><conditionalEventDefinition><extensionElements><zeebe:conditionalFilter '
        'variableNames="foo, bar" variableEvents="create,update"/></extensionElements><condition>=foo &gt; bar'
        "</condition></conditionalEventDefinition></startEvent>"
    )
    assert event.definition == ConditionalDefinition(
        condition="=foo > bar", variable_names=("foo", "bar"), variable_events=("create", "update")
    )


def test_compensation_may_be_thrown_without_waiting():
    event = read_element('<endEvent id="e"><compensateEventDefinition waitForCompletion="false"/></endEvent>')
    assert event.definition == CompensateDefinition(wait_for_completion=False)


def test_a_timer_counts_by_a_calendar_of_the_process():
    process = read_process(
        f'<extensionElements><own:calendar {OWN} name="bank" timeZone="Europe/Berlin" holidays="--12-25 2027-04-02">'
        '<own:hours day="1" start="09:00" end="17:00"/></own:calendar><own:calendar '
        f'{OWN} name="other"/></extensionElements><intermediateCatchEvent id="e">'
        + TIMER.format(f' {OWN} own:calendar="bank"')
        + "</intermediateCatchEvent>"
    )
    assert process.calendars == (
        Calendar(
            name="bank",
            time_zone="Europe/Berlin",
            hours=(WorkingHours(day=1, start="09:00", end="17:00"),),
            holidays=("--12-25", "2027-04-02"),
        ),
        Calendar(name="other"),
    )
    assert process.elements[0].definition == TimerDefinition(duration="PT1H", calendar="bank")


def test_gateways_and_tasks_may_start_the_process():
    assert read_element('<eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/>') == (
        EventBasedGateway(id="g", instantiate=True, parallel=True)
    )
    task = read_element('<receiveTask id="t" instantiate="true" messageRef="m"/>', ROOTS)
    assert (task.instantiate, task.message) == (True, MessageDefinition(name="paid"))


def test_a_complex_gateway_has_an_activation_condition_and_a_default():
    condition = "<activationCondition>activationCount &gt;= 2</activationCondition>"
    gateway = read_element(f'<complexGateway id="g" default="f">{condition}</complexGateway>')
    assert gateway == ComplexGateway(id="g", default="f", activation_condition="=activationCount >= 2")


CORRELATION = ROOTS + (
    '<correlationProperty id="cp" name="Order"><correlationPropertyRetrievalExpression messageRef="m">'
    "<messagePath>order.id</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
    '<collaboration id="c"><participant id="a" processRef="p"/><correlationKey id="ck" name="Key">'
    "<correlationPropertyRef>cp</correlationPropertyRef></correlationKey></collaboration>"
)
SUBSCRIPTION = (
    '<correlationSubscription id="cs" correlationKeyRef="ck"><correlationPropertyBinding correlationPropertyRef="cp">'
    "<dataPath>mine</dataPath></correlationPropertyBinding></correlationSubscription>"
)


def test_a_process_has_the_keys_of_its_collaboration_with_what_it_subscribes_to():
    content = file_with('<receiveTask id="t" messageRef="m"/>' + SUBSCRIPTION, CORRELATION)
    definitions = read_twice(content)
    (key,) = definitions.processes[0].correlations
    order = CorrelationProperty(id="cp", name="Order", retrievals=(("paid", "=order.id"),), binding="=mine")
    assert key == Correlation(id="ck", name="Key", properties=(order,))
    written = bpmn.write(definitions)
    assert (written.count(b"<correlationKey "), written.count(b"correlationSubscription>")) == (1, 1)
    assert b'messageRef="m"' in written


def test_keys_that_a_model_has_of_its_own_are_written_and_not_carried_when_read():
    order = CorrelationProperty(id="cp", retrievals=(("paid", "=order.id"),), binding="=mine")
    process = bpmn.read(file_with('<task id="t"/>')).processes[0]
    own = type(process)(id="p", elements=process.elements, correlations=(Correlation(id="ck", properties=(order,)),))
    definitions = type(bpmn.read(file_with("")))(id="d", processes=(own,))
    again = bpmn.read(bpmn.write(definitions))
    assert again.processes == definitions.processes
    assert again.carried == ()

"""Changing what runs: modify, migrate, suspend and resume an instance, and set its variables."""

from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from clearance.model import commands
from clearance.model.commands import Answer
from clearance.model.values import Data
from clearance.model.work import ActivateElement
from clearance.views.ask import definitions, instances
from clearance.views.reader import key_of
from clearance.web.access import person
from clearance.web.exchange import Call, Routes
from clearance.web.problems import Problem

routes = Routes("Changing what runs")


class VariableInstruction(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    variables: dict[str, Data] = {}
    scope_id: str = ""


class ActivateInstruction(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    element_id: str
    variable_instructions: list[VariableInstruction] = []
    ancestor_element_instance_key: str = ""


class TerminateInstruction(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One element instance by its key, or all of an element by its id."""

    element_instance_key: str = ""
    element_id: str = ""


class MoveInstruction(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    source_element_id: str
    target_element_id: str
    variable_instructions: list[VariableInstruction] = []


class Modification(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    activate_instructions: list[ActivateInstruction] = []
    terminate_instructions: list[TerminateInstruction] = []
    move_instructions: list[MoveInstruction] = []
    operation_reference: int | None = None
    reason: str = ""


class ChosenElement(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    element_id: str
    variables: dict[str, Data] = {}


class AdHocActivation(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    elements: list[ChosenElement]
    cancel_remaining_instances: bool = False


class MappingInstruction(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    source_element_id: str
    target_element_id: str


class Migration(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Elements without a mapping instruction keep their id."""

    target_process_definition_key: str
    mapping_instructions: list[MappingInstruction] = []
    operation_reference: int | None = None
    reason: str = ""


class MigrationFate(msgspec.Struct, frozen=True, rename="camel"):
    what: str
    key: str
    element_id: str
    target_element_id: str
    then: str


class MigrationPlan(msgspec.Struct, frozen=True):
    """With problems nothing would be changed."""

    problems: list[str]
    fates: list[MigrationFate]


class Reason(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    operation_reference: int | None = None
    reason: str = ""


class Variables(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """``local`` does nothing: variables are always set in the scope that is named."""

    variables: dict[str, Data]
    local: bool = False
    operation_reference: int | None = None
    reason: str = ""


@routes.add("POST", "/v2/process-instances/{key}/modification", body=Modification, status=204)
async def modify_instance(call: Call[Modification]) -> None:
    """Activate and terminate elements, and move tokens from one element to another; all of it or nothing."""
    await _may(call, "modify")
    body = call.body
    command = commands.ModifyInstance(
        instance=call.key(),
        activate=tuple(_activation(one) for one in body.activate_instructions),
        terminate=tuple(_termination(one) for one in body.terminate_instructions),
        move=tuple(
            commands.Move(one.source_element_id, one.target_element_id, _variables(one.variable_instructions))
            for one in body.move_instructions
        ),
        reason=body.reason,
        by=person(call.account),
    )
    await _do(call, command)


@routes.add("POST", "/v2/process-instances/{key}/migration", body=Migration, status=204)
async def migrate_instance(call: Call[Migration]) -> None:
    """Let an instance go on by another version of its process, where it stands."""
    await _may(call, "migrate")
    await _do(call, await run_in_threadpool(_migration, call))


@routes.add("POST", "/v2/process-instances/{key}/migration/plan", body=Migration, answer=MigrationPlan)
async def plan_migration(call: Call[Migration]) -> MigrationPlan:
    """What a migration would do to each token, job, timer and task; changes nothing."""
    await _may(call, "migrate")
    command = msgspec.structs.replace(await run_in_threadpool(_migration, call), dry_run=True)
    report = (await call.tower.do(command)).report
    fates = [
        MigrationFate(fate["what"], str(fate["key"]), fate["element"], fate["target"], fate["then"])
        for fate in report["fates"]
    ]
    return MigrationPlan(report["problems"], fates)


@routes.add("POST", "/v2/process-instances/{key}/suspension", body=Reason, status=204)
async def suspend_instance(call: Call[Reason]) -> None:
    """Let nothing move in an instance; what comes meanwhile is kept."""
    await _may(call, "suspend")
    by = person(call.account)
    await _do(call, commands.SuspendInstance(instance=call.key(), reason=call.body.reason, by=by))


@routes.add("POST", "/v2/process-instances/{key}/resumption", body=Reason, status=204)
async def resume_instance(call: Call[Reason]) -> None:
    """Let a suspended instance go on, with what has come meanwhile."""
    await _may(call, "suspend")
    by = person(call.account)
    await _do(call, commands.ResumeInstance(instance=call.key(), reason=call.body.reason, by=by))


@routes.add("PUT", "/v2/element-instances/{key}/variables", body=Variables, status=204)
async def set_variables(call: Call[Variables]) -> None:
    """Set variables in a scope: a process instance, or an element instance that is active."""
    scope = call.key()
    instance = await run_in_threadpool(instances.instance_of, call.tower.reader, scope)
    if instance is None:
        raise Problem(404, f"There is no element instance {scope}.")
    await run_in_threadpool(call.tower.access.instance, call.account, instance, "modify")
    command = commands.SetVariables(
        instance=instance,
        scope=scope,
        variables=call.body.variables,
        by=person(call.account),
        reason=call.body.reason,
    )
    await _do(call, command)


@routes.add("POST", "/v2/element-instances/ad-hoc-activities/{key}/activation", body=AdHocActivation, status=204)
async def activate_ad_hoc(call: Call[AdHocActivation]) -> None:
    """Choose what is done in an ad-hoc sub-process, given by the key of its element instance."""
    key = call.key()
    instance = await run_in_threadpool(instances.instance_of, call.tower.reader, key)
    if instance is None:
        raise Problem(404, f"There is no element instance {key}.")
    await run_in_threadpool(call.tower.access.instance, call.account, instance, "modify")
    command = commands.ActivateElements(
        instance=instance,
        element=key,
        activate=tuple(ActivateElement(one.element_id, one.variables) for one in call.body.elements),
        cancel_remaining=call.body.cancel_remaining_instances,
        by=person(call.account),
    )
    await _do(call, command)


async def _may(call: Call[Any], action: str) -> None:
    await run_in_threadpool(call.tower.access.instance, call.account, call.key(), action)


async def _do(call: Call[Any], command: commands.InstanceCommand) -> Answer:
    answer = await call.tower.do(command, seen=True)
    call.recorded(answer.position)
    return answer


def _activation(one: ActivateInstruction) -> commands.Activation:
    ancestor = one.ancestor_element_instance_key
    key = key_of(ancestor, "ancestorElementInstanceKey") if ancestor not in ("", "-1") else 0
    return commands.Activation(one.element_id, _variables(one.variable_instructions), key)


def _termination(one: TerminateInstruction) -> commands.Termination:
    if bool(one.element_instance_key) == bool(one.element_id):
        raise Problem(400, "terminateInstructions: give an elementInstanceKey or an elementId, one of them")
    key = key_of(one.element_instance_key, "elementInstanceKey") if one.element_instance_key else 0
    return commands.Termination(key, one.element_id)


def _variables(instructions: list[VariableInstruction]) -> dict[str, Data]:
    if any(one.scope_id for one in instructions):
        raise Problem(400, "variableInstructions: variables are set in the activated element; leave scopeId out")
    return {name: value for one in instructions for name, value in one.variables.items()}


def _migration(call: Call[Migration]) -> commands.MigrateInstance:
    body = call.body
    key = key_of(body.target_process_definition_key, "targetProcessDefinitionKey")
    target = definitions.hash_of(call.tower.reader, key)
    if target is None:
        raise Problem(404, f"There is no process definition {key}.")
    return commands.MigrateInstance(
        instance=call.key(),
        definition=target,
        elements={one.source_element_id: one.target_element_id for one in body.mapping_instructions},
        reason=body.reason,
        by=person(call.account),
    )

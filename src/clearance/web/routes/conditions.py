"""Conditions that processes start on."""

from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from clearance.model.commands import EvaluateConditions
from clearance.model.values import Data
from clearance.views.ask import definitions
from clearance.views.reader import key_of
from clearance.web.access import outside_tenant
from clearance.web.exchange import Call, Routes
from clearance.web.problems import Problem

routes = Routes("Conditions")


class ConditionalEvaluation(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The variables are what the conditions read, and what the instances begin with."""

    variables: dict[str, Data]
    process_definition_key: str = ""
    tenant_id: str = ""


class StartedInstance(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    process_definition_key: str
    process_instance_key: str


class ConditionalEvaluationResult(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One instance for each start event whose condition holds, perhaps none."""

    conditional_evaluation_key: str
    process_instances: list[StartedInstance]
    tenant_id: str


@routes.add("POST", "/v2/conditionals/evaluation", body=ConditionalEvaluation, answer=ConditionalEvaluationResult)
async def evaluate_conditionals(call: Call[ConditionalEvaluation]) -> ConditionalEvaluationResult:
    """Start what waits for a condition that holds for these variables.

    Of one process definition, or of all. When whoever asks may not start one of them, none is started.
    """
    tenant = call.body.tenant_id or call.tower.settings.tenant
    if tenant not in call.account.tenants:
        outside_tenant(tenant)
    answer = await call.tower.do(await run_in_threadpool(_command, call, tenant))
    call.recorded(answer.position)
    begun: list[dict[str, Any]] = answer.report
    return ConditionalEvaluationResult(
        conditional_evaluation_key=str(answer.key),
        process_instances=[
            StartedInstance(process_definition_key=str(one["definition"]), process_instance_key=str(one["instance"]))
            for one in begun
        ],
        tenant_id=tenant,
    )


def _command(call: Call[ConditionalEvaluation], tenant: str) -> EvaluateConditions:
    body = call.body
    process, version = "", 0
    if body.process_definition_key:
        key = key_of(body.process_definition_key, "processDefinitionKey")
        found = definitions.get(call.tower.reader, key)
        if found is None:
            raise Problem(404, f"There is no process definition {key}.")
        process, version = found.process_definition_id, found.version
    may_start = tuple(call.tower.access.processes(call.account, "start"))
    return EvaluateConditions(
        variables=body.variables, process=process, version=version, may_start=may_start, tenant=tenant
    )

"""Process definitions, and deploying them and decisions."""

import hashlib

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from clearance.model.commands import DeployDecisions, DeployProcess
from clearance.model.values import Data
from clearance.views.ask import definitions
from clearance.views.ask.definitions import Definition, DefinitionFilter
from clearance.views.reader import Page, PageRequest, Sort
from clearance.web.exchange import Call, Routes
from clearance.web.filters import Text, both, keys, texts
from clearance.web.ports import DecisionName, Deployable
from clearance.web.problems import Problem

routes = Routes("Process definitions")

RESOURCES_MAX = 100
PROCESS_SUFFIXES = (".bpmn", ".bpmn20.xml")
DECISION_SUFFIXES = (".dmn", ".xlsx", ".csv")
SVG = "image/svg+xml"
DIAGRAM_QUERY = {
    "page": "The number, name or id of one of the file's diagrams; the first one when it is left out.",
    "dark": "true: on dark paper.",
}


class Filter(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    process_definition_id: Text | None = None
    process_definition_key: Text | None = None
    name: Text | None = None
    version: int | None = None
    is_latest_version: bool = False


class DefinitionSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    filter: Filter = Filter()
    sort: list[Sort] = []
    page: PageRequest = PageRequest()


class Deployment(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    deployment_key: str
    tenant_id: str
    deployments: list[dict[str, Data]]
    """Each with ``processDefinition`` or ``decisionDefinition``."""
    warnings: list[str] = []
    """What the authors of the processes should look at."""


class _Read(msgspec.Struct):
    """What a deployment's files hold, once all of them could be read."""

    processes: list[tuple[str, Deployable]] = []
    decisions: list[tuple[str, bytes, list[DecisionName]]] = []


@routes.add("POST", "/v2/deployments", answer=Deployment, raw=True)
async def deploy(call: Call[None]) -> Deployment:
    """Deploy BPMN files, DMN files and decision tables.

    They come as multipart parts named ``resources``. All of them can be read, or none is deployed; the same content
    again changes nothing.
    """
    await run_in_threadpool(call.tower.access.require, call.account, "deploy")
    async with call.request.form(max_files=RESOURCES_MAX, max_fields=RESOURCES_MAX) as form:
        files = [part for part in form.getlist("resources") if isinstance(part, UploadFile)]
        if not files:
            raise Problem(400, "resources: no file; send multipart/form-data with the files as field 'resources'")
        contents = [(file.filename or "", await file.read()) for file in files]
    read = await run_in_threadpool(_read, call, contents)
    tenant = call.tower.settings.tenant
    shown: list[dict[str, Data]] = []
    first, position = 0, 0
    for name, content, known in read.decisions:
        answer = await call.tower.do(DeployDecisions(name=name, content=content))
        first, position = first or answer.key, max(position, answer.position)
        shown.extend(_decision(name, decision, answer.key, tenant) for decision in known)
    for name, item in read.processes:
        answer = await call.tower.do(DeployProcess(process=item.process, xml=item.xml))
        first, position = first or answer.key, max(position, answer.position)
        shown.append(_process(name, item, answer.key, answer.version, tenant))
    await call.tower.seen(position)
    call.recorded(position)
    warnings = [f"{name}: {warning}" for name, item in read.processes for warning in item.warnings]
    return Deployment(deployment_key=str(first), tenant_id=tenant, deployments=shown, warnings=warnings)


@routes.add("POST", "/v2/process-definitions/search", body=DefinitionSearch, answer=Page[Definition])
def search_definitions(call: Call[DefinitionSearch]) -> Page[Definition]:
    """Deployed versions of the processes that you may see."""
    narrow = call.body.filter
    return definitions.search(
        call.tower.reader,
        DefinitionFilter(
            processes=both(texts(narrow.process_definition_id), call.tower.access.processes(call.account)),
            keys=keys(narrow.process_definition_key, "filter.processDefinitionKey"),
            names=texts(narrow.name),
            version=narrow.version,
            latest=narrow.is_latest_version,
        ),
        call.body.sort,
        call.body.page,
    )


@routes.add("GET", "/v2/process-definitions/{key}", answer=Definition)
def get_definition(call: Call[None]) -> Definition:
    """One deployed version."""
    found = definitions.get(call.tower.reader, call.key())
    if found is None:
        raise Problem(404, f"There is no process definition {call.key()}.")
    call.tower.access.require(call.account, "see", found.process_definition_id)
    return found


@routes.add("GET", "/v2/process-definitions/{key}/xml", media_type="text/xml")
def get_xml(call: Call[None]) -> Response:
    """The BPMN 2.0 XML; it never changes under its key, so an ETag spares sending it twice."""
    found = definitions.xml(call.tower.reader, call.key())
    if found is None:
        raise Problem(404, f"There is no process definition {call.key()}.")
    process, xml = found
    call.tower.access.require(call.account, "see", process)
    content = xml.encode()
    return unchanging(call, content, hashlib.sha256(content).hexdigest(), "text/xml; charset=utf-8")


@routes.add("GET", "/v2/process-definitions/{key}/diagram.svg", media_type=SVG, query=DIAGRAM_QUERY)
def get_diagram(call: Call[None]) -> Response:
    """The diagram of a deployed version; it never changes under its key.

    Of a file with several diagrams ``page`` says which one.
    """
    found = definitions.get(call.tower.reader, call.key())
    if found is None:
        raise Problem(404, f"There is no process definition {call.key()}.")
    call.tower.access.require(call.account, "see", found.process_definition_id)
    picture = call.tower.pictures.of_definition(call.key(), call.query("page"), dark=is_dark(call)).encode()
    return unchanging(call, picture, hashlib.sha256(picture).hexdigest(), SVG)


def is_dark(call: Call[None]) -> bool:
    """Whether a picture is wanted on dark paper."""
    wanted = call.query("dark", "false")
    if wanted not in ("true", "false"):
        raise Problem(400, f"dark: {wanted[:40]!r} is neither true nor false")
    return wanted == "true"


def unchanging(call: Call[None], content: bytes, sha256: str, media_type: str) -> Response:
    """Content that never changes under its address, or 304 when the client has it."""
    headers = {"ETag": f'"{sha256}"', "Cache-Control": "private, no-cache"}
    if f'"{sha256}"' in call.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)


def _read(call: Call[None], contents: list[tuple[str, bytes]]) -> _Read:
    read = _Read()
    for name, content in contents:
        lower = name.lower()
        try:
            if lower.endswith(PROCESS_SUFFIXES):
                read.processes.extend((name, item) for item in call.tower.readers.processes(content, name))
            elif lower.endswith(DECISION_SUFFIXES):
                read.decisions.append((name, content, list(call.tower.readers.decisions(content, name))))
            else:
                kinds = ", ".join((*PROCESS_SUFFIXES, *DECISION_SUFFIXES))
                raise Problem(400, f"{name or 'a file without a name'}: not a kind that can be deployed ({kinds})")
        except ValueError as error:
            raise Problem(400, str(error), more={"resource": name}) from None
    return read


def _process(name: str, item: Deployable, key: int, version: int, tenant: str) -> dict[str, Data]:
    return {
        "processDefinition": {
            "processDefinitionId": item.process.id,
            "processDefinitionKey": str(key),
            "processDefinitionVersion": version,
            "resourceName": name,
            "tenantId": tenant,
        }
    }


def _decision(name: str, decision: DecisionName, key: int, tenant: str) -> dict[str, Data]:
    return {
        "decisionDefinition": {
            "decisionDefinitionId": decision.id,
            "decisionDefinitionKey": str(key),
            "decisionRequirementsId": name,
            "decisionRequirementsKey": str(key),
            "name": decision.name,
            "version": 1,
            "tenantId": tenant,
        }
    }

"""A small server with the contract of docs/api.md and a memory for its only store: what the pages are tested against.

It answers as the real one must, refuses as the real one must, and can be told to fail (:attr:`World.broken`), so that
pages are seen when things go wrong too. It also keeps what was asked of it, for the tests to look at.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse

from tests.browser import fake_instances
from tests.browser.fake_data import DOCUMENTS, items, moment

Json = dict[str, Any]

USERS = {"clerk": ("Clara Clerk", ["clerk"]), "approver": ("Arno Approver", ["approver"])}
PASSWORD = "tower"
CONTENT_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
LIMIT_MAX, COUNT_MAX = 1000, 10_000
INBOX_SORTS = {"dueDate": "9999", "creationDate": "", "priority": 0}


class World:
    """Everything the server knows; tests read and change it from their own thread."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.items = items(self.now)
        self.instances = fake_instances.instances(self.items, self.now)
        self.answers: list[Json] = []
        self.position = 0
        self.events_up = True
        self.diagram = fake_instances.diagram()
        self.broken: dict[str, tuple[int, str, str]] = {}
        """Path prefix → status, title and detail to answer with."""
        self.slow: dict[str, float] = {}
        """Path → seconds to let pass before answering."""
        self.rounds = 0
        """How often each instance has read its invoice again, beside what it waits for."""

    def item(self, key: str) -> Json | None:
        return next((item for item in self.items if item["key"] == key), None)

    def instance(self, key: str) -> Json | None:
        return next((one for one in self.instances if one["processInstanceKey"] == key), None)

    def changed(self) -> None:
        self.position += 1

    def find(self, filter_: Json, sort: list[Json], username: str) -> list[Json]:
        scope = filter_["scope"]
        roles = USERS[username][1]
        found = [item for item in self.items if (item["state"] == "CREATED") == (scope != "done")]
        if scope == "mine":
            found = [item for item in found if item["assignee"] == username]
        if scope == "roles":
            found = [item for item in found if set(item["roles"]) & set(roles)]
        for name in ("kind", "processDefinitionId"):
            if name in filter_:
                found = [item for item in found if item[name] == filter_[name]]
        text = filter_.get("text", "").lower()
        found = [item for item in found if text in f"{item['title']} {item['subject']}".lower()]
        for order in reversed(sort):
            field = order["field"]
            last = INBOX_SORTS[field]
            found.sort(key=lambda item: item[field] or last, reverse=order["order"] == "desc")
        return found


def problem(status: int, title: str, detail: str) -> JSONResponse:
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(content, status, media_type="application/problem+json")


def not_found(what: str) -> JSONResponse:
    return problem(404, "Not found", f"There is no {what}.")


def page_of(found: list[Json], page: Json) -> Json:
    start, limit = int(page.get("after") or page.get("from", 0)), page.get("limit", 100)
    assert limit <= LIMIT_MAX, f"page.limit: {limit}"
    items = found[start : start + limit]
    cursors = {"startCursor": str(start), "endCursor": str(start + len(items)) if items else None}
    total = {"totalItems": min(len(found), COUNT_MAX), "hasMoreTotalItems": len(found) > COUNT_MAX}
    return {"items": items, "page": total | cursors}


def create_app(world: World, static: Path) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def guard(request: Request, call_next: Any) -> Response:
        path = request.url.path
        await asyncio.sleep(world.slow.get(path, 0.0))
        for prefix, (status, title, detail) in world.broken.items():
            if path.startswith(prefix):
                return problem(status, title, detail)
        if (
            path.startswith("/v2")
            and path != "/v2/authentication/login"
            and request.cookies.get("session") not in USERS
        ):
            return problem(401, "Not logged in", "Log in first.")
        response: Response = await call_next(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        return response

    app.include_router(sessions())
    app.include_router(inbox(world))
    app.include_router(processes(world))
    app.include_router(events(world))

    @app.get("/{path:path}")
    def interface(path: str) -> Response:
        file = (static / path).resolve()
        inside = file.is_relative_to(static.resolve()) and file.is_file()
        return FileResponse(file if inside else static / "index.html")

    return app


def sessions() -> APIRouter:
    router = APIRouter(prefix="/v2/authentication")

    @router.post("/login")
    async def login(request: Request) -> Response:
        body = await request.json()
        if body["username"] not in USERS or body["password"] != PASSWORD:
            return problem(401, "Not logged in", "Check both and try again.")
        response = Response(status_code=204)
        response.set_cookie("session", body["username"], httponly=True, samesite="strict")
        return response

    @router.post("/logout")
    def logout() -> Response:
        response = Response(status_code=204)
        response.delete_cookie("session")
        return response

    @router.get("/me")
    def me(request: Request) -> Json:
        username = request.cookies["session"]
        name, roles = USERS[username]
        return {"username": username, "displayName": name, "roles": roles, "tenants": ["<default>"]}

    return router


def inbox(world: World) -> APIRouter:
    router = APIRouter(prefix="/v2")

    @router.post("/inbox/search")
    async def search(request: Request) -> Json:
        body = await request.json()
        found = world.find(body["filter"], body["sort"], request.cookies["session"])
        short = [{name: value for name, value in item.items() if name not in ("brief", "answer")} for item in found]
        return page_of(short, body["page"])

    @router.get("/inbox/{key}")
    def one(key: str) -> Any:
        return world.item(key) or not_found(f"inbox item {key}")

    @router.post("/inbox/{key}/answer")
    async def answer(key: str, request: Request) -> Response:
        item, body, username = world.item(key), await request.json(), request.cookies["session"]
        if item is None:
            return not_found(f"inbox item {key}")
        if item["state"] != "CREATED":
            return problem(409, "Already answered", f"{item['answer']['by']} answered it: {item['answer']['option']}.")
        if not set(item["roles"]) & set(USERS[username][1]):
            detail = "Policy approvals-by-role: only an approver may approve payments above 10,000 EUR."
            return problem(403, "Clearance refused this answer", detail)
        world.answers.append({"key": key, "by": username} | body)
        comment = body.get("comment")
        item["answer"] = {"option": body["option"], "comment": comment, "by": username, "at": moment(world.now, 0)}
        item["state"] = "COMPLETED"
        world.changed()
        return Response(status_code=204)

    @router.put("/inbox/{key}/assignee")
    async def assign(key: str, request: Request) -> Response:
        return put_assignee(key, (await request.json())["assignee"])

    @router.delete("/inbox/{key}/assignee")
    def release(key: str) -> Response:
        return put_assignee(key, None)

    def put_assignee(key: str, assignee: str | None) -> Response:
        item = world.item(key)
        if item is None:
            return not_found(f"inbox item {key}")
        item["assignee"] = assignee
        world.changed()
        return Response(status_code=204)

    @router.get("/documents/{sha256}")
    def document(sha256: str) -> Response:
        if sha256 not in DOCUMENTS:
            return not_found(f"document {sha256}")
        content, media_type = DOCUMENTS[sha256]
        is_pdf = media_type == "application/pdf"
        headers = {"Content-Disposition": "inline", "X-Content-Type-Options": "nosniff"}
        headers["Content-Security-Policy"] = PDF_POLICY if is_pdf else "sandbox"
        return Response(content, media_type=media_type, headers=headers)

    return router


def processes(world: World) -> APIRouter:
    router = APIRouter(prefix="/v2")

    @router.get("/overview")
    def overview() -> Json:
        waiting = [item for item in world.items if item["state"] == "CREATED"]
        incidents = sum(item["kind"] == "incident" for item in waiting)
        return fake_instances.overview(len(waiting), incidents, len(world.answers), world.now)

    @router.post("/process-instances/search")
    async def search(request: Request) -> Json:
        body = await request.json()
        wanted = body["filter"]
        text = wanted.get("text", "").lower()
        names = ("state", "processDefinitionId", "hasIncident")
        found = [
            one
            for one in world.instances
            if text in one["subject"].lower() and all(one[name] == wanted[name] for name in names if name in wanted)
        ]
        return page_of(found, body["page"])

    @router.get("/process-instances/{key}")
    def one(key: str) -> Any:
        return world.instance(key) or not_found(f"process instance {key}")

    @router.get("/process-instances/{key}/history")
    def history(key: str, order: str, limit: int, after: str) -> Any:
        found = world.instance(key)
        if found is None:
            return not_found(f"process instance {key}")
        entries = fake_instances.history(found, world.now, world.rounds)
        assert order == "desc", "who wants the last ones must not ask for the first"
        return page_of(entries[::-1], {"limit": limit, "after": after})

    @router.post("/element-instances/search")
    async def elements(request: Request) -> Json:
        body = await request.json()
        found = world.instance(body["filter"]["processInstanceKey"])
        elements = fake_instances.elements(found, world.rounds) if found else []
        if "state" in body["filter"]:
            elements = [one for one in elements if one["state"] == body["filter"]["state"]]
        for order in body["sort"]:
            elements = sorted(elements, key=lambda one: one["startDate"], reverse=order["order"] == "desc")
        return page_of(elements, body["page"])

    @router.post("/variables/search")
    async def variables(request: Request) -> Json:
        body = await request.json()
        found = world.instance(body["filter"]["processInstanceKey"])
        return page_of(fake_instances.variables(found, world.rounds) if found else [], body["page"])

    @router.get("/process-definitions/{key}/xml")
    def xml(key: str) -> Response:
        return Response(world.diagram, media_type="application/xml")

    return router


def events(world: World) -> APIRouter:
    router = APIRouter(prefix="/v2")

    @router.get("/events")
    async def stream(request: Request) -> Response:
        if not world.events_up:
            return problem(503, "No live events", "Told to be down.")

        async def changes() -> AsyncIterator[str]:
            seen = world.position
            yield ": welcome\n\n"
            while world.events_up and not await request.is_disconnected():
                if world.position != seen:
                    seen = world.position
                    data = json.dumps({"position": seen, "topics": ["inbox", "instances", "overview"]})
                    yield f"event: changed\ndata: {data}\n\n"
                await asyncio.sleep(0.05)

        return StreamingResponse(changes(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return router

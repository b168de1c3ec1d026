"""Serves the built user interface: its files, and its first page for every address that it handles itself."""

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from clearance.web.problems import Problem

NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Clearance</title>
<body style="font-family: system-ui; max-width: 40rem; margin: 4rem auto; line-height: 1.5">
<h1>The control tower runs, but its pages are not built</h1>
<p>This is a source tree without the built user interface. Run <code>make ui</code>, or install the wheel, which
has it.</p>
<p>The HTTP API is there: <a href="/openapi.json">/openapi.json</a>.</p>
"""
API = ("v2", "openapi.json")


class Interface:
    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def serve_from(self, app: FastAPI) -> None:
        app.add_api_route("/{path:path}", self._get, methods=["GET", "HEAD"], include_in_schema=False)

    async def _get(self, request: Request) -> Response:
        path = str(request.path_params["path"])
        first = path.partition("/")[0]
        if first in API:
            raise _missing(request)
        file = self._file(path)
        if file is not None:
            forever = first == "assets"
            cache = "public, max-age=31536000, immutable" if forever else "no-cache"
            return FileResponse(file, headers={"Cache-Control": cache})
        if "." in path.rpartition("/")[2]:
            raise _missing(request)
        index = self._folder / "index.html"
        if index.is_file():
            return FileResponse(index, headers={"Cache-Control": "no-cache"})
        return HTMLResponse(NOT_BUILT, status_code=503)

    def _file(self, path: str) -> Path | None:
        """A file within the folder; None for anything else, wherever the path leads."""
        if not path or "\0" in path:
            return None
        file = (self._folder / path).resolve()
        return file if file.is_relative_to(self._folder) and file.is_file() else None


def _missing(request: Request) -> Problem:
    return Problem(404, f"There is no resource {request.url.path}.")

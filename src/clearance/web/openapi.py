"""The OpenAPI document: FastAPI's, with the schemas of our structs."""

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi


def describe(app: FastAPI, types: Iterable[Any]) -> None:
    """Let the app's document hold the schemas of these types."""
    wanted = list(dict.fromkeys(types))

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            _, schemas = msgspec.json.schema_components(wanted, ref_template="#/components/schemas/{name}")
            components = made.setdefault("components", {})
            components.setdefault("schemas", {}).update(schemas)
            components["securitySchemes"] = {
                "basic": {"type": "http", "scheme": "basic"},
                "session": {"type": "apiKey", "in": "cookie", "name": "clearance_session"},
            }
            made["security"] = [{"session": []}, {"basic": []}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]

"""The OMG's XML schema of BPMN 2.0, from a package that ships it: ours has no copy.

SpiffWorkflow (PyPI) and bpmn-moddle (npm, where the user interface has been built) hold the same files.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

_NPM = Path(__file__).parents[2] / "ui" / "node_modules" / "bpmn-moddle" / "resources" / "bpmn" / "xsd"


@cache
def _schema() -> etree.XMLSchema | None:
    found = find_spec("SpiffWorkflow")
    packages = [Path(place) for place in (found.submodule_search_locations or ())] if found else []
    folders = [*(package / "bpmn" / "parser" / "schema" for package in packages), _NPM]
    files = [folder / "BPMN20.xsd" for folder in folders if (folder / "BPMN20.xsd").exists()]
    return etree.XMLSchema(etree.parse(files[0])) if files else None


def schema_errors(content: bytes) -> list[str]:
    """What the schema says of a file; skips the test where no package with the schema is installed."""
    schema = _schema()
    if schema is None:
        pytest.skip("no package with the schema of the OMG is installed (SpiffWorkflow, or bpmn-moddle)")
    schema.validate(etree.fromstring(content))
    return [f"line {error.line}: {error.message}" for error in schema.error_log]

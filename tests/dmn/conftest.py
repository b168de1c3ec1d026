"""Third-party models, read in place."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def kit_models() -> list[Path]:
    """The models of the DMN Technology Compatibility Kit."""
    shared = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
    found = sorted((shared / "dmn-tck").rglob("*.dmn"))
    if not found:
        pytest.skip("the DMN TCK is not there; set SHARED_DATA")
    return found

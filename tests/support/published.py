"""Find the published data sets that lie beside the project; nothing of them is copied into it."""

import os
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"


def published(name: str) -> Path:
    """Return a published set, or skip the test where it is absent; with CI=true that is a failure."""
    path = DATA / name
    if not path.exists():
        message = f"{path} is absent"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path

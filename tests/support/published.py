"""Find what is published beside the project, data sets and rules; nothing of it is copied into it."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared"


def published(name: str) -> Path:
    """Return a published data set, or skip the test where it is absent; with CI=true that is a failure."""
    return beside(f"data/{name}")


def beside(name: str) -> Path:
    """Return a file or folder that lies beside the project, as `published` does."""
    path = SHARED / name
    if not path.exists():
        message = f"{path} is absent"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path

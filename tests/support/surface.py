"""Ask a real server everything that web/openapi.yml describes, with whatever schemathesis makes of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.patience import PATIENCE

DESCRIPTION = Path(__file__).resolve().parents[2] / "web" / "openapi.yml"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# What every answer carries, whatever was asked.
HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "cache-control")


@dataclass(frozen=True, slots=True)
class Caller:
    """Say who asks: what a request of theirs carries, and what goes into its path and its form."""

    session: requests.Session
    path: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


# Opens a caller anew, for an operation may end the session of the one before.
Open = Callable[[], Caller]


@dataclass(slots=True)
class Asked:
    """Count what was asked, and keep what was answered wrongly."""

    requests: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def operations(tags: frozenset[str]) -> Iterator[Any]:
    """Yield the described operations under these tags."""
    schema = schemathesis.openapi.from_path(DESCRIPTION)
    for found in schema.get_all_operations():
        operation = found.ok()
        if tags.intersection(operation.definition.raw.get("tags", ())):
            yield operation


def ask_all(address: str, opened: Open, tags: frozenset[str], examples: int, *, seeded: bool) -> Asked:
    """Ask every operation under these tags so many times in each way, well-formed and, as JSON, not."""
    asked = Asked()
    for operation in operations(tags):
        caller = opened()
        for mode in _modes(operation):
            _ask(operation, mode, caller, asked, _Run(address, examples, seeded))
    return asked


def _modes(operation: Any) -> Sequence[GenerationMode]:
    """Return the ways to ask: only JSON can be of a wrong shape, paths and forms are always text."""
    takes_json = any(body.media_type == "application/json" for body in operation.body)
    return (GenerationMode.POSITIVE, GenerationMode.NEGATIVE) if takes_json else (GenerationMode.POSITIVE,)


@dataclass(frozen=True, slots=True)
class _Run:
    address: str
    examples: int
    seeded: bool


def _ask(operation: Any, mode: GenerationMode, caller: Caller, asked: Asked, run: _Run) -> None:
    @settings(
        max_examples=run.examples,
        derandomize=run.seeded,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def once(case: Any) -> None:
        _fill(case, caller)
        response = case.call(
            base_url=run.address, session=caller.session, allow_redirects=False, timeout=PATIENCE
        )
        asked.requests += 1
        asked.statuses[response.status_code] = asked.statuses.get(response.status_code, 0) + 1
        asked.faults += _faults(case, response)

    once()


def _fill(case: Any, caller: Caller) -> None:
    """Let half of what is made up be replaced by what leads further in."""
    for name, value in caller.path.items():
        if case.path_parameters and name in case.path_parameters:
            case.path_parameters[name] = value
    if caller.form and isinstance(case.body, dict):
        case.body.update(caller.form)


def _faults(case: Any, response: Any) -> list[str]:
    where = f"{case.method} {case.operation.path} -> {response.status_code}"
    missing = [name for name in HEADERS if name not in response.headers]
    faults = [f"{where}: no {name}" for name in missing]
    # Busy is an answer: it says when to try again.
    if response.status_code == requests.codes.unavailable and "retry-after" in response.headers:
        return faults
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        faults += [f"{where}: {error} {case.as_curl_command()}" for error in group.exceptions]
    return faults

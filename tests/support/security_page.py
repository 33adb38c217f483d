"""Generate the tables of docs/security.md: what proves each security case, and each line of ASVS 5.0 level 2.

Run `python -m tests.support.security_page` after adding a marker or a line of asvs.yml; a test fails when the
page is stale. What stands above the first mark in the page is written by hand.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml

from tests.support.requirement_map import ROOT, markers

PAGE = ROOT / "docs" / "security.md"
LINES = Path(__file__).with_name("asvs.yml")
MARK = "<!-- Made by `python -m tests.support.security_page` from here on; do not edit. -->"
# How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has.
CHAPTERS = {
    "V1": 27, "V2": 11, "V3": 19, "V4": 10, "V5": 9, "V6": 35, "V7": 18, "V8": 7, "V9": 7,
    "V10": 29, "V11": 14, "V12": 9, "V13": 13, "V14": 9, "V15": 13, "V16": 16, "V17": 7,
}  # fmt: skip
NAMES = (
    "Encoding and sanitization", "Validation and business logic", "Web frontend", "API and web service",
    "File handling", "Authentication", "Session management", "Authorization", "Self-contained tokens",
    "OAuth and OIDC", "Cryptography", "Secure communication", "Configuration", "Data protection",
    "Secure coding and architecture", "Logging and error handling", "WebRTC",
)  # fmt: skip
STATES = ("Not used", "Operator", "In part", "Not met", "Written")
_CASE = re.compile(r"(?<![\w./])(?:RT|[AEPSLQXGTC])\d+(?!\w)")
_TEST = re.compile(r"tests/[\w/]+\.py(?:::\w+)?")
_PAGES = re.compile(r"docs/[\w/.-]+\.md")


def lines() -> Mapping[str, str]:
    """Return what is said of each requirement of ASVS, by its number."""
    told: dict[str, str] = yaml.safe_load(LINES.read_text(encoding="utf-8"))
    return told


def state(line: str) -> str:
    """Return what a line comes to: tested, unless it says otherwise at its beginning."""
    return next((name for name in STATES if line.startswith(f"{name}:")), "Tested")


def named(line: str) -> tuple[list[str], list[str], list[str]]:
    """Return the cases, the tests and the pages that a line names."""
    return _CASE.findall(line), _TEST.findall(line), _PAGES.findall(line)


@cache
def proofs() -> Mapping[str, Sequence[str]]:
    """Return the tests that prove each security case."""
    found: dict[str, list[str]] = defaultdict(list)
    for kind, name, test in markers(ROOT / "tests"):
        if kind == "case" and test not in found[name]:
            found[name].append(test)
    return found


def build() -> str:
    """Return the page: what is written by hand, then the tables."""
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0].rstrip()
    return "\n".join([head, "", MARK, "", *_cases(), "", *_standard(), ""])


def _cases() -> Iterator[str]:
    found = proofs()
    yield from (f"## Cases: {len(found)}, each with its tests", "", "| case | proved by |", "|---|---|")
    for name in sorted(found, key=lambda each: (each.rstrip("0123456789"), int(re.sub(r"\D", "", each)))):
        first, more = found[name][0], len(found[name]) - 1
        yield f"| {name} | `{first}`{f' and {more} more' if more else ''} |"


def _standard() -> Iterator[str]:
    told = lines()
    counts = Counter(state(line) for line in told.values())
    summary = ", ".join(f"{counts[name]} {name.lower()}" for name in ("Tested", *STATES) if counts[name])
    yield from (f"## OWASP ASVS 5.0.0, levels 1 and 2: {len(told)} lines", "", f"{summary}.", "")
    for number, name in enumerate(NAMES, 1):
        yield from (
            f"### V{number} {name}",
            "",
            "| line | state | how, and where it is proved |",
            "|---|---|---|",
        )
        for key, line in told.items():
            if key.startswith(f"V{number}."):
                yield f"| {key} | {state(line).lower()} | {_without_state(line)} |"
        yield ""


def _without_state(line: str) -> str:
    rest = line.removeprefix(f"{state(line)}:").strip()
    return re.sub(r"(tests/[\w/]+\.py(?:::\w+)?)", r"`\1`", rest)


if __name__ == "__main__":
    PAGE.write_text(build(), encoding="utf-8")

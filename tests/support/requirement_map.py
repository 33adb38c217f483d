"""Generate docs/coverage.md: which test proves which requirement and which security case.

Run `python -m tests.support.requirement_map` after adding a marker; a test fails when the page is stale.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "coverage.md"
LAST_REQUIREMENT = 136
# Areas that are built: from now on none of their rows may be without a test.
FINISHED = frozenset(
    f"R{number}" for row in (range(1, 115), range(118, 132), range(135, 137)) for number in row
)
FINISHED_CASES = frozenset(
    {"A1", "A2", "A3", "A4", "A6", "A7", "A9", "A10", "A11", "A13", "A14", "A15", "A16", "A17", "A19", "A20"}
    | {"E1", "E2", "E3", "E5", "E6", "E7", "E8"}
    | {"RT1", "RT2", "RT3", "RT5", "RT6", "RT8", "RT11", "RT12", "RT14"}
    | {"P1", "P3", "P5", "P6", "P7", "P8", "P11", "P13", "P16", "P17"}
    | {"S1", "S2", "S3", "S5", "S7", "S8", "S9"}
    | {"L1", "L2", "L3", "L5", "L6", "L7", "L8", "L10"}
    | {"Q1", "Q6", "Q8"}
)
HEAD = """# What is proved

Generated from the markers of the tests by `python -m tests.support.requirement_map`; do not edit.
R1 to R136 are the rules, fields and messages of the two portals; A1, E1 ... are the security cases.
"""


@cache
def markers(tests: Path) -> tuple[tuple[str, str, str], ...]:
    """Return kind, id and test of each marker on a test function, a test class or a whole module."""
    return tuple(_markers(tests))


def _markers(tests: Path) -> Iterator[tuple[str, str, str]]:
    for path in sorted(tests.rglob("test_*.py")):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        where = path.relative_to(ROOT).as_posix()
        decorators: set[int] = set()
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                decorators |= {id(call) for call in node.decorator_list}
                for kind, name in _named(node.decorator_list):
                    yield kind, name, f"{where}::{node.name}"
        loose = [node for node in nodes if isinstance(node, ast.Call) and id(node) not in decorators]
        for kind, name in _named(loose):
            yield kind, name, where


def build(tests: Path) -> str:
    """Return the page for the tests under a folder."""
    proofs: dict[str, dict[str, list[str]]] = {"requirement": defaultdict(list), "case": defaultdict(list)}
    for kind, name, test in markers(tests):
        if test not in proofs[kind][name]:
            proofs[kind][name].append(test)
    wanted = [f"R{number}" for number in range(1, LAST_REQUIREMENT + 1)]
    missing = [name for name in wanted if name not in proofs["requirement"]]
    return "\n".join(
        [
            HEAD,
            f"## Requirements: {len(wanted) - len(missing)} of {len(wanted)}",
            "",
            *_table(proofs["requirement"]),
            "",
            f"Not yet: {' '.join(missing) or 'none'}.",
            "",
            f"## Security cases: {len(proofs['case'])}",
            "",
            *_table(proofs["case"]),
            "",
        ]
    )


def _table(proofs: dict[str, list[str]]) -> list[str]:
    rows = [
        f"| {name} | {'<br>'.join(f'`{t}`' for t in proofs[name])} |" for name in sorted(proofs, key=_order)
    ]
    return ["| id | proved by |", "|---|---|", *rows]


def _order(name: str) -> tuple[str, int]:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", name).groups()  # type: ignore[union-attr]
    return letters, int(digits)


def _named(expressions: Sequence[ast.expr]) -> Iterator[tuple[str, str]]:
    for call in expressions:
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr in {"requirement", "case"}:
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield call.func.attr, argument.value


if __name__ == "__main__":
    PAGE.write_text(build(ROOT / "tests"), encoding="utf-8")

"""Read the code of the actions for the names and values that they pass to the words."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Callers:
    """Hold what the code mentions.

    `strings` are all its literal texts, `prefixes` and `suffixes` the ends of those it puts together,
    `passed` the names of all keyword arguments, `exact` what a response
    is given wherever all of it is written out.
    """

    strings: list[str] = field(default_factory=list)
    prefixes: set[str] = field(default_factory=set)
    suffixes: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    exact: dict[str, list[frozenset[str]]] = field(default_factory=dict)

    def mentions(self, name: str) -> bool:
        """Tell whether the code names something, whole or put together."""
        stems = {name.removesuffix(suffix) for suffix in self.suffixes} | {name}
        return any(stem in self.strings or stem.startswith(tuple(self.prefixes)) for stem in stems)


def read_callers(folders: Iterable[Path]) -> Callers:
    """Read every Python file of the folders, without running any."""
    callers = Callers()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            _read(callers, ast.parse(path.read_text(encoding="utf-8")))
    return callers


def _read(callers: Callers, tree: ast.AST) -> None:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                callers.strings.append(text)
            case ast.JoinedStr():
                _read_joined(callers, node)
            case ast.Call():
                _read_call(callers, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                callers.passed |= {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
            case _:
                pass


def _read_joined(callers: Callers, joined: ast.JoinedStr) -> None:
    match joined.values:
        case [ast.Constant(value=str(start)), *_] if "_" in start:
            callers.prefixes.add(start)
        case [ast.FormattedValue(), ast.Constant(value=str(end))] if end.startswith("_"):
            callers.suffixes.add(end)
        case _:
            pass


def _read_call(callers: Callers, call: ast.Call) -> None:
    names = [keyword.arg for keyword in call.keywords]
    callers.passed |= {name for name in names if name is not None}
    if None in names or not _is_utter(call):
        return
    for response in _responses(call):
        callers.exact.setdefault(response, []).append(frozenset(name for name in names if name))


def _is_utter(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"utter_message", "utter"}


def _responses(call: ast.Call) -> Iterator[str]:
    values = [keyword.value for keyword in call.keywords if keyword.arg == "response"]
    for value in [*call.args[:1], *values]:
        for choice in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            if isinstance(choice, ast.Constant) and isinstance(choice.value, str):
                yield choice.value

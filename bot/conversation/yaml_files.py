"""Read YAML files so that every mapping remembers the lines it was written on."""

from collections.abc import Callable
from pathlib import Path
from sys import intern
from typing import Any

import yaml


class Located(dict[Any, Any]):
    """Hold a mapping of a file, with the line of each key and of each item of its lists."""

    __slots__ = ("items_lines", "line", "lines")

    lines: dict[Any, int]
    items_lines: dict[Any, list[int]]
    line: int

    def at(self, key: Any) -> int:
        """Return the line on which a key stands, else the line on which the mapping starts."""
        return self.lines.get(key, self.line)


# Reads one file: from its YAML, or from what a start before kept of it.
Reader = Callable[[Path], Located]


class _Loader(yaml.CSafeLoader):
    """Build `Located` mappings; nothing but plain values is ever built."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Located:
    loader.flatten_mapping(node)
    # Thousands of answers have the same few keys: each is kept once.
    written = loader.construct_mapping(node, deep=True)
    found = Located((intern(key) if type(key) is str else key, value) for key, value in written.items())
    found.line = node.start_mark.line + 1
    found.lines = {
        key.value: key.start_mark.line + 1 for key, _ in node.value if isinstance(key, yaml.ScalarNode)
    }
    found.items_lines = {
        key.value: [item.start_mark.line + 1 for item in value.value]
        for key, value in node.value
        if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.SequenceNode)
    }
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def plain(written: Any) -> Any:
    """Return what was written without its lines."""
    match written:
        case Located():
            return {key: plain(value) for key, value in written.items()}
        case list():
            return [plain(each) for each in written]
        case _:
            return written


class ProjectFileError(ValueError):
    """Report a conversation file that cannot be read; the message names file and line."""


def read_yaml(path: Path) -> Located:
    """Return the top-level mapping of a file; an empty file is an empty mapping."""
    return parse_yaml(path.read_bytes(), path)


def parse_yaml(written: bytes, path: Path) -> Located:
    """Return the top-level mapping of what is written in the file at that path."""
    try:
        # The loader is a safe one: it builds plain values only.
        content = yaml.load(written.decode(), Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        message = f"{path}:{line}: not readable as YAML ({getattr(error, 'problem', None) or error})"
        raise ProjectFileError(message) from None
    if content is None:
        content = Located()
        content.line, content.lines, content.items_lines = 1, {}, {}
    if not isinstance(content, Located):
        message = f"{path}:1: the file must hold a mapping of sections"
        raise ProjectFileError(message)
    return content

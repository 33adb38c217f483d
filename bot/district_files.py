"""Apply the districts' option files of the state folder."""

import hashlib
from pathlib import Path
from typing import NoReturn

import yaml

from bot.conversation.yaml_files import Located
from portal.core.errors import SettingsError
from portal.transaction import Portal


class _Loader(yaml.CSafeLoader):
    """Build mappings that know their lines; nothing but plain values is ever built."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Located:
    lines = _lines(node)
    loader.flatten_mapping(node)
    # A key is taken as it is written: the school 0101 is no number, and "on" is no yes.
    found = Located((key.value, loader.construct_object(value, deep=True)) for key, value in node.value)
    found.line, found.lines, found.items_lines = node.start_mark.line + 1, lines, {}
    return found


def _lines(node: yaml.MappingNode) -> dict[str, int]:
    lines: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(
                None, None, "write a name before the colon", key.start_mark
            )
        # YAML would quietly take the second, and somebody would believe in the first.
        if key.value in lines:
            told = f"{key.value} is there twice, first on line {lines[key.value]}; remove one"
            raise yaml.constructor.ConstructorError(None, None, told, key.start_mark)
        lines[key.value] = key.start_mark.line + 1
    return lines


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def apply_districts(portal: Portal, folder: Path) -> None:
    """Write each `<slug>.yml` of the folder to its district's row when the file changed.

    Raises SettingsError naming the file, the line and the key at fault.
    """
    for path in sorted(folder.glob("*.yml")):
        content = _content(path)
        with portal.begin() as tx:
            tx.districts.apply(path.stem, _parsed(path, content), hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"districts/{path.name} cannot be read ({error.strerror}): mend that and start again."
        raise SettingsError(message) from None


def _parsed(path: Path, content: bytes) -> Located:
    try:
        # The loader is a safe one: it builds plain values only.
        options = yaml.load(content, Loader=_Loader)  # noqa: S506
    except yaml.constructor.ConstructorError as error:
        _refuse(path, error.problem_mark, str(error.problem))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        _refuse(path, mark, "this is not YAML; mend the line and start again")
    if not isinstance(options, Located):
        _refuse(path, None, "write one option a line, as `name: ...`")
    return options


def _refuse(path: Path, mark: yaml.Mark | None, why: str) -> NoReturn:
    place = f", line {mark.line + 1}" if mark else ""
    message = f"districts/{path.name}{place}: {why}."
    raise SettingsError(message) from None

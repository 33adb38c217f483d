"""Apply the districts' option files of the state folder."""

import hashlib
from pathlib import Path

import yaml

from portal.core.errors import SettingsError
from portal.transaction import Portal


def apply_districts(portal: Portal, folder: Path) -> None:
    """Write each `<slug>.yml` of the folder to its district's row when the file changed.

    Raises SettingsError naming the file and the key, or the line, at fault.
    """
    for path in sorted(folder.glob("*.yml")):
        content = path.read_bytes()
        with portal.begin() as tx:
            tx.districts.apply(path.stem, _parsed(path, content), hashlib.sha256(content).hexdigest())


def _parsed(path: Path, content: bytes) -> dict[str, object]:
    try:
        options = yaml.safe_load(content)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        message = f"districts/{path.name}{place}: this is not YAML; mend the line and start again."
        raise SettingsError(message) from None
    if not isinstance(options, dict):
        message = f"districts/{path.name}: write one option a line, as `name: ...`."
        raise SettingsError(message)
    return options

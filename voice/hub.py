"""Fetch models from the engines' hub, where a district allows it: by name, at one revision, once."""

import contextlib
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

# Weights, and the tables that belong to them: no code of a repository is ever fetched.
FILES = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")
ADDRESS = "https://huggingface.co"
_NAMED = re.compile(r"(en|multi)=(\w[\w.-]*/\w[\w.-]*)@([0-9a-f]{40})")


class HubError(Exception):
    """Tell that a model could not be fetched."""


@dataclass(frozen=True, slots=True)
class HubModel:
    """Name one model: its repository, and the commit that was looked at."""

    repository: str
    revision: str


class Hub(Protocol):
    """Bring models."""

    def fetch(self, model: HubModel, folder: Path) -> None:
        """Put the files of a model into a folder; raise HubError."""


def read_models(value: str) -> Mapping[str, HubModel]:
    """Read `multi=Systran/faster-whisper-small@COMMIT`, several parted by commas; raise ValueError.

    A branch or a tag is refused: what it stands for may be another model tomorrow.
    """
    found: dict[str, HubModel] = {}
    for part in filter(None, (each.strip() for each in value.split(","))):
        match = _NAMED.fullmatch(part)
        if match is None:
            raise ValueError(part)
        found[match[1]] = HubModel(match[2], match[3])
    return found


class HuggingFace:
    """Fetch from Hugging Face, or from a mirror of it."""

    def __init__(self, address: str = ADDRESS) -> None:
        """Take where the hub answers."""
        self._address = address

    def fetch(self, model: HubModel, folder: Path) -> None:
        """Put the files of a model into a folder; raise HubError. Half a model is never left there."""
        from huggingface_hub import snapshot_download  # noqa: PLC0415  (comes with the extra `voice`)
        from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415  (as above)

        # Several processes may start at once.
        beside = folder.with_name(f"{folder.name}.{os.getpid()}")
        shutil.rmtree(beside, ignore_errors=True)
        try:
            snapshot_download(
                model.repository,
                revision=model.revision,
                local_dir=beside,
                allow_patterns=list(FILES),
                endpoint=self._address,
                token=False,
            )
        except (OSError, ValueError, HfHubHTTPError) as error:
            shutil.rmtree(beside, ignore_errors=True)
            raise HubError(type(error).__name__) from None
        with contextlib.suppress(OSError):
            # Where another was quicker, its folder is as good.
            beside.rename(folder)
        shutil.rmtree(beside, ignore_errors=True)

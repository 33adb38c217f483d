"""Say in one sentence why a command cannot go on."""

import contextlib
import os
from collections.abc import Iterator
from typing import NoReturn

import click

from bot.settings import DEMO_URL, Settings, read_settings
from portal.core.errors import PortalError


class Sentence(click.ClickException):
    """End the command with one sentence that says what to do."""

    def show(self, file: object = None) -> None:
        """Print the sentence alone."""
        click.echo(self.message, err=True)


def stop(sentence: str) -> NoReturn:
    """End the command."""
    raise Sentence(sentence) from None


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what the portal refuses to start with into one sentence."""
    try:
        yield
    except PortalError as error:
        stop(str(error))


def settings_here(*, demo: bool = False, demo_url: str = DEMO_URL) -> Settings:
    """Return the settings that the environment names."""
    with plain_errors():
        return read_settings(os.environ, demo=demo, demo_url=demo_url)

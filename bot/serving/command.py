"""Serve with several workers, from the command line."""

import os

import click

from bot.logs import configure_logging
from bot.sentences import stop
from bot.serving.order import Order
from bot.serving.parent import Parent, listen
from bot.settings import Settings
from bot.watching.folder import VARIABLE, make_folder


def serve_with_workers(settings: Settings, order: Order) -> int:
    """Serve until a signal ends it; return the exit status."""
    if settings.database_url.startswith("sqlite"):
        stop(
            "The embedded database serves one worker: leave --workers out, or set HALLPASS_DATABASE_URL to "
            "a PostgreSQL database (postgresql://user@host/name) and start again."
        )
    configure_logging(settings.logs)
    # Each worker counts for itself, in one folder: whichever of them is asked for the figures adds them up.
    environment = {**os.environ, VARIABLE: str(make_folder(settings.var))}
    return Parent(order, listen(order.host, order.port), tell=_say, environment=environment).run()


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)

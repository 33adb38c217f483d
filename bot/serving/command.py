"""Serve with several workers, from the command line."""

import click

from bot.logs import configure_logging
from bot.sentences import stop
from bot.serving.order import Order
from bot.serving.parent import Parent, listen
from bot.settings import Settings


def serve_with_workers(settings: Settings, order: Order) -> int:
    """Serve until a signal ends it; return the exit status."""
    if settings.database_url.startswith("sqlite"):
        stop(
            "The embedded database serves one worker: leave --workers out, or set HALLPASS_DATABASE_URL to "
            "a PostgreSQL database (postgresql://user@host/name) and start again."
        )
    configure_logging()
    return Parent(order, listen(order.host, order.port), tell=_say).run()


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)

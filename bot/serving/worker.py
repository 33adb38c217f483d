"""Be one worker: take connections from the socket that the parent opened, until it or a signal says so."""

import contextlib
import os
import socket
import sys
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from bot.serving.order import CANNOT_SERVE, READY, Order, read_order
from bot.serving.starting import undisturbed
from bot.settings import read_settings
from portal.core.cores import stay_on_one
from portal.core.errors import PortalError
from web.server import ToldServer

if TYPE_CHECKING:
    from bot.bootstrap import Application


def main(argument: str) -> None:
    """Serve as the parent ordered."""
    order = read_order(argument)
    # What this worker starts in its turn, such as ears and mouths, holds neither of them open.
    for descriptor in (order.listener, order.line):
        os.set_inheritable(descriptor, False)  # noqa: FBT003  (the call's own shape)
    with undisturbed():
        application = _started(order)
        server = application.server(order.host, order.port)
    if order.is_first:
        for told in (*application.notices(), *application.sign_in_lines(), *order.places()):
            click.echo(told)
    listener = socket.socket(fileno=order.listener)
    line = socket.socket(fileno=order.line)
    server.begun = partial(_begun, line)
    threading.Thread(target=_end_with_parent, args=(line, server), daemon=True).start()
    if order.pinned:
        stay_on_one(order.number)
    server.run(sockets=[listener])


def _started(order: Order) -> "Application":
    from bot.bootstrap import start  # noqa: PLC0415  (an order that is none fails at once)

    try:
        settings = read_settings(os.environ, demo=order.demo, demo_url=order.address)
        settings = replace(settings, voice=settings.voice or order.voice, workers=order.workers)
        return start(settings, fresh=order.fresh)
    except PortalError as error:
        click.echo(str(error), err=True)
        sys.exit(CANNOT_SERVE)


def _begun(line: socket.socket) -> None:
    line.send(READY)


def _end_with_parent(line: socket.socket, server: ToldServer) -> None:
    # A parent that was killed tells nobody; its end of the line closes all the same.
    # Where it never read that this worker serves, the line is reset instead.
    with contextlib.suppress(ConnectionError):
        line.recv(1)
    server.should_exit = True


if __name__ == "__main__":
    main(sys.argv[1])

"""Serve with workers that do nothing but say who they are: what the parent does, without the program.

Called as `python -m tests.support.plain_workers PORT COUNT FOLDER`; each worker that starts leaves its number
in the folder. The file `mood` there says how workers end before they serve; while the file `hold` is there,
none comes to serve; those that start while the file `deaf` is there do not end when they are told to.
"""

import contextlib
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from bot.serving.order import READY, Order, read_order
from bot.serving.parent import Pace, Parent, listen

MOOD, HOLD, DEAF = "mood", "hold", "deaf"
FOLDER = "HALLPASS_TEST_FOLDER"


def parent(port: int, count: int, folder: Path) -> int:
    os.environ[FOLDER] = str(folder)
    command = (sys.executable, "-m", "tests.support.plain_workers")
    order = Order("127.0.0.1", port, count)
    pace = Pace(grace=3, again=0.05, longest=0.2)
    return Parent(order, listen("127.0.0.1", port), command, pace).run()


def worker(argument: str) -> None:
    order, folder = read_order(argument), Path(os.environ[FOLDER])
    number = len(list(folder.glob("worker-*")))
    written = folder / f"unread-{os.getpid()}"
    written.write_text(argument)
    # Whoever sees the file may read it at once.
    written.rename(folder / f"worker-{number}-{os.getpid()}")
    mood = folder / MOOD
    if mood.exists():
        sys.exit(int(mood.read_text()))
    if (folder / DEAF).exists():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while (folder / HOLD).exists():
        time.sleep(0.02)
    listener, line = socket.socket(fileno=order.listener), socket.socket(fileno=order.line)
    line.send(READY)
    threading.Thread(target=_end_with_parent, args=(line,), daemon=True).start()
    while True:
        with listener.accept()[0] as caller:
            caller.sendall(str(os.getpid()).encode())


def _end_with_parent(line: socket.socket) -> None:
    with contextlib.suppress(ConnectionError):
        line.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        worker(sys.argv[1])
    else:
        sys.exit(parent(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))

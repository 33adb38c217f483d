"""Say what a worker is started with; the parent hands it over as one argument."""

import json
from dataclasses import asdict, dataclass

# A worker that ends so would end so again: its settings have to be mended first.
CANNOT_SERVE = 78
READY = b"r"


@dataclass(frozen=True, slots=True)
class Order:
    """Hold what differs between installations and is typed, not set; `listener` and `line` are descriptors.

    `number` is the worker's place, by which one that is `pinned` finds the core that it stays on.
    The first worker brings the tables up to date, makes the demo, and tells how to sign in.
    """

    host: str
    port: int
    workers: int
    listener: int = -1
    line: int = -1
    demo: bool = False
    voice: bool = False
    fresh: bool = False
    pinned: bool = False
    number: int = 0
    is_first: bool = True

    @property
    def address(self) -> str:
        """Return where people come."""
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def places(self) -> list[str]:
        """Say where everything is, a line each."""
        demo = [f"The mails of the demo are at {self.address}/outbox."] if self.demo else []
        return [*demo, f"Hallpass is at {self.address}/chat (stop it with Ctrl-C)."]

    def argument(self) -> str:
        """Return the order as one argument."""
        return json.dumps(asdict(self))


def read_order(argument: str) -> Order:
    """Return the order that an argument holds."""
    return Order(**json.loads(argument))

"""Compare Hallpass with Rasa Open Source 3.6.21 on the same flows, words and actions, in one run.

`python -m bench.rasa` makes Rasa's environment (Python 3.10, kept outside the repository), validates and
trains its project, starts both engines and measures them in turns. `--keep` takes the environment and the
model that an earlier run left, and measures only. `--home FOLDER` says where they are kept.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bench.rasa import told
from bench.rasa.engines import Engine, Hallpass, RasaServer, free_port
from bench.rasa.environment import MissingError, Rasa, make
from bench.rasa.measuring import CONVERSATIONS, measure
from bench.rasa.people import Parent, parents
from bench.rasa.project import lay_out
from bench.rasa.training import train_hallpass, train_rasa, validate
from bench.rasa.usage import Spent
from bench.report import keep

STARTS = 3


def main() -> None:
    """Compare, print the table and keep the figures."""
    options = _options()
    try:
        rasa = make(options.home)
    except MissingError as error:
        raise SystemExit(str(error)) from None
    log = (options.home / "servers.log").open("wb")
    print(f"Rasa lives in {options.home}; what the servers say goes to {log.name}", flush=True)
    port = free_port()
    lay_out(rasa.project, port)
    trained = told.read_training(options.home) if options.keep else None
    if not (options.keep and rasa.model.exists()):
        shutil.rmtree(rasa.project / ".rasa", ignore_errors=True)
        validate(rasa)
        trained = told.Training(train_rasa(rasa), train_hallpass())
        told.write_training(options.home, trained)
    _compare(rasa, port, log, trained)


def _compare(rasa: Rasa, port: int, log: IO[bytes], trained: told.Training | None) -> None:
    ours = Hallpass(rasa.home / "demo-hallpass", log)
    theirs = RasaServer(rasa, rasa.home / "demo-rasa", port, log)
    families = [_families(engine.folder) for engine in (ours, theirs)]
    assert families[0] == families[1], "the two demos are not of the same school"
    with _ended(ours, theirs):
        # The first time Hallpass learns eleven languages, and both are read from the disk.
        _started(ours, theirs)
        starts: list[tuple[Spent, Spent]] = [_started(ours, theirs) for _ in range(STARTS)]
        print(f"started {STARTS} times", flush=True)
        idle = ours.tree().resident(), theirs.tree_alone().resident()
        figures = measure((ours, theirs), families[0])
        alone, both = theirs.tree_alone().resident(), theirs.tree().resident()
    found = told.measured(
        trained,
        told.Found([one for one, _ in starts], idle[0], figures[ours.name].resident, figures[ours.name]),
        told.Found([two for _, two in starts], idle[1], alone, figures[theirs.name]),
        both - alone,
    )
    keep("rasa", found)
    for row in found.tables[0].rows:
        figures_of = (f"{row[name]!s:>10}" for name in (told.HALLPASS, told.RASA, "ratio"))
        print(f"{row['what']!s:52}{''.join(figures_of)} {row['unit']}")


def _families(folder: Path) -> list[Parent]:
    """Return a parent of one child for each conversation; some hold several."""
    single = [parent for parent in parents(folder) if len(parent.children) == 1]
    return [single[at % len(single)] for at in range(CONVERSATIONS)]


def _started(*engines: Engine) -> tuple[Spent, ...]:
    for engine in engines:
        engine.stop()
    return tuple(engine.start() for engine in engines)


@contextmanager
def _ended(*engines: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        for engine in engines:
            engine.stop()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.rasa", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    home = Path(tempfile.gettempdir()) / "hallpass-rasa"
    parser.add_argument("--home", type=Path, default=home, metavar="FOLDER")
    parser.add_argument("--keep", action="store_true", help="take the environment and model that are there")
    return parser.parse_args()


if __name__ == "__main__":
    main()

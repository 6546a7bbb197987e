"""Takes runs in a process of its own: `python taking.py URL RUN COUNT [STOP]`.

Prints a line and waits for ever once STOP records are taken, to be killed there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from redislint.fleet.history import History
from redislint.fleet.model import Record
from tests.fleet.samples import RUN, Records


def main(url: str, name: str, count: str, stop: str = "") -> None:
    run = RUN._replace(id=name)
    with History.open(url, run.name) as history:
        history.take(run, _until(Records(int(count)), int(stop or -1)), complete=True)


def _until(records: Records, stop: int) -> Iterator[Record]:
    for number, record in enumerate(records):
        if number == stop:
            print("waiting", flush=True)
            time.sleep(600)
        yield record


if __name__ == "__main__":
    main(*sys.argv[1:])

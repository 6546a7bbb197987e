"""Files a second: one process, one core, a folder, through the Python interface.

Run by run.py with the interpreter under which redislint is installed:
`throughput.py FOLDER [SERVER]` prints processor seconds (user and
system), files and findings as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(folder: str, server: str | None) -> None:
    import redislint

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    start = time.process_time()
    report = redislint.check([folder], server=server)
    seconds = time.process_time() - start
    json.dump(
        {
            "seconds": seconds,
            "files": report.files_checked,
            "findings": len(report.findings),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)

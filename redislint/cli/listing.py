"""`--list-files` and `--list-targets`: what a check would look at, and why."""

from __future__ import annotations

import os
from collections.abc import Sequence

from redislint.cli import exits
from redislint.cli.errors import CommandError, say
from redislint.cli.output import write_stdout


def list_found(
    targets: Sequence[str], allow_outside: bool, limit: int, *, with_reasons: bool
) -> int:
    """Print a line for each file that would be checked, kind and path with a tab between;
    `with_reasons`: for each target, with its server and why it is one. Returns the exit code.
    """
    from redislint.audit.inputs import Inputs
    from redislint.reports.escape import printable
    from redislint.sources.discovery import Unread

    lines: dict[str, None] = {}
    code = exits.NOTHING
    inputs = Inputs.of(targets, stdin=b"", allow_outside=allow_outside, max_file_size=limit)
    if inputs.urls or inputs.clouds:
        raise CommandError("--list-files lists files, and the URL of a server is none")
    for found in inputs.load():
        if isinstance(found, Unread):
            say(f"{found.path}: {found.reason}")
            code = exits.INCOMPLETE
            continue
        path = printable(os.path.relpath(found.file.path))
        columns = [found.file.kind, path]
        if with_reasons:
            deployment = found.deployment
            server, why = "", "its name and directives"
            if deployment is not None:
                server = ", ".join(map(str, deployment.servers)) or deployment.engine
                why = deployment.why
            columns = [found.file.kind, path + found.suffix, server or "-", printable(why)]
        lines["\t".join(columns) + "\n"] = None
        code = exits.OK if code == exits.NOTHING else code
    write_stdout("".join(lines))
    return code

"""Settings that only an attacker chooses.

The known attack on an open server writes a snapshot over a file that something else reads:
`CONFIG SET dir /root/.ssh`, `dbfilename authorized_keys`, SAVE. The others load a module
that a false replica sent. What such attacks were seen to use is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from redislint.model import Fact

_DIRECTORIES = re.compile(
    r"/root/\.ssh|/home/[^/]+/\.ssh|/var/lib/(redis|valkey)/\.ssh"
    r"|/etc|/etc/(cron[^/]*|init\.d|ssh|sudoers\.d|profile\.d)"
    r"|/var/spool/cron(/.*)?|/var/www(/.*)?|/usr/share/nginx/html(/.*)?"
)
_FILES = re.compile(
    r"authorized_keys2?|root|crontab|.+\.(so|php|phtml|jsp|jspx|asp|aspx|sh)", re.IGNORECASE
)
_ANYBODYS = ("/tmp/", "/var/tmp/", "/dev/shm/")
"""Directories in which every user may put a file."""


def traces(
    directory: str | None, dbfilename: str | None, modules: Iterable[Mapping[str, Any]] = ()
) -> list[str]:
    """Each setting that looks like one, for people: `dir is /root/.ssh`."""
    found = []
    if directory and _DIRECTORIES.fullmatch(directory.rstrip("/") or "/"):
        found.append(f"dir is {directory}")
    if dbfilename and _FILES.fullmatch(dbfilename):
        found.append(f"dbfilename is {dbfilename}")
    paths = (str(module.get("path", "")) for module in modules)
    found += [f"module {path} is loaded" for path in paths if path.startswith(_ANYBODYS)]
    return found


def facts(config: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Fact]:
    """`attack.traces`; absent where neither directive is known. `known`: facts by path."""
    directory, dbfilename = config.get("dir"), config.get("dbfilename")
    if directory is None and dbfilename is None:
        return {}
    found = traces(directory, dbfilename, known.get("modules") or ())
    return {"attack.traces": Fact(found, "", "derived", "dir, dbfilename, modules")}

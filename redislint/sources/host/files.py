"""Who may change the configuration files of a host."""

from __future__ import annotations

import os
import stat

from redislint.sources.host.reading import Host, names

CONFIG_PLACES = (
    "etc/redis",
    "etc/valkey",
    "etc/redis.conf",
    "etc/valkey.conf",
    "etc/redis-sentinel.conf",
    "etc/valkey-sentinel.conf",
    "usr/local/etc/redis",
    "usr/local/etc/valkey",
)
"""Where packages and images keep the configuration: files, and folders with `*.conf` and
`*.acl`."""


def open_config_files(host: Host) -> list[str] | None:
    """Configuration files and their folders that every user may write; None without any."""
    found = []
    looked = False
    for place in CONFIG_PLACES:
        inside = [n for n in names(host.path(place)) if n.endswith((".conf", ".acl"))]
        for name in (place, *(f"{place}/{n}" for n in inside)):
            try:
                mode = os.stat(host.path(name)).st_mode
            except OSError:
                continue  # most hosts have but one of these places
            looked = looked or stat.S_ISREG(mode)
            if mode & stat.S_IWOTH and not (stat.S_ISDIR(mode) and mode & stat.S_ISVTX):
                found.append(f"/{name} ({stat.S_IMODE(mode):04o})")
    if not looked:
        host.missing("open_config_files", "no configuration where packages keep it (/etc/redis)")
        return None
    return found

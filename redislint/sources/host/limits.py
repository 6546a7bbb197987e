"""The limits of a process's control group and of all above it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from redislint.sources.host.reading import Host, read


def cgroup(host: Host, base: str) -> dict[str, Any]:
    """The tightest memory and CPU limit of the process's cgroup and all above it.

    In a container whose cgroup tree starts at its own root, that root holds the limits.
    """
    text = host.text(base + "cgroup", "cgroup_memory_max")
    if text is None:
        return {}
    paths = {}
    for line in text.splitlines():
        parts = line.split(":", 2)
        if len(parts) == 3:
            for controller in parts[1].split(",") if parts[1] else [""]:
                paths[controller] = parts[2]
    if "memory" in paths and os.path.isdir(host.path("sys/fs/cgroup/memory")):
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        return _limits(host, "sys/fs/cgroup/memory", paths["memory"], names)
    names = ("memory.max", "memory.current", "inactive_file")
    facts = _limits(host, "sys/fs/cgroup", paths.get("", "/"), names)
    quotas = []
    for folder in _upwards(host, "sys/fs/cgroup", paths.get("", "/")):
        words = (read(os.path.join(folder, "cpu.max")) or "").split()
        if len(words) == 2 and words[0].isdigit():
            quotas.append(int(words[0]) / int(words[1]))
    facts["cpu_quota"] = min(quotas) if quotas else None
    return facts


def _upwards(host: Host, mount: str, path: str) -> Iterator[str]:
    """The folders of a cgroup and of all above it, the mount last."""
    words = [word for word in path.split("/") if word and word != ".."]
    while True:
        yield host.path(mount, *words)
        if not words:
            return
        words.pop()


def _limits(
    host: Host,
    mount: str,
    path: str,
    names: tuple[str, str, str],
) -> dict[str, Any]:
    tightest: tuple[int, str] | None = None
    for folder in _upwards(host, mount, path):
        text = (read(os.path.join(folder, names[0])) or "").strip()
        # Version 1 writes "no limit" as a number near 2^63.
        if text.isdigit() and int(text) < 1 << 60 and (not tightest or int(text) < tightest[0]):
            tightest = (int(text), folder)
    if tightest is None:
        return {"cgroup_memory_max": 0}
    used = (read(os.path.join(tightest[1], names[1])) or "").strip()
    stat_text = read(os.path.join(tightest[1], "memory.stat")) or ""
    cache = re.search(rf"^{names[2]} (\d+)", stat_text, re.MULTILINE)
    return {
        "cgroup_memory_max": tightest[0],
        "cgroup_memory_used": int(used) if used.isdigit() else None,
        "cgroup_inactive_file": int(cache.group(1)) if cache else None,
    }

"""What the kernel says of the machine: settings, memory, clock, its log."""

from __future__ import annotations

import os
import re
from typing import Any

from redislint.sources.host.reading import Host

DAY = 86400.0

STORAGE_ERRORS = re.compile(
    r"I/O error|EXT4-fs error|XFS .*(corruption|shutdown|metadata I/O)|BTRFS.*error"
    r"|Remounting filesystem read-only|Medium Error|critical (medium|target) error",
    re.IGNORECASE,
)
OOM_KILL = re.compile(r"[Kk]illed process \d+ \((?:redis|valkey)[^)]*\)")


def kernel(host: Host) -> dict[str, Any]:
    memory = _meminfo(host)
    huge = host.text("sys/kernel/mm/transparent_hugepage/enabled", "transparent_hugepage") or ""
    chosen = re.search(r"\[(\w+)\]", huge)
    clock = "sys/devices/system/clocksource/clocksource0/"
    source = host.text(clock + "current_clocksource", "clocksource")
    sources = host.text(clock + "available_clocksource", "clocksources")
    nodes = _listing(host, "sys/devices/system/node")
    storage, kills = _kernel_log(host)
    return {
        "vm_overcommit_memory": host.number(
            "proc/sys/vm/overcommit_memory", "vm_overcommit_memory"
        ),
        "transparent_hugepage": chosen.group(1) if chosen else None,
        "swappiness": host.number("proc/sys/vm/swappiness", "swappiness"),
        "somaxconn": host.number("proc/sys/net/core/somaxconn", "somaxconn"),
        "dirty_expire": _hundredths(host, "dirty_expire"),
        "dirty_writeback": _hundredths(host, "dirty_writeback"),
        "memory_total": memory.get("MemTotal"),
        "memory_available": memory.get("MemAvailable"),
        "swap_total": memory.get("SwapTotal"),
        "swap_free": memory.get("SwapFree"),
        "commit_limit": memory.get("CommitLimit"),
        "committed": memory.get("Committed_AS"),
        "clocksource": source.strip() if source else None,
        "clocksources": sources.split() if sources else None,
        "architecture": os.uname().machine,
        "cpus": float(os.cpu_count() or 0) or None,
        "numa_nodes": sum(1 for n in nodes if re.match(r"node\d+$", n)) or None,
        "storage_errors": storage,
        "oom_kills": kills,
    }


def _listing(host: Host, name: str) -> list[str]:
    try:
        return os.listdir(host.path(name))
    except OSError:
        return []  # a kernel without that feature


def _hundredths(host: Host, name: str) -> float | None:
    value = host.number(f"proc/sys/vm/{name}_centisecs", name)
    return None if value is None else value / 100


def _meminfo(host: Host) -> dict[str, int]:
    text = host.text("proc/meminfo", "memory_total", "memory_available", "swap_total") or ""
    pairs = re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)
    return {name: int(value) * 1024 for name, value in pairs}


def _kernel_log(host: Host) -> tuple[list[str] | None, list[str] | None]:
    """Storage errors of the last day and killed servers of the last seven days."""
    lines = _kernel_lines(host)
    if lines is None:
        return None, None
    storage: list[str] = []
    kills: list[str] = []
    for age, line in lines:
        if age <= DAY and STORAGE_ERRORS.search(line):
            storage.append(line[:200])
        kill = OOM_KILL.search(line) if age <= 7 * DAY else None
        if kill:
            kills.append(kill.group(0))
    return storage[-10:], kills[-10:]


def _kernel_lines(host: Host) -> list[tuple[float, str]] | None:
    """Age and text of each line of the kernel's log; None when it may not be read."""
    uptime = host.text("proc/uptime")
    try:
        running = float((uptime or "").split()[0])
        handle = os.open(host.path("dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, IndexError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no uptime"
        for fact in ("storage_errors", "oom_kills"):
            host.missing(fact, f"/dev/kmsg: {reason}; root may read it")
        return None
    lines = []
    try:
        while True:
            try:
                record = os.read(handle, 8192)
            except BlockingIOError:
                break
            except BrokenPipeError:
                continue  # records were overwritten meanwhile; the next read goes on
            except OSError as error:
                host.missing("storage_errors", f"/dev/kmsg: {error.strerror}")
                host.missing("oom_kills", f"/dev/kmsg: {error.strerror}")
                return None
            if not record:
                break
            for part in record.decode("utf-8", "replace").splitlines():
                head, _, text = part.partition(";")
                fields = head.split(",")
                if text and len(fields) > 2 and fields[2].isdigit():
                    lines.append((running - int(fields[2]) / 1e6, text))
    finally:
        os.close(handle)
    return lines

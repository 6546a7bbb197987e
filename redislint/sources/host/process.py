"""One server process: who it is, its limits, its container, its directories, its log."""

from __future__ import annotations

import os
import re
import sys
from typing import Any

from redislint.sources.host.disk import directories
from redislint.sources.host.limits import cgroup
from redislint.sources.host.reading import Host, user

PROGRAMS = ("redis-server", "valkey-server", "redis-sentinel", "valkey-sentinel", "keydb-server")

LOG_TAIL = 262144
"""Bytes of the end of a server's log that are looked at."""

EVIDENCE = (
    ("fork failed", re.compile(r"in background: fork|Can't save in background")),
    ("no space left on the device", re.compile(r"No space left on device")),
    ("permission denied", re.compile(r"Permission denied")),
    ("read-only file system", re.compile(r"Read-only file system")),
    ("fsync of the AOF failed", re.compile(r"[Ff]ail to fsync the AOF|fsync error")),
    ("fsync of the AOF is slow", re.compile(r"fsync is taking too long")),
    ("short write to the AOF", re.compile(r"Short write while writing to the AOF")),
    ("AOF file is damaged", re.compile(r"Bad file format reading the append only file")),
)
"""What a log line says, in our words, and what it looks like. Lines are never copied: they
may hold data."""


def servers(host: Host) -> list[int]:
    """Process ids of the servers that run, in their order."""
    found = []
    try:
        names = os.listdir(host.path("proc"))
    except OSError as error:
        host.missing("servers", f"/proc: {error.strerror}")
        return []
    for name in names:
        if name.isdigit():
            try:
                with open(host.path("proc", name, "comm"), encoding="utf-8") as file:
                    program = file.read().strip()
            except OSError:
                continue  # the process ended, or is hidden from this user
            if program in PROGRAMS:
                found.append(int(name))
    return sorted(found)


def server(host: Host, pid: int, logs: tuple[str, ...]) -> dict[str, Any]:
    """One server process: who it is, its limits, its container and its data directory."""
    inner = Host(host.root, host.now)
    base = f"proc/{pid}/"
    status = _status(inner, base)
    uid = int(status["Uid"].split()[1]) if "Uid" in status else None
    groups = [int(word) for word in status.get("Groups", "").split() if word.isdigit()]
    gid = int(status["Gid"].split()[1]) if "Gid" in status else None
    facts: dict[str, Any] = {
        "open_files": _open_files(inner, base),
        "server_swap": _kilobytes(status.get("VmSwap")),
        "server_user": user(inner, uid),
        "server_numa_nodes": _numa(inner, base),
        "somaxconn": _somaxconn(inner, base),
        "log_evidence": evidence(inner, logs) if logs else None,
    }
    if not logs:
        inner.missing("log_evidence", "no log file was named (--log FILE)")
    facts.update(cgroup(inner, base))
    cpus = status.get("Cpus_allowed_list")
    quota = facts.pop("cpu_quota", None)
    if cpus:
        allowed = float(_count(cpus))
        facts["cpus"] = min(allowed, quota) if quota else allowed
    started = _started(inner, base)
    return {
        **({} if started is None else {"started_at": started}),
        "pid": pid,
        "inner_pids": [int(w) for w in status.get("NSpid", "").split() if w.isdigit()],
        "program": status.get("Name", ""),
        "facts": {name: value for name, value in facts.items() if value is not None},
        "directories": directories(inner, base, uid, gid, groups),
        "unknown": inner.unknown,
    }


def _started(host: Host, base: str) -> float | None:
    """When the process began, in seconds since 1970."""
    boot = re.search(r"^btime (\d+)", host.text("proc/stat") or "", re.MULTILINE)
    # The name of the program, in parentheses, may hold blanks.
    fields = (host.text(base + "stat") or "").rpartition(")")[2].split()
    if boot is None or len(fields) < 20 or not fields[19].isdigit():
        return None
    return int(boot.group(1)) + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _somaxconn(host: Host, base: str) -> int | None:
    """net.core.somaxconn where the server lives: it belongs to a network namespace."""
    try:
        mine, its = (os.readlink(host.path(p, "ns/net")) for p in ("proc/self", base))
    except OSError as error:
        host.missing("somaxconn", f"/{base}ns/net: {error.strerror}; root may read it")
        return None
    if mine != its:
        host.missing("somaxconn", "the server has a network of its own: run this inside it")
        return None
    return host.number("proc/sys/net/core/somaxconn", "somaxconn")


def _status(host: Host, base: str) -> dict[str, str]:
    text = host.text(base + "status", "server_swap", "server_user") or ""
    return {
        name: value.strip()
        for name, colon, value in (line.partition(":") for line in text.splitlines())
        if colon
    }


def _kilobytes(text: str | None) -> int | None:
    return int(text.split()[0]) * 1024 if text else None


def _open_files(host: Host, base: str) -> int | None:
    text = host.text(base + "limits", "open_files")
    found = re.search(r"^Max open files\s+\S+\s+(\S+)", text or "", re.MULTILINE)
    if found is None:
        return None
    return sys.maxsize if found.group(1) == "unlimited" else int(found.group(1))


def _numa(host: Host, base: str) -> int | None:
    text = host.text(base + "numa_maps", "server_numa_nodes")
    return len(set(re.findall(r"\bN(\d+)=", text))) if text else None


def _count(ranges: str) -> int:
    """How many a list such as `0-3,8` names."""
    total = 0
    for part in ranges.split(","):
        low, dash, high = part.partition("-")
        if low.strip().isdigit():
            total += int(high) - int(low) + 1 if dash else 1
    return total


def evidence(host: Host, logs: tuple[str, ...]) -> list[str] | None:
    """What the ends of log files say, counted."""
    counts = dict.fromkeys((name for name, _ in EVIDENCE), 0)
    for path in logs:
        try:
            with open(path, "rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(file.tell() - LOG_TAIL, 0))
                text = file.read().decode("utf-8", "replace")
        except OSError as error:
            host.missing("log_evidence", f"{path}: {error.strerror}")
            return None
        for name, pattern in EVIDENCE:
            counts[name] += len(pattern.findall(text))
    return [f"{name} ({n} {'time' if n == 1 else 'times'})" for name, n in counts.items() if n]

"""Facts of the host of Redis and Valkey servers, read from /proc and /sys.

This file needs nothing but Python 3.7 or later on Linux, imports nothing of redislint and
changes nothing: copy it to a host and run `python3 host.py > host.json`, or pipe it through
ssh (`ssh HOST python3 - < host.py > host.json`). What cannot be read is left out of the
facts and stands in `unknown` with the reason. Sizes are bytes, times seconds.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Facts = dict[str, Any]

FORMAT = "redislint-host"
VERSION = 1
PROGRAMS = ("redis-server", "valkey-server", "redis-sentinel", "valkey-sentinel", "keydb-server")
DAY = 86400.0
LOG_TAIL = 262144
"""Bytes of the end of a server's log that are looked at."""

NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "afs")
MEMORY_ONLY = ("tmpfs", "ramfs", "devtmpfs")
STORAGE_ERRORS = re.compile(
    r"I/O error|EXT4-fs error|XFS .*(corruption|shutdown|metadata I/O)|BTRFS.*error"
    r"|Remounting filesystem read-only|Medium Error|critical (medium|target) error",
    re.IGNORECASE,
)
OOM_KILL = re.compile(r"[Kk]illed process \d+ \((?:redis|valkey)[^)]*\)")
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


class Host:
    """Reads below `root`, which stands for `/` in tests; collects what it could not read."""

    def __init__(self, root: str = "/", now: float | None = None) -> None:
        self.root = root
        self.now = time.time() if now is None else now
        self.unknown: dict[str, str] = {}

    def path(self, *parts: str) -> str:
        return os.path.join(self.root, *[part.lstrip("/") for part in parts])

    def text(self, name: str, *facts: str) -> str | None:
        """A file below the root; None, and a reason for `facts`, when it cannot be read."""
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError as error:
            for fact in facts:
                self.missing(fact, f"{name}: {error.strerror or error}")
            return None

    def missing(self, fact: str, reason: str) -> None:
        self.unknown.setdefault(fact, reason)

    def number(self, name: str, fact: str) -> int | None:
        text = self.text(name, fact)
        if text is None:
            return None
        try:
            return int(text.split()[0])
        except (ValueError, IndexError):
            self.missing(fact, f"{name}: no number")
            return None


def collect(
    root: str = "/",
    now: float | None = None,
    pids: list[int] | None = None,
    dirs: tuple[str, ...] = (),
    logs: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Everything about this host as a JSON object (schemas/host.schema.json).

    `pids`: the server processes, by default every redis-server and valkey-server; `dirs`:
    further directories to look at, for servers whose own cannot be seen; `logs`: log files
    of servers. Never raises for what it cannot read.
    """
    host = Host(root, now)
    facts = _kernel(host)
    found = servers(host) if pids is None else pids
    return {
        "format": FORMAT,
        "version": VERSION,
        "collected_at": host.now,
        "system": {"name": os.uname().sysname, "release": os.uname().release},
        "facts": {name: value for name, value in facts.items() if value is not None},
        "servers": [_server(host, pid, logs) for pid in found],
        "directories": [_directory(host, path, None) for path in dirs],
        "unknown": host.unknown,
    }


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


def _kernel(host: Host) -> Facts:
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


def _server(host: Host, pid: int, logs: tuple[str, ...]) -> dict[str, Any]:
    """One server process: who it is, its limits, its container and its data directory."""
    inner = Host(host.root, host.now)
    base = f"proc/{pid}/"
    status = _status(inner, base)
    uid = int(status["Uid"].split()[1]) if "Uid" in status else None
    groups = [int(word) for word in status.get("Groups", "").split() if word.isdigit()]
    gid = int(status["Gid"].split()[1]) if "Gid" in status else None
    facts: Facts = {
        "open_files": _open_files(inner, base),
        "server_swap": _kilobytes(status.get("VmSwap")),
        "server_user": _user(inner, uid),
        "server_numa_nodes": _numa(inner, base),
        "somaxconn": _somaxconn(inner, base),
        "log_evidence": _evidence(inner, logs) if logs else None,
    }
    if not logs:
        inner.missing("log_evidence", "no log file was named (--log FILE)")
    facts.update(_cgroup(inner, base))
    cpus = status.get("Cpus_allowed_list")
    quota = facts.pop("cpu_quota", None)
    if cpus:
        allowed = float(_count(cpus))
        facts["cpus"] = min(allowed, quota) if quota else allowed
    return {
        "pid": pid,
        "inner_pids": [int(w) for w in status.get("NSpid", "").split() if w.isdigit()],
        "program": status.get("Name", ""),
        "facts": {name: value for name, value in facts.items() if value is not None},
        "directories": _directories(inner, base, uid, gid, groups),
        "unknown": inner.unknown,
    }


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


def _user(host: Host, uid: int | None) -> str | None:
    if uid is None:
        return None
    text = host.text("etc/passwd") or ""
    found = re.search(rf"^([^:\n]+):[^:\n]*:{uid}:", text, re.MULTILINE)
    return found.group(1) if found else str(uid)


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


def _cgroup(host: Host, base: str) -> Facts:
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
        words = (_read(os.path.join(folder, "cpu.max")) or "").split()
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
) -> Facts:
    tightest: tuple[int, str] | None = None
    for folder in _upwards(host, mount, path):
        text = (_read(os.path.join(folder, names[0])) or "").strip()
        # Version 1 writes "no limit" as a number near 2^63.
        if text.isdigit() and int(text) < 1 << 60 and (not tightest or int(text) < tightest[0]):
            tightest = (int(text), folder)
    if tightest is None:
        return {"cgroup_memory_max": 0}
    used = (_read(os.path.join(tightest[1], names[1])) or "").strip()
    stat_text = _read(os.path.join(tightest[1], "memory.stat")) or ""
    cache = re.search(rf"^{names[2]} (\d+)", stat_text, re.MULTILINE)
    return {
        "cgroup_memory_max": tightest[0],
        "cgroup_memory_used": int(used) if used.isdigit() else None,
        "cgroup_inactive_file": int(cache.group(1)) if cache else None,
    }


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None  # the root cgroup, for one, has no limit files


def _evidence(host: Host, logs: tuple[str, ...]) -> list[str] | None:
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


def _directories(
    host: Host,
    base: str,
    uid: int | None,
    gid: int | None,
    groups: list[int],
) -> list[dict[str, Any]]:
    """The data directory, which is a server's working directory, and the one of its AOF."""
    link = host.path(base, "cwd")
    try:
        path = os.readlink(link)
    except OSError as error:
        host.missing("directories", f"/{base}cwd: {error.strerror}; root may read it")
        return []
    who = None if uid is None else (uid, {gid, *groups} - {None})
    table = base + "mountinfo"
    found = [_directory(host, path, who, link + "/", table)]
    for name in _names(link):
        inner = os.path.join(link, name)
        if os.path.isdir(inner) and any(n.endswith(".manifest") for n in _names(inner)):
            found.append(_directory(host, os.path.join(path, name), who, inner, table))
    return found


def _names(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []  # reported where the directory itself is looked at


def _directory(
    host: Host,
    path: str,
    who: Any,
    at: str | None = None,
    table: str = "proc/self/mountinfo",
) -> dict[str, Any]:
    """Space, inodes, mount, device and permissions of one directory.

    `who`: user id and group ids of the server; `at`: where to reach `path` from here, and
    `table` the mounts as the server sees them, for the directory of a container.
    """
    real = at or host.path(path)
    facts: Facts = {}
    unknown = {}
    try:
        space = os.statvfs(real)
        info = os.stat(real)
    except OSError as error:
        return {"path": path, "facts": {}, "unknown": {"disk": error.strerror or str(error)}}
    facts["free"] = space.f_bavail * space.f_frsize
    facts["total"] = space.f_blocks * space.f_frsize
    usable = space.f_blocks - space.f_bfree + space.f_bavail
    if usable:
        facts["used_share"] = 1 - space.f_bavail / usable
    facts["inodes_dynamic"] = space.f_files == 0
    if space.f_files:
        facts["inodes_free"] = space.f_favail
        facts["inodes_used_share"] = 1 - space.f_ffree / space.f_files
    facts["read_only"] = bool(space.f_flag & os.ST_RDONLY)
    facts.update(_mount(host, info.st_dev, path if at else os.path.realpath(real), table))
    facts["shared_with_root"] = info.st_dev == os.stat(host.path("/")).st_dev
    if who is None:
        unknown["writable"] = "the server's user is unknown"
    else:
        bad = [_shown(host, p, i) for p, i in _own_files(real, path, info) if not _may(i, *who)]
        facts["writable"] = not bad
        facts["not_writable"] = bad
    facts["rdb_files"] = dict(_sizes(real, ".rdb"))
    facts["aof"] = any(n.endswith((".aof", ".manifest")) for n in _names(real))
    return {"path": path, "facts": facts, "unknown": unknown}


def _sizes(real: str, ending: str) -> Iterator[tuple[str, int]]:
    """Names and sizes of the files of one kind, those that vanish meanwhile left out."""
    for name in _names(real):
        if name.endswith(ending):
            try:
                yield name, os.stat(os.path.join(real, name)).st_size
            except OSError:
                continue  # a snapshot's temporary file was renamed


def _own_files(
    real: str,
    path: str,
    info: os.stat_result,
) -> Iterator[tuple[str, os.stat_result]]:
    """The directory and the files in it that a server opens again to append to them."""
    yield path, info
    for name in _names(real):
        if name.endswith(".aof"):
            try:
                yield os.path.join(path, name), os.stat(os.path.join(real, name))
            except OSError:
                continue  # removed by a rewrite meanwhile


def _may(info: os.stat_result, uid: int, gids: Any) -> bool:
    """Whether a user may write (and, in a directory, also search), by owner and mode."""
    if uid == 0:
        return True
    shift = 6 if info.st_uid == uid else 3 if info.st_gid in gids else 0
    bits = (info.st_mode >> shift) & 7
    wanted = 3 if stat.S_ISDIR(info.st_mode) else 2
    return bits & wanted == wanted


def _shown(host: Host, path: str, info: os.stat_result) -> str:
    owner = _user(host, info.st_uid)
    return f"{path} (owner {owner}, group {info.st_gid}, mode {stat.S_IMODE(info.st_mode):04o})"


def _mount(host: Host, device: int, wanted: str, table: str) -> Facts:
    """Mount point, type and options of the volume, and whether it spins.

    The mount of a directory is the one with its device number whose path is the longest
    above it; overlay and btrfs report others, so the longest path alone decides then.
    """
    text = host.text(table, "mount", "fstype") or ""
    number = f"{os.major(device)}:{os.minor(device)}"
    best: Any = None
    for line in text.splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(), right.split()
        if len(fields) < 6 or len(kind) < 2:
            continue
        point = fields[4].replace("\\040", " ")
        inside = wanted == point or wanted.startswith(point.rstrip("/") + "/")
        rank = (fields[2] == number, inside, len(point))
        if (rank[0] or inside) and (best is None or rank >= best[0]):
            best = (rank, point, fields[5], kind[0], kind[1])
    if best is None:
        return {}
    _, point, options, fstype, source = best
    facts: Facts = {"mount": point, "fstype": fstype, "device": source, "options": options}
    facts["network"] = fstype in NETWORK or fstype.startswith(("fuse.s3", "fuse.ssh", "fuse.gl"))
    facts["volatile"] = fstype in MEMORY_ONLY or fstype in ("overlay", "aufs")
    facts.update(_rotational(host, number))
    return facts


def _rotational(host: Host, number: str) -> Facts:
    """Whether a block device spins; nothing where the kernel knows no such device."""
    link = host.path("sys/dev/block", number)
    if os.path.basename(os.path.realpath(link)).startswith("vd"):
        return {}  # what a virtual machine says of its virtual disk means nothing
    for folder in (link, os.path.join(os.path.realpath(link), "..")):
        text = _read(os.path.join(folder, "queue/rotational"))
        if text and text.strip() in ("0", "1"):
            return {"rotational": text.strip() == "1"}
    return {}


def main(arguments: list[str]) -> int:
    """`[--pid PID]... [--dir DIR]... [--log FILE]...`: JSON to standard output, 0; 2 for a
    wrong call."""
    chosen: dict[str, list[str]] = {"--pid": [], "--dir": [], "--log": []}
    for name, value in zip(arguments[::2], [*arguments[1::2], ""]):  # noqa: B905
        if name not in chosen or not value or (name == "--pid" and not value.isdigit()):
            print("usage: host.py [--pid PID]... [--dir DIR]... [--log FILE]...", file=sys.stderr)
            return 2
        chosen[name].append(value)
    pids = [int(pid) for pid in chosen["--pid"]] or None
    found = collect(pids=pids, dirs=tuple(chosen["--dir"]), logs=tuple(chosen["--log"]))
    json.dump(found, sys.stdout, indent=2, sort_keys=True)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Directories of data: space, inodes, mount, device, and who may write."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Any

from redislint.sources.host.reading import Host, names, read, user

NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "afs")
MEMORY_ONLY = ("tmpfs", "ramfs", "devtmpfs")


def directories(
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
    found = [directory(host, path, who, link + "/", table)]
    for name in names(link):
        inner = os.path.join(link, name)
        if os.path.isdir(inner) and any(n.endswith(".manifest") for n in names(inner)):
            found.append(directory(host, os.path.join(path, name), who, inner, table))
    return found


def directory(
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
    facts: dict[str, Any] = {}
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
    facts["aof"] = any(n.endswith((".aof", ".manifest")) for n in names(real))
    return {"path": path, "facts": facts, "unknown": unknown}


def _sizes(real: str, ending: str) -> Iterator[tuple[str, int]]:
    """Names and sizes of the files of one kind, those that vanish meanwhile left out."""
    for name in names(real):
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
    for name in names(real):
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
    owner = user(host, info.st_uid)
    return f"{path} (owner {owner}, group {info.st_gid}, mode {stat.S_IMODE(info.st_mode):04o})"


def _mount(host: Host, device: int, wanted: str, table: str) -> dict[str, Any]:
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
    facts: dict[str, Any] = {"mount": point, "fstype": fstype, "device": source, "options": options}
    facts["network"] = fstype in NETWORK or fstype.startswith(("fuse.s3", "fuse.ssh", "fuse.gl"))
    facts["volatile"] = fstype in MEMORY_ONLY or fstype in ("overlay", "aufs")
    facts.update(_rotational(host, number))
    return facts


def _rotational(host: Host, number: str) -> dict[str, Any]:
    """Whether a block device spins; nothing where the kernel knows no such device."""
    link = host.path("sys/dev/block", number)
    if os.path.basename(os.path.realpath(link)).startswith("vd"):
        return {}  # what a virtual machine says of its virtual disk means nothing
    for folder in (link, os.path.join(os.path.realpath(link), "..")):
        text = read(os.path.join(folder, "queue/rotational"))
        if text and text.strip() in ("0", "1"):
            return {"rotational": text.strip() == "1"}
    return {}

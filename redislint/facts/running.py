"""Facts of a running server and its host, beside those that a configuration decides.

`running_facts` looks at what is known from elsewhere (`info.*`, `change.*`, `host.*`,
`disk.*`) and costs next to nothing for a file on its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from redislint.model import Fact

ON_HOST = ("host.", "disk.")

OF_PERSISTENCE = ("rdb_", "aof_")
"""Beginnings of INFO fields that say nothing where a service keeps the data in its own way:
the AOF is always off, the last save that of a node's start."""


class Running(NamedTuple):
    """`facts` by path; `values` is everything known by path, with -1 for "never" taken
    out; `info` are the INFO fields, `host` the facts of the host by their last names."""

    facts: dict[str, Fact]
    values: Mapping[str, Any]
    info: Mapping[str, Any] = MappingProxyType({})
    host: Mapping[str, Any] = MappingProxyType({})

    def value(self, path: str) -> Any:
        """A fact that INFO gave, None when it gave none."""
        found = self.facts.get(path)
        return None if found is None else found.value

    @property
    def child_seconds(self) -> float | None:
        """How long the longest child ran that was measured, None when none was."""
        if not self.info:
            return None
        from redislint.facts.fields import measured

        names = ("rdb_last_bgsave_time_sec", "aof_last_rewrite_time_sec")
        took = [value for name in names if (value := measured(self.info, name)) is not None]
        return max(took, default=None)

    @property
    def undurable_saves(self) -> bool:
        """Whether snapshots fail at this moment."""
        failed = self.facts.get("persistence.save_failed")
        return bool(failed and failed.value)


def running_facts(known: Mapping[str, Any], config: Mapping[str, Any]) -> Running:
    """What the running server's INFO says; `config` are typed values of directives.

    `target.running` and `target.on_host` say whether a server and its host were looked at,
    so that rules about them do not apply to a file alone, nor to a Sentinel. The live source gives
    `target.running` itself when the server refuses INFO, and a host file, which knows a few of
    the host's facts without anybody having looked at one, `target.on_host`.
    """
    running = known.get("target.running", any(path.startswith("info.") for path in known))
    running = running and "sentinel" not in (
        known.get("info.redis_mode"),
        known.get("info.server_mode"),
    )
    on_host = known.get("target.on_host", any(path.startswith(ON_HOST) for path in known))
    facts = {
        "target.running": Fact(bool(running), "", "derived", "INFO"),
        "target.on_host": Fact(bool(running or on_host), "", "derived", "INFO, host facts"),
    }
    if not running and not on_host:
        return Running(facts, known)
    from redislint.facts import fields, live

    if "live.config_problem" in known:
        problem = known["live.config_problem"]
        facts["target.config_refusal"] = Fact(problem, "", "live", "CONFIG GET")
    info = fields.fields(known)
    if known.get("server.time") is not None:
        info["time"] = known["server.time"]
    shown = "rdb_last_bgsave_status" in info
    facts["target.info_refusal"] = Fact(
        "" if shown else "INFO shows no section persistence", "", "live", "INFO persistence"
    )
    if "cloud.service" in known:
        info = {name: v for name, v in info.items() if not name.startswith(OF_PERSISTENCE)}
        known = {path: v for path, v in known.items() if not path[5:].startswith(OF_PERSISTENCE)}
    facts.update(live.live_facts(info, config))
    if "info.keys" in facts:
        info["keys"] = facts["info.keys"].value
    rates = known.get("change.writes_per_second"), known.get("change.write_calls_per_second")
    if rates != (None, None):
        from redislint.facts.fork import write_heavy

        facts["memory.write_heavy"] = Fact(write_heavy(*rates), "", "live", "two samples")
    values = {path: value for path, value in known.items() if not _never(path, value)}
    size = live.dataset(info)
    if size is not None:
        values["info.used_memory_dataset"] = size
    host = {path[5:]: value for path, value in known.items() if path.startswith("host.")}
    return Running(facts, values, info, host)


def _never(path: str, value: Any) -> bool:
    """Whether it is INFO's -1 for something that did not happen yet."""
    return path.startswith("info.") and path.endswith("_time_sec") and value in (-1, "-1")


def host_needs(
    facts: Mapping[str, Fact], running: Running, config: Mapping[str, Any], compat: int
) -> dict[str, Fact]:
    """What a fork and the files need, from the server, its data and its host."""
    if not (running.info or running.host or "disk.free" in running.values):
        return {}
    from redislint.facts import disk, fork, memory

    found: dict[str, Fact] = {}

    def put(path: str, value: Any, unit: str, basis: str) -> None:
        if value is not None:
            found[path] = Fact(value, unit, "derived", basis)

    heavy = facts.get("memory.write_heavy")
    huge = fork.huge_pages(running.host, config, compat)
    need, basis = fork.need(running.info, heavy.value if heavy else None, huge)
    room = fork.available(running.host)
    put("memory.fork_need", need, "bytes", basis)
    put("memory.fork_room", room, "bytes", "memory available on the host and in its container")
    if need and room is not None:
        left, wanted = memory.size_text(room), memory.size_text(need)
        said = f"{left} are left, and the next save or rewrite may copy {wanted}"
        ratio, why = room / need, "fork_room / fork_need"
        promised, rss = fork.commit_room(running.host), running.info.get("used_memory_rss")
        if promised is not None and rss and promised / rss < ratio:
            ratio, why = promised / rss, "CommitLimit - Committed_AS, used_memory_rss"
            left, wanted = memory.size_text(promised), memory.size_text(rss)
            said = f"the kernel promises {left} more (vm.overcommit_memory 2); a fork asks {wanted}"
        put("memory.fork_room_share", ratio, "ratio", why)
        put("memory.headroom_text", said, "", basis)
    family = facts.get("persistence.family")
    data = facts.get("memory.dataset") or facts.get("memory.dataset_bound")
    if family is None or family.value == "none" or data is None:
        return found
    put("persistence.disk_floor", disk.floor(data.value), "bytes", "3 times the data")
    rdb = facts.get("persistence.rdb")
    peak = disk.peak(
        data.value,
        rdb=bool(rdb and rdb.value),
        aof=family.value in ("aof", "hybrid"),
        preamble=family.value == "hybrid",
        base=running.info.get("aof_base_size"),
        percentage=config.get("auto-aof-rewrite-percentage"),
        min_size=config.get("auto-aof-rewrite-min-size"),
        rdb_size=running.values.get("disk.rdb_size"),
    )
    put("persistence.disk_peak", peak, "bytes", "AOF at its trigger, its rewrite, snapshots")
    return found

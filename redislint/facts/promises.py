"""What is lost in each kind of failure and how long a restart takes, put into facts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from redislint.facts import memory, persistence, restart
from redislint.facts.board import Board
from redislint.facts.running import Running
from redislint.facts.text import seconds_text

Values = Mapping[str, Any]


def losses(board: Board, config: Values, running: Running, aof: bool, fsync: str) -> None:
    more = running.values
    bound = memory.dataset_bound(config.get("maxmemory"), more.get("target.dataset"))
    if "info.used_memory_dataset" in more:
        bound = more["info.used_memory_dataset"]
    save_seconds = restart.save_seconds(bound, more.get("info.rdb_last_bgsave_time_sec"))
    snapshot = persistence.snapshot_window(config["save"], save_seconds)
    if running.undurable_saves and config.get("stop-writes-on-bgsave-error") is False:
        snapshot = persistence.EVERYTHING
    kernel = persistence.kernel_window(
        more.get("host.dirty_expire"), more.get("host.dirty_writeback")
    )
    suspended = config.get("no-appendfsync-on-rewrite")
    board.put("persistence.kernel_window", kernel, "s", "vm.dirty_expire + vm.dirty_writeback")
    if not aof:
        rate = more.get("change.writes_per_second")
        window = persistence.window_at_rate(config["save"], save_seconds, rate)
        if window is not None:
            board.put("persistence.loss_window_at_rate", window, "s", f"{rate:g} changes a second")
    _elsewhere(board, config, running)
    if aof and suspended is None:
        return
    process = persistence.process_crash_loss(aof, fsync, snapshot)
    host = persistence.host_crash_loss(
        aof, fsync, not suspended, snapshot, kernel, running.child_seconds
    )
    basis = "appendfsync, no-appendfsync-on-rewrite" if aof else "save"
    if not aof and save_seconds is not None:
        basis = f"save, a save of {seconds_text(save_seconds)}"
    for path, loss in (("process_crash_loss", process), ("loss_window", host)):
        board.put(f"persistence.{path}", loss.nominal, "s", basis)
        board.put(f"persistence.{path}_worst", loss.worst, "s", basis)
        board.put(f"persistence.{path}_text", persistence.loss_text(loss), "", basis)
    board.put("persistence.loss_event", "a crash of the host")


def _elsewhere(board: Board, config: Values, running: Running) -> None:
    """What is lost when a replica takes over, or the volume with its files is gone."""
    if not running.info:
        return
    replicas, lag = (running.value(f"replication.{name}") for name in ("in_sync", "worst_lag"))
    if running.value("target.role") == "primary" and replicas and lag is not None:
        loss = persistence.failover_loss(
            lag, config.get("min-replicas-to-write"), config.get("min-replicas-max-lag")
        )
        basis = "slaveN: lag, min-replicas-to-write, min-replicas-max-lag"
        board.put("persistence.failover_loss", loss.nominal, "s", basis)
        board.put("persistence.failover_loss_worst", loss.worst, "s", basis)
        board.put("persistence.failover_loss_text", persistence.loss_text(loss), "", basis)
    backup = running.values.get("backup.age")
    copies = {"replication.worst_lag": lag if replicas else None, "backup.age": backup}
    known = {name: age for name, age in copies.items() if age is not None}
    if known or replicas is not None:
        basis = ", ".join(known) or "no replica in sync, no backup known"
        board.put("persistence.volume_loss", min(known.values(), default=math.inf), "s", basis)
    if running.value("persistence.aof_write_failed"):
        waiting = running.info.get("aof_buffer_length")
        board.put("persistence.aof_unwritten", waiting, "bytes", "aof_buffer_length")


def restarts(board: Board, config: Values, running: Running) -> None:
    more = running.values
    family = board.facts.get("persistence.family")
    if family is None:
        return
    ratio = board.facts.get("persistence.rewrite_ratio")
    bound = board.facts.get("memory.dataset_bound")
    found = None
    if running.info and more.get("target.load_seconds") is None:
        found = restart.of_running(family.value, running.info, more.get("disk.rdb_size"))
    found = found or restart.estimate(
        family.value,
        more.get("info.used_memory_dataset", bound.value if bound else None),
        ratio.value - 1 if ratio else math.inf,
        more.get("target.load_seconds"),
    )
    if found is None:
        return
    board.put("persistence.restart_low", found.low, "s", found.basis)
    board.put("persistence.restart_high", found.high, "s", found.basis)
    board.put("persistence.restart_text", found.text, basis=found.basis)


def statement(board: Board) -> None:
    """Mode, losses and restart in one sentence: what every report says of an instance."""
    texts = {
        part: board.facts[f"persistence.{part}_text"].value
        for part in ("mode", "loss_window", "process_crash_loss", "restart")
        if f"persistence.{part}_text" in board.facts
    }
    if "loss_window" not in texts:
        return
    if board.facts["persistence.family"].value == "none":
        said = f"{texts['mode']}; any crash or restart costs everything"
    else:
        said = (
            f"{texts['mode']}; a crash of the host costs {texts['loss_window']} of writes,"
            f" of the process alone {texts['process_crash_loss']}"
        )
        if "restart" in texts:
            said += f"; a restart takes {texts['restart']}"
    board.put("persistence.statement", said, basis="mode, loss windows, restart estimate")

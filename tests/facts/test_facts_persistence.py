"""Save points, modes and loss windows: each figure of the derivation, by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.facts import persistence
from redislint.facts.persistence import EVERYTHING, NOTHING, Loss
from redislint.facts.restart import estimate, save_seconds

HOURLY = {"seconds": 3600, "changes": 1}
OFTEN = {"seconds": 300, "changes": 100}
BUSY = {"seconds": 60, "changes": 10000}
STOCK = [HOURLY, OFTEN, BUSY]

points = st.lists(
    st.fixed_dictionaries({"seconds": st.integers(1, 10**6), "changes": st.integers(0, 10**6)}),
    max_size=5,
)


def test_save_points_as_config_get_shows_them() -> None:
    assert persistence.save_text(STOCK) == "3600 1 300 100 60 10000"
    assert persistence.save_text([]) == ""


@pytest.mark.parametrize(
    ("found", "unsaved"),
    [
        ([], None),
        (STOCK, 0),
        ([OFTEN], 99),
        ([OFTEN, BUSY], 99),
        ([{"seconds": 5, "changes": 0}], 0),
    ],
)
def test_changes_that_are_never_saved(found: list[dict[str, int]], unsaved: int | None) -> None:
    assert persistence.unsaved_changes(found) == unsaved


@pytest.mark.parametrize(
    ("rdb", "aof", "fsync", "preamble", "mode", "family"),
    [
        (False, False, "everysec", True, "none", "none"),
        (True, False, "everysec", True, "rdb", "rdb"),
        (False, True, "everysec", False, "aof-everysec", "aof"),
        (True, True, "no", False, "aof-no+rdb", "aof"),
        (False, True, "always", True, "hybrid-always", "hybrid"),
        (True, True, "everysec", True, "hybrid-everysec+rdb", "hybrid"),
    ],
)
def test_modes(rdb: bool, aof: bool, fsync: str, preamble: bool, mode: str, family: str) -> None:
    assert persistence.mode(rdb, aof, fsync, preamble) == mode
    assert persistence.family(rdb, aof, preamble) == family


def test_the_kernel_waits_35_seconds_by_default() -> None:
    assert persistence.kernel_window() == 35
    assert persistence.kernel_window(5.0, 1.0) == 6
    assert persistence.kernel_window(dirty_writeback=0.0) == 30


def test_a_floor_bounds_the_snapshot_window() -> None:
    assert persistence.snapshot_window(STOCK, 10.0) == Loss(3600, 3600 + 2 * 10 + 1)


def test_without_a_floor_the_window_has_no_bound() -> None:
    assert persistence.snapshot_window([OFTEN], 10.0) == Loss(300, math.inf)
    assert persistence.snapshot_window([BUSY, OFTEN], None) == Loss(300, math.inf)


def test_an_unknown_save_time_leaves_the_worst_case_unknown() -> None:
    assert persistence.snapshot_window([HOURLY], None) == Loss(3600, None)


def test_no_save_points_save_nothing() -> None:
    assert persistence.snapshot_window([], 1.0) == EVERYTHING


@given(points, st.one_of(st.none(), st.floats(0, 10**4)))
def test_the_worst_case_is_never_better(found: list[dict[str, int]], save: float | None) -> None:
    window = persistence.snapshot_window(found, save)
    assert window.nominal > 0
    assert window.worst is None or window.worst >= window.nominal


@pytest.mark.parametrize(
    ("fsync", "loss"), [("no", Loss(0, 2)), ("everysec", Loss(0, 2)), ("always", NOTHING)]
)
def test_a_process_crash_costs_an_aof_nothing(fsync: str, loss: Loss) -> None:
    assert persistence.process_crash_loss(True, fsync, EVERYTHING) == loss


def test_a_process_crash_costs_the_snapshot_window_without_aof() -> None:
    window = Loss(300, math.inf)
    assert persistence.process_crash_loss(False, "always", window) == window


@pytest.mark.parametrize(
    ("fsync", "during_child", "loss"),
    [
        ("no", True, Loss(35, 35)),
        ("no", False, Loss(35, 35)),
        ("everysec", True, Loss(1, 2)),
        ("everysec", False, Loss(1, 35)),
        ("always", True, NOTHING),
        ("always", False, Loss(0, 35)),
    ],
)
def test_a_host_crash(fsync: str, during_child: bool, loss: Loss) -> None:
    assert persistence.host_crash_loss(True, fsync, during_child, EVERYTHING, 35.0) == loss


def test_a_short_child_suspends_fsync_for_a_short_time() -> None:
    found = persistence.host_crash_loss(True, "everysec", False, EVERYTHING, 35.0, 10.0)
    assert found == Loss(1, 10)
    found = persistence.host_crash_loss(True, "everysec", False, EVERYTHING, 35.0, 0.5)
    assert found == Loss(1, 2)


@given(st.sampled_from(["no", "everysec", "always"]), st.booleans(), st.floats(1, 1000))
def test_a_host_crash_costs_at_least_what_a_process_crash_does(
    fsync: str, during_child: bool, kernel: float
) -> None:
    process = persistence.process_crash_loss(True, fsync, EVERYTHING)
    host = persistence.host_crash_loss(True, fsync, during_child, EVERYTHING, kernel)
    assert host.nominal >= process.nominal


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (EVERYTHING, "everything"),
        (NOTHING, "0s"),
        (Loss(1, 2), "1s (2s at worst)"),
        (Loss(300, math.inf), "5m (without bound at worst)"),
        (Loss(3600, None), "1h"),
    ],
)
def test_losses_for_people(loss: Loss, text: str) -> None:
    assert persistence.loss_text(loss) == text


def test_the_rewrite_trigger_for_people() -> None:
    assert persistence.rewrite_trigger(0, 1) == "never"
    assert (
        persistence.rewrite_trigger(100, 64 << 20)
        == "at 2 times the last rewritten size, from 64mb on"
    )


def test_a_save_takes_what_was_measured_or_100_mb_a_second() -> None:
    assert save_seconds(1_000_000_000, 3.0) == 3
    assert save_seconds(1_000_000_000) == 10
    assert save_seconds(None) is None


def test_restart_estimates() -> None:
    size = 10_000_000_000
    rdb = estimate("rdb", size, math.inf)
    hybrid = estimate("hybrid", size, 1.0)
    log = estimate("aof", size, 1.0)
    assert rdb
    assert hybrid
    assert log
    assert (round(rdb.low), round(rdb.high)) == (40, 143)
    assert rdb.low < hybrid.low < log.low
    assert rdb.high < hybrid.high < log.high
    assert estimate("none", None, math.inf) == (0, 0, "starts empty")
    assert estimate("aof", size, math.inf) is None
    assert estimate("hybrid", None, 1.0) is None
    measured = estimate("aof", None, math.inf, 14.0)
    assert measured
    assert (measured.low, measured.high) == (14, 14)


@given(st.sampled_from(["rdb", "hybrid", "aof"]), st.integers(1, 1 << 45), st.floats(0, 10))
def test_an_estimate_is_a_range(family: str, size: int, growth: float) -> None:
    found = estimate(family, size, growth)
    assert found
    assert 0 < found.low <= found.high

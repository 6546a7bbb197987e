"""Did you mean."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint import catalog
from redislint.catalog.nearest import distance, nearest
from redislint.model import Server

REDIS_72 = Server("redis", (7, 2))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("max-memory", "maxmemory"),
        ("append-fsync", "appendfsync"),
        ("appendfsnyc", "appendfsync"),
        ("maxmemory_policy", "maxmemory-policy"),
        ("maxmemory.policy", "maxmemory-policy"),
        ("policy-maxmemory", "maxmemory-policy"),
        ("MaxMemory-Polcy", "maxmemory-policy"),
        ("policy", "maxmemory-policy"),
        ("eviction-policy", "maxmemory-policy"),
        ("maxmem", "maxmemory"),
        ("bindaddress", "bind"),
        ("bind-address", "bind"),
        ("maxclient", "maxclients"),
        ("max-connections", "maxclients"),
        ("slavof", "slaveof"),
        ("portt", "port"),
        ("prot", "port"),
        ("requirepas", "requirepass"),
        ("password", "requirepass"),
        ("tls_port", "tls-port"),
        ("bgsave-cpulist", "bgsave_cpulist"),
        ("hash-max-zipmap-entries", "hash-max-listpack-entries"),
        ("zset-max-listpack-entry", "zset-max-listpack-entries"),
        ("save-points", "save"),
        ("primaryauth", "masterauth"),
        ("down-after-milliseconds", "sentinel down-after-milliseconds"),
        ("sentinel moniter", "sentinel monitor"),
        ("sentinel down-after-ms", "sentinel down-after-milliseconds"),
        ("maxmemory", "maxmemory"),
    ],
)
def test_meant(wrong: str, right: str) -> None:
    assert nearest(wrong, REDIS_72) == right


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "foo",
        "xyzzy",
        "cluster",
        "append",
        "userdata",
        "port-of-london",
        "sentinel",
        "a" * 5000,
    ],
)
def test_nothing_near(name: str) -> None:
    assert nearest(name, REDIS_72) is None


def test_speaks_the_language_of_the_server() -> None:
    assert nearest("replica-read-only", Server("redis", (4, 0))) == "slave-read-only"
    assert nearest("slave-readonly", Server("redis", (4, 0))) == "slave-read-only"
    assert nearest("bgsave_cpulst", Server("redis", (7, 4))) == "bgsave-cpulist"


def test_right_name_of_another_version_is_no_slip() -> None:
    assert nearest("tls-port", Server("redis", (5, 0))) is None
    assert nearest("tls-port") == "tls-port"


def test_quick_for_a_file_of_nonsense() -> None:
    start = time.perf_counter()
    for number in range(100):
        nearest(f"zq{number}wxv-hgj-{number}-maxmemry-plicy", REDIS_72)
    assert time.perf_counter() - start < 2


@given(st.text(max_size=100))
def test_any_text_gives_a_known_name_or_none(text: str) -> None:
    found = nearest(text, REDIS_72)
    assert found is None or catalog.lookup(found, REDIS_72) is not None


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 8))
def test_bounded_distance_agrees_with_the_whole_one(a: str, b: str, limit: int) -> None:
    assert distance(a, b, limit) == min(_distance(a, b), limit + 1)
    assert distance(a, b, limit) == distance(b, a, limit)


def _distance(a: str, b: str) -> int:
    """Optimal string alignment, from its definition."""
    if not a or not b:
        return len(a) + len(b)
    best = min(
        _distance(a[:-1], b) + 1,
        _distance(a, b[:-1]) + 1,
        _distance(a[:-1], b[:-1]) + (a[-1] != b[-1]),
    )
    if len(a) > 1 and len(b) > 1 and a[-1] == b[-2] and a[-2] == b[-1]:
        best = min(best, _distance(a[:-2], b[:-2]) + 1)
    return best


@given(st.sampled_from(sorted(catalog.specs(REDIS_72))), st.data())
def test_one_slip_in_a_long_name_is_found(name: str, data: st.DataObject) -> None:
    if len(name) < 16:
        return
    place = data.draw(st.integers(0, len(name) - 1))
    slipped = name[:place] + name[place + 1 :]
    found = nearest(slipped, REDIS_72)
    assert found is not None
    if catalog.lookup(slipped, REDIS_72) is None:
        assert distance(found, name, 3) <= 2

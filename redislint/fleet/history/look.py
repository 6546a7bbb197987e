"""What one look at a target does to its findings: pure functions of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from redislint.fleet.history.past import shifted, state_of, storable
from redislint.fleet.model import Record, Since, State

SEVERITIES = {"error": "errors", "warning": "warnings", "info": "infos"}
"""Severities, the worst first, with the columns that count them."""


class Row(NamedTuple):
    """A row of the table of findings."""

    target: int
    fingerprint: str
    rule: str
    name: str
    severity: str
    message: str
    waived: int
    first_seen: str
    since: str
    last_seen: str
    looks: int
    bits: int
    gone_at: str | None
    gone_run: int | None

    @property
    def past(self) -> Since:
        """For a finding that the newest look has."""
        return Since(self.first_seen, self.since, self.looks, state_of(self.bits))


def found_by(record: Record, target: int, at: str) -> dict[str, Row]:
    """The findings of a record by fingerprint, as rows of a first look."""
    rows: dict[str, Row] = {}
    for finding in record.data["findings"]:
        row = Row(
            target,
            storable(finding["fingerprint"]),
            storable(finding["rule"]),
            storable(finding["name"]),
            finding["severity"],
            storable(finding["message"]),
            int(finding["waiver"] is not None),
            at,
            at,
            at,
            looks=1,
            bits=1,
            gone_at=None,
            gone_run=None,
        )
        # Of two with one fingerprint the one that nobody waived counts.
        if row.waived == 0 or row.fingerprint not in rows:
            rows[row.fingerprint] = row
    return rows


def after(
    known: Mapping[str, Row],
    found: Mapping[str, Row],
    sees: Callable[[str], bool],
    at: str,
    run: int,
) -> Iterator[Row]:
    """The rows that a look changes or adds. `sees`: whether the look would have had the
    findings of a rule; what it could not see stays as it was."""
    for fingerprint, row in found.items():
        old = known.get(fingerprint)
        yield row if old is None else _seen_again(old, row)
    for fingerprint, old in known.items():
        if fingerprint in found or not sees(old.rule):
            continue
        bits = shifted(old.bits, False)
        if old.gone_at is None:
            yield old._replace(looks=0, bits=bits, gone_at=at, gone_run=run)
        elif old.bits:
            yield old._replace(bits=bits)


def _seen_again(old: Row, new: Row) -> Row:
    back = old.gone_at is not None
    return new._replace(
        first_seen=old.first_seen,
        since=new.since if back else old.since,
        looks=1 if back else old.looks + 1,
        bits=shifted(old.bits, True),
    )


def late(old: Row | None, new: Row) -> Since:
    """The past of a finding in a look that is older than one taken already."""
    if old is None:
        return Since(new.since, new.since, 1, State.NEW)
    first = min(old.first_seen, new.first_seen)
    state = State.PERSISTENT if first < new.first_seen else State.NEW
    return Since(first, min(old.since, new.since), max(old.looks, 1), state)

"""Baselines: the findings that an estate had on the day when the linter came.

A baseline names findings by fingerprint, which survives edits around them; with it a
run tells new findings from known ones. What stands beside the fingerprint is for
people who read the diff: rule, name, target and directives, never a message or value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from redislint.model import Finding
from redislint.policy.errors import PolicyError, Problem, quote

SCHEMA = "redislint-baseline-1"
NEW = "new"
KNOWN = "known"


class BaselineRefusedError(ValueError):
    """A baseline may not be written from this run; one line says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One known finding."""

    fingerprint: str
    rule: str
    name: str
    target: str
    directives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known findings of an estate."""

    entries: tuple[Entry, ...] = ()

    def mark(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings, each marked as known or new. A fingerprint covers as many
        findings as it has entries."""
        left = Counter(entry.fingerprint for entry in self.entries)
        marked = []
        for finding in findings:
            known = left[finding.fingerprint] > 0
            left[finding.fingerprint] -= known
            marked.append(finding._replace(baseline=KNOWN if known else NEW))
        return tuple(marked)

    def gone(self, findings: Iterable[Finding], targets: Iterable[str]) -> tuple[Entry, ...]:
        """Entries of the audited targets that were not found any more: mended."""
        audited = frozenset(targets)
        left = Counter(finding.fingerprint for finding in findings)
        mended = []
        for entry in self.entries:
            if entry.target in audited and left[entry.fingerprint] <= 0:
                mended.append(entry)
            left[entry.fingerprint] -= 1
        return tuple(mended)


def updated(
    old: Baseline, findings: Sequence[Finding], targets: Iterable[str], *, incomplete: bool
) -> Baseline:
    """The baseline after a run: its findings, and the old entries of targets that it did
    not audit. Waived findings are left out, they have their own reason.

    Raises BaselineRefusedError when something could not be read or evaluated: what was
    not seen would look mended.
    """
    if incomplete:
        raise BaselineRefusedError(
            "the baseline was not written: the run is incomplete, and what it could not read"
            " would look mended"
        )
    audited = frozenset(targets)
    kept = [entry for entry in old.entries if entry.target not in audited]
    found = [
        Entry(f.fingerprint, f.rule, f.name, f.target, f.directives)
        for f in findings
        if f.waiver is None
    ]
    entries = sorted(kept + found, key=lambda e: (e.target, e.rule, e.directives, e.fingerprint))
    return Baseline(tuple(entries))


def write(baseline: Baseline) -> str:
    """A baseline as the text of its file."""
    findings = [
        {
            "fingerprint": entry.fingerprint,
            "rule": entry.rule,
            "name": entry.name,
            "target": entry.target,
            "directives": list(entry.directives),
        }
        for entry in baseline.entries
    ]
    document = {"schema": SCHEMA, "findings": findings}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def read(data: bytes, path: str) -> Baseline:
    """The baseline in a file's bytes. Raises PolicyError with what is wrong, and where."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _bad(path, "is not UTF-8 text: expected a baseline file") from None
    except json.JSONDecodeError as error:
        problem = Problem(path, error.lineno, error.colno, f"is not valid JSON: {error.msg}")
        raise PolicyError([problem]) from None
    except (RecursionError, ValueError):
        raise _bad(path, "is not valid JSON") from None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        there = document.get("schema") if isinstance(document, dict) else None
        hint = f", not {quote(there)}" if there else ""
        raise _bad(path, f'is no baseline: expected "schema": "{SCHEMA}"{hint}')
    findings = document.get("findings")
    if not isinstance(findings, list):
        raise _bad(path, 'is no baseline: expected a list under "findings"')
    return Baseline(tuple(_entry(item, n, path) for n, item in enumerate(findings, 1)))


def _entry(item: Any, number: int, path: str) -> Entry:
    if not isinstance(item, dict):
        raise _bad(path, f"finding {number} of the baseline is not a mapping")
    texts = []
    for key in ("fingerprint", "rule", "name", "target"):
        value = item.get(key)
        if not isinstance(value, str):
            raise _bad(path, f"finding {number} of the baseline has no text for '{key}'")
        texts.append(value)
    directives = item.get("directives", [])
    if not isinstance(directives, list) or not all(isinstance(d, str) for d in directives):
        raise _bad(path, f"finding {number} of the baseline: 'directives' must be a list of texts")
    return Entry(texts[0], texts[1], texts[2], texts[3], tuple(directives))


def _bad(path: str, message: str) -> PolicyError:
    return PolicyError([Problem(path, 0, 0, message)])

"""Fixing texts: the fixes of a report carried out (`rounds`), held against every server again
(`standing`).

All that follows from is the text itself, so that doing it twice changes nothing:

* a round carries out every wanted fix that does not get in the way of another one, then
  audits the result; rounds go on until nothing is left to do;
* fixes that break something are found by halving and left out, until the text changes;
* where rounds lead back to a text that stood before, rules want opposite things: what
  was fixed on that way is left alone, and it begins anew.

Nothing is written here; `write` puts the texts on disk.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from redislint.audit.inputs import Inputs
from redislint.audit.report import Report
from redislint.audit.rounds import Dropped, Way, identity, opposed
from redislint.audit.standing import Limits, Standing, standing
from redislint.conf import edit
from redislint.conf.document import parse
from redislint.conf.reading import MAX_BYTES, ReadError, read_file
from redislint.model import AuditError, Edit, Finding, FixSafety, Server, Span, Target
from redislint.sources import kinds
from redislint.sources.discovery import is_inside

Texts = Mapping[str, bytes]
"""What files hold now, by their path with links resolved; STDIN for standard input."""

STDIN = "-"

Audit = Callable[[Texts], Report]
"""An audit of the targets of a run, with texts in place of what files hold."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What came of it: `original` is the report of the texts as they were, `report` of the
    texts after all fixes.

    `before` and `after` hold the changed texts by resolved path (STDIN for standard
    input), `names` what reports call them. `counts`: fixes carried out, by the name of
    the file. `unsafe`: findings left that an unsafe fix would mend. `dropped`: fixes that
    break something.
    """

    original: Report
    report: Report
    before: Texts = field(default_factory=dict)
    after: Texts = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    unsafe: int = 0
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What shall be fixed. `unsafe`: also what changes behaviour. `stdin`: the bytes of
    standard input, where that is the target. `pragma`: the server to name in a comment
    line of each target that names none. `inputs`: what is read, with texts in place of what
    files hold, so that fixes in host files are held against their servers again."""

    unsafe: bool = False
    stdin: bytes | None = None
    pragma: Server | None = None
    allow_outside: bool = False
    max_bytes: int = MAX_BYTES
    inputs: Callable[[Texts], Inputs] | None = None


def fix(audit: Audit, wanted: Wanted) -> Fixed:
    """Carry out the fixes of an audit on texts in memory."""
    return Work(audit, wanted).run()


def write(fixed: Fixed) -> tuple[AuditError, ...]:
    """Put the changed texts on disk, each in one step; what could not be written."""
    errors = []
    for path, data in fixed.after.items():
        if path == STDIN:
            continue
        try:
            _check_writable(path, fixed.names[path])
            edit.write_file(path, data, expected=fixed.before[path])
        except (edit.EditError, ReadError, OSError) as error:
            why = str(error).removeprefix(f"{path}: ")
            errors.append(AuditError(fixed.names[path], "fix", f"not changed: {why}"))
    return tuple(errors)


def _check_writable(path: str, shown: str) -> None:
    """Replacing a file needs no right to write into it: so that is asked for here."""
    if not os.stat(path).st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise edit.EditError("the file is read-only")
    if not os.access(path, os.W_OK):
        raise edit.EditError("permission denied")


class Work:
    """One run of fixing; texts are only ever replaced by new mappings."""

    def __init__(self, audit: Audit, wanted: Wanted) -> None:
        self._audit = audit
        self._wanted = wanted
        self._originals: dict[str, bytes] = {}
        self._names: dict[str, str] = {}

    def run(self) -> Fixed:
        report = original = self._audit({})
        start: dict[str, bytes] = {}
        named: Counter[str] = Counter()
        if self._wanted.pragma is not None:
            start = self._with_pragmas(report, self._wanted.pragma)
            named = Counter(self._names.get(path, path) for path in start)
            report = self._audit(start) if start else report
        blocked: set[str] = set()
        while True:
            way = Way(self, start, report, frozenset(blocked))
            looped = way.go()
            if not looped:
                break
            blocked |= looped
        changed = {p: t for p, t in way.texts.items() if t != self._originals[p]}
        left = {identity(f) for f in way.report.findings if self._offered(f, FixSafety.UNSAFE)}
        return Fixed(
            original=original,
            report=way.report,
            before={path: self._originals[path] for path in changed},
            after=changed,
            names=self._names,
            counts=way.counts + named,
            unsafe=0 if self._wanted.unsafe else len(left),
            dropped=(*way.dropped, *opposed(way.report, blocked)),
        )

    def wants(self, finding: Finding) -> bool:
        """Whether a finding has a fix that is to be carried out."""
        return self._offered(finding, FixSafety.SAFE) or (
            self._wanted.unsafe and self._offered(finding, FixSafety.UNSAFE)
        )

    def _offered(self, finding: Finding, safety: FixSafety) -> bool:
        return (
            finding.fix is not None
            and bool(finding.fix.edits)
            and finding.fix.safety is safety
            and finding.waiver is None
            and finding.baseline != "known"
        )

    # -- files -------------------------------------------------------------------------

    def place(self, report: Report, name: str) -> str | None:
        """The resolved path behind a name of the report; None where it may not be changed:
        it lies, links resolved, outside of what the run is about."""
        own = any(target.id == name for target in report.targets)
        if self._wanted.stdin is not None:
            return STDIN if own else None
        path = report.files.get(name)
        if path is None:
            return None
        real = os.path.realpath(path)
        if not own and not is_inside(real, os.path.realpath(_base(path, name))):
            return None
        self._names.setdefault(real, name)
        return real

    def is_host(self, report: Report, path: str) -> bool:
        """Whether a file is one of another language that describes servers."""
        name = self._names.get(path, path)
        return any(one.uri == name and one.kind in kinds.HOSTS for one in report.targets)

    def text(self, texts: Texts, path: str) -> bytes:
        """What a file holds now. Raises ReadError."""
        if path in texts:
            return texts[path]
        if path not in self._originals:
            stdin = self._wanted.stdin
            data = (stdin or b"") if path == STDIN else read_file(path, max_bytes=self._limit)
            self._originals[path] = data
        return self._originals[path]

    @property
    def _limit(self) -> int:
        return self._wanted.max_bytes

    def audit(self, texts: Texts) -> Report:
        return self._audit(texts)

    def _with_pragmas(self, report: Report, server: Server) -> dict[str, bytes]:
        from redislint.conf.pragma import read_pragmas

        version = ".".join(map(str, server.version))
        line = f"# redislint: engine={server.engine} version={version}".encode()
        found: dict[str, bytes] = {}
        for target in report.targets:
            path = self.place(report, target.id)
            if path is None or target.kind == kinds.ACL_FILE or target.kind in kinds.HOSTS:
                continue
            data = self.text({}, path)
            if read_pragmas(parse(data)).server is None and not data.startswith(_MARKS):
                first = data.partition(b"\n")[0]
                found[path] = line + (b"\r\n" if first.endswith(b"\r") else b"\n") + data
        return found

    def edits(self, report: Report, finding: Finding) -> tuple[Edit, ...] | None:
        """The edits of a finding's fix, by resolved paths; None where they may not be."""
        placed = []
        for one in finding.fix.edits if finding.fix else ():
            path = self.place(report, one.path)
            if path is None:
                return None
            placed.append(_moved(one, path))
        return tuple(placed)

    def standing(self, report: Report, texts: Texts) -> Standing:
        """What each server that a target is held against makes of it."""

        def text_of(target: Target) -> tuple[str | None, bytes]:
            path = None if self._wanted.stdin is not None else report.files[target.id]
            return path, self.text(texts, STDIN if path is None else os.path.realpath(path))

        limits = Limits(self._wanted.allow_outside, self._limit, texts)
        inputs = self._wanted.inputs(texts) if self._wanted.inputs is not None else None
        return standing(report, text_of, limits, inputs)


_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def _moved(one: Edit, path: str) -> Edit:
    """An edit of a file under another name."""
    span = one.span
    place = Span(path, span.line, span.column, span.end_line, span.end_column)
    return Edit(path, one.start, one.end, one.replacement, place)


def _base(path: str, name: str) -> str:
    """The directory from which the name of a file in reports counts."""
    for _ in range(name.count("/") + 1):
        path = os.path.dirname(path)
    return path

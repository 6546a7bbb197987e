"""What servers make of some texts, before fixes and after them, and what fixes would break.

Of each server that a target is held against: whether it takes the text, the values in effect.
Of those that host files describe also every line that they read, with its place, so that a
fix which changes anything else in the host's language is found out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from redislint.audit.inputs import Inputs
from redislint.audit.report import Report
from redislint.conf.document import Document, parse
from redislint.conf.include import IncludeReader
from redislint.conf.resolve import Configuration, resolve
from redislint.model import Edit, Server, Setting, Target
from redislint.sources import kinds
from redislint.sources.conf_file import LoadedFile
from redislint.sources.discovery import Unread


class Limits(NamedTuple):
    """What includes may read: `texts` counts in place of what files hold."""

    allow_outside: bool
    max_bytes: int
    texts: Mapping[str, bytes]

    def reader(self, path: str | None) -> IncludeReader:
        return IncludeReader(
            path, allow_outside=self.allow_outside, texts=self.texts, max_bytes=self.max_bytes
        )


class Stretch(NamedTuple):
    """A line that a server reads: `start` to `end` of the file at `path`, links resolved, and
    what it says; never shown, as it may hold a secret."""

    path: str
    start: int
    end: int
    said: bytes


class Stood(NamedTuple):
    """What a server makes of a target. `values` in effect, None where it refuses it. Of host
    files: the `lines` that it reads, and what else they tell of it (`around`), None of others."""

    values: Mapping[str, Any] | None
    lines: tuple[Stretch, ...] = ()
    around: object = None


Standing = Mapping[tuple[str, Server], Stood]
"""By target and server."""


def standing(
    report: Report,
    text_of: Callable[[Target], tuple[str | None, bytes]],
    limits: Limits,
    inputs: Inputs | None,
) -> Standing:
    """How the targets of a report stand. `text_of`: path (None for standard input) and text of
    a target; `inputs`: what is read, with the texts of `limits`."""
    found: dict[tuple[str, Server], Stood] = {}
    for target in report.targets:
        if target.kind == kinds.ACL_FILE or target.kind in kinds.HOSTS:
            continue
        path, data = text_of(target)
        document = parse(data, path)
        reader = limits.reader(path)
        for server in target.held:
            sentinel = target.kind == kinds.SENTINEL_CONF
            found[target.id, server] = Stood(
                _values(resolve(document, server, sentinel=sentinel, reader=reader))
            )
    if inputs is not None and any(target.kind in kinds.HOSTS for target in report.targets):
        found.update(_deployed(report, inputs, limits))
    return found


def _values(conf: Configuration) -> dict[str, Any] | None:
    return dict(conf.values()) if conf.accepted else None


def _deployed(
    report: Report, inputs: Inputs, limits: Limits
) -> Iterator[tuple[tuple[str, Server], Stood]]:
    """The same for the servers that host files describe."""
    targets = {target.id: target for target in report.targets}
    paths = inputs.paths()
    for one in inputs.load():
        if isinstance(one, Unread) or one.deployment is None:
            continue
        target = targets.get(paths.name(one.file.path) + one.suffix)
        if target is None:
            continue
        if one.deployment.managed is not None or one.deployment.machine is not None:
            yield (target.id, target.server), _managed(one)
            continue
        reader = limits.reader(one.file.path)
        for server in target.held:
            conf = one.resolve(server, reader)
            lines = tuple(_lines(conf.documents))
            yield (target.id, server), Stood(_values(conf), lines, _around(one))


def _around(one: LoadedFile) -> object:
    found = one.deployment
    assert found is not None
    launch = found.launch
    return found.servers, found.engine, dict(found.facts), launch.sentinel, launch.unseen


def _lines(documents: Iterable[Document]) -> Iterator[Stretch]:
    for document in documents:
        for line in document.directives:
            if document.passage is not None:
                host, start, end = document.passage.extent(line.start, line.end)
                # What replaces an empty word stands at its place, behind all of the line.
                end += not (line.values or (b"?",))[-1]
            else:
                host, start = document.part(line.start)
                end = start + line.end - line.start
            yield Stretch(os.path.realpath(host.path or ""), start, end, line.raw)


def _managed(one: LoadedFile) -> Stood:
    """A managed cache: each setting that stands in a file, by its place there."""
    managed = one.deployment.managed if one.deployment is not None else None
    if managed is None:
        return Stood({}, (), one.facts)
    hosts = {host.path: host for host in managed.hosts}
    lines = tuple(
        _setting(setting, hosts[setting.span.path])
        for setting in managed.found.configuration.settings
        if setting.span is not None and setting.span.path in hosts
    )
    return Stood(dict(managed.found.target.facts), lines, ())


def _setting(setting: Setting, host: Document) -> Stretch:
    span = setting.span
    assert span is not None
    start, end = host.offset(span.line, span.column), host.offset(span.end_line, span.end_column)
    said = f"{setting.name} {setting.text}".encode("utf-8", "surrogateescape")
    return Stretch(os.path.realpath(span.path), start, end, said)


# -- what must hold afterwards ---------------------------------------------------------


def refused(before: Standing, after: Standing) -> str:
    """Where a server took a file until now, and does not any more; "" where none."""
    for key, stood in before.items():
        now = after.get(key)
        if stood.values is not None and (now is None or now.values is None):
            return f"{key[1]} would not accept {key[0]} any more"
    return ""


def changed(before: Standing, after: Standing) -> str:
    """Where any value in effect is another one; "" where none is."""
    for key, stood in before.items():
        if stood.values is not None and after[key].values != stood.values:
            return f"values in effect on {key[1]} would change"
    return ""


_Ranges = Mapping[str, Sequence[tuple[int, int]]]


def moved(
    before: Standing,
    after: Standing,
    edits: Mapping[str, Sequence[Edit]],
    about: Collection[str],
) -> str:
    """Where edits of host files, by resolved path, would change more than they replace: every
    line outside of them must be there as before, and so must all else of its server. For
    targets that the edits are not `about`, which may share a text, no value may change."""
    old = {path: [(e.start, e.end) for e in _ordered(own)] for path, own in edits.items()}
    new = {path: list(_replaced(_ordered(own))) for path, own in edits.items()}
    for key, stood in before.items():
        if stood.around is None:
            continue
        now = after.get(key)
        if now is None or now.around != stood.around:
            return f"{key[0]} would not be the same server any more"
        kept = [line for line in stood.lines if not _touched(line, old)]
        if not _same(kept, now.lines, new):
            return f"other settings of {key[0]} would change"
        alone = stood.lines and len(kept) == len(stood.lines) == len(now.lines)
        if (alone or key[0] not in about) and stood.values != now.values:
            return f"values in effect of {key[0]} would change"
    found = [key for key, stood in after.items() if stood.around is not None and key not in before]
    return f"another server would be found: {found[0][0]}" if found else ""


def _ordered(edits: Iterable[Edit]) -> list[Edit]:
    return sorted(dict.fromkeys(edits), key=lambda one: (one.start, one.end))


def _replaced(edits: Iterable[Edit]) -> Iterator[tuple[int, int]]:
    """Where the texts of some edits stand once all are carried out."""
    shift = 0
    for one in edits:
        start = one.start + shift
        yield start, start + len(one.replacement)
        shift += len(one.replacement) - (one.end - one.start)


def _touched(line: Stretch, ranges: _Ranges) -> bool:
    """Whether an edit replaces a byte of a line."""
    return any(
        (line.start < end and start < line.end)
        or (line.start == line.end and start <= line.start <= end)
        for start, end in ranges.get(line.path, ())
    )


def _same(kept: Sequence[Stretch], lines: Sequence[Stretch], new: _Ranges) -> bool:
    """Whether `lines` are those that were kept, and further ones only where an edit is: in
    what it wrote, or beside what it took out."""
    wanted = list(reversed(kept))
    for line in lines:
        if _touched(line, new):
            continue
        if wanted and wanted[-1].said == line.said:
            wanted.pop()
        elif not any(line.start <= at == end <= line.end for at, end in new.get(line.path, ())):
            return False
    return not wanted

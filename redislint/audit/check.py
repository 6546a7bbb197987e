"""Read, resolve, merge: from targets to a Report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from redislint import catalog
from redislint.audit.findings import finding, numbered
from redislint.audit.merge import Merged, merge
from redislint.audit.paths import Paths
from redislint.audit.report import Interrupted, Report, UsageError
from redislint.audit.rules import Selection, rule_info
from redislint.audit.servers import beyond_catalogue, check_known, judged, named_servers
from redislint.audit.verdict import Text, Verdict, verdicts
from redislint.conf.reading import MAX_BYTES
from redislint.model import AuditError, Diagnostic, Finding, Server, Severity, Span, Target
from redislint.version import VERSION
from redislint.sources import kinds
from redislint.sources.conf_file import LoadedFile, load
from redislint.sources.discovery import NO_FILE_NAME, STDIN, ConfFile, Unread, discover

VERSION_UNDETERMINED = "RL003"


def check(
    targets: Iterable[str | os.PathLike[str]] = (),
    *,
    server: Server | str | Sequence[Server | str] | None = None,
    workload: str | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    stdin: bytes | None = None,
    stdin_filename: str | None = None,
    allow_outside: bool = False,
    max_file_size: int = MAX_BYTES,
) -> Report:
    """Lint and audit `targets`: files, directories, or `-` for the bytes of `stdin`.

    No target means the current directory. `server` is one server or several
    (`redis-7.2`); without it the pragma in a file decides, else the file is held against
    every supported version. `select` and `ignore` take rule ids, names, tags and the
    beginnings of ids (`RL2`). `max_file_size` is in bytes.

    What cannot be read is in `Report.errors`. Raises UsageError for a wrong argument and
    Interrupted, with the report so far, when the user stops it.
    """
    named = _servers(server)
    selection = Selection.of(select, ignore)
    audit = _Audit(named, workload, selection, allow_outside, max_file_size)
    paths = [os.fspath(target) for target in targets] or [os.curdir]
    return audit.run(paths, stdin, stdin_filename)


def find(
    targets: Iterable[str | os.PathLike[str]] = (),
    *,
    allow_outside: bool = False,
    max_file_size: int = MAX_BYTES,
) -> Iterator[ConfFile | Unread]:
    """The files that `check` would read for `targets`, in its order."""
    paths = [os.fspath(target) for target in targets] or [os.curdir]
    return discover(paths, _knows, max_size=max_file_size, allow_outside=allow_outside)


def _servers(server: Server | str | Sequence[Server | str] | None) -> tuple[Server, ...]:
    if server is None:
        return ()
    return named_servers([server] if isinstance(server, (Server, str)) else server)


def _knows(name: str) -> bool:
    return catalog.directive(name) is not None


@dataclass(frozen=True, slots=True)
class _Result:
    """What one file came to."""

    target: Target
    findings: tuple[Finding, ...]
    path: str
    includes: frozenset[str]
    named: bool


@dataclass(frozen=True, slots=True)
class _Audit:
    """The arguments of one run."""

    servers: tuple[Server, ...]
    workload: str | None
    selection: Selection
    allow_outside: bool
    max_file_size: int

    def run(self, targets: list[str], stdin: bytes | None, stdin_filename: str | None) -> Report:
        for target in targets:
            if "://" in target and not os.path.lexists(target):
                raise UsageError(f"{target.partition('://')[0]}:// targets are not supported")
        files = [os.path.abspath(target) for target in targets if target != STDIN]
        if stdin_filename is not None:
            files.append(os.path.abspath(stdin_filename))
        paths = Paths(files, os.getcwd())
        results: list[_Result] = []
        errors: list[AuditError] = []
        interrupted = False
        try:
            for item in self._items(targets, stdin, stdin_filename):
                if isinstance(item, Unread):
                    errors.append(AuditError(paths.name(item.path), "read", item.reason))
                else:
                    results.extend(self._file(item, paths, errors, item.path in files))
        except KeyboardInterrupt:
            interrupted = True
        report = self._report(results, errors, paths, interrupted)
        if interrupted:
            raise Interrupted(report) from None
        return report

    def _items(
        self, targets: list[str], stdin: bytes | None, stdin_filename: str | None
    ) -> Iterator[ConfFile | Unread]:
        on_disk = []
        for target in targets:
            if target != STDIN:
                on_disk.append(target)
                continue
            path = os.path.abspath(stdin_filename) if stdin_filename else NO_FILE_NAME
            if stdin is None:
                raise UsageError("'-' stands for standard input, and there is none")
            if len(stdin) > self.max_file_size:
                yield Unread(path, f"larger than the limit of {self.max_file_size} bytes")
                continue
            kind = kinds.named_kind(os.path.basename(path), stdin, _knows)
            yield ConfFile(path, kind, stdin)
        if on_disk:
            yield from find(
                on_disk, allow_outside=self.allow_outside, max_file_size=self.max_file_size
            )

    def _file(
        self, file: ConfFile, paths: Paths, errors: list[AuditError], named: bool
    ) -> Iterator[_Result]:
        loaded = load(file)
        name = paths.name(file.path)
        for problem in loaded.pragma.problems:
            place = f"{name}:{problem.span.line}:{problem.span.column}"
            errors.append(AuditError(place, "pragma", problem.message))
        try:
            held, assumed = self._held(loaded)
        except UsageError as error:
            errors.append(AuditError(name, "pragma", str(error)))
            return
        found = verdicts(
            loaded, held, allow_outside=self.allow_outside, max_bytes=self.max_file_size
        )
        if not found:
            asked = ", ".join(map(str, held))
            errors.append(AuditError(name, "read", f"{asked} has no ACL files, Redis 6.0 has"))
            return
        held = tuple(found)
        accepting = [server for server, verdict in found.items() if verdict.accepted]
        target = Target(
            id=name,
            kind=file.kind,
            uri=name,
            server=judged(accepting, held, name),
            assumed=assumed,
            held=held,
            workload=self.workload or loaded.pragma.values.get("workload"),
        )
        texts: dict[str, Text] = {}
        for verdict in found.values():
            texts.update(verdict.texts)
        findings = self._findings(found, target, file.path, texts, paths)
        yield _Result(target, findings, file.path, frozenset(texts) - {file.path}, named)

    def _findings(
        self,
        found: Mapping[Server, Verdict],
        target: Target,
        path: str,
        texts: Mapping[str, Text],
        paths: Paths,
    ) -> tuple[Finding, ...]:
        merged = merge(
            {server: verdict.diagnostics for server, verdict in found.items()},
            {server: verdict.accepted for server, verdict in found.items()},
            assumed=target.assumed,
        )
        if target.assumed:
            merged.insert(0, Merged(_version_undetermined(path), None))
        wanted = [item for item in merged if self.selection.wants(item.diagnostic.rule)]
        wanted.sort(key=lambda item: _order(item.diagnostic, paths))
        fingerprint = numbered()
        return tuple(finding(item, target.id, texts, paths, fingerprint) for item in wanted)

    def _held(self, loaded: LoadedFile) -> tuple[tuple[Server, ...], bool]:
        if self.servers:
            return self.servers, False
        if loaded.pragma.server is not None:
            check_known(loaded.pragma.server)
            return (loaded.pragma.server,), False
        return catalog.SUPPORTED, True

    def _report(
        self,
        results: list[_Result],
        errors: list[AuditError],
        paths: Paths,
        interrupted: bool,
    ) -> Report:
        kept = _without_fragments(results)
        kept.sort(key=lambda result: result.target.id)
        findings = tuple(f for result in kept for f in result.findings)
        return Report(
            targets=tuple(result.target for result in kept),
            findings=findings,
            outcomes=(),
            errors=tuple(sorted(errors, key=lambda e: (e.target, e.stage, e.message))),
            rules={f.rule: rule_info(f.rule) for f in findings},
            tool_version=VERSION,
            files_checked=len(kept),
            files=paths.originals,
            notices=beyond_catalogue(self.servers),
            interrupted=interrupted,
        )


def _without_fragments(results: list[_Result]) -> list[_Result]:
    """Leave out what a directory search found and another file of the run includes.

    Such a fragment is judged where it takes effect, once. Of files that include each
    other in a circle the first stays.
    """
    included: dict[str, set[str]] = {}
    for result in results:
        for path in result.includes:
            included.setdefault(os.path.realpath(path), set()).add(result.path)
    if not included:
        return results
    dropped: set[str] = set()
    for result in reversed(results):
        by = included.get(os.path.realpath(result.path), set()) - dropped - {result.path}
        if by and not result.named:
            dropped.add(result.path)
    return [result for result in results if result.path not in dropped]


def _order(diagnostic: Diagnostic, paths: Paths) -> tuple[str, int, int, str]:
    span = diagnostic.span
    if span is None:
        return "", 0, 0, diagnostic.rule
    return paths.name(span.path), span.line, span.column, diagnostic.rule


def _version_undetermined(path: str) -> Diagnostic:
    return Diagnostic(
        rule=VERSION_UNDETERMINED,
        severity=Severity.INFO,
        message=(
            "no engine and version is named; held against every supported version, and what"
            " differs between them is marked"
        ),
        span=Span(path, 1, 1, 1, 1),
    )

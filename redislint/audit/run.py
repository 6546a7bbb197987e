"""Read, resolve, merge: from targets to a Report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from redislint.audit.inputs import Inputs, held_against
from redislint.audit.merge import Merged, merge
from redislint.audit.paths import Paths
from redislint.audit.report import Interrupted, Report, UsageError
from redislint.audit.selection import Selection
from redislint.audit.servers import beyond_catalogue, judged, servers_of
from redislint.audit.texts import Texts
from redislint.audit.verdict import Verdict, verdicts
from redislint.conf.document import Document
from redislint.conf.reading import MAX_BYTES
from redislint.model import (
    AuditError,
    Diagnostic,
    Finding,
    RuleInfo,
    Server,
    Severity,
    Span,
    Target,
)
from redislint.sources import kinds
from redislint.sources.conf_file import LoadedFile, load
from redislint.sources.discovery import ConfFile, Unread
from redislint.version import VERSION

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
    texts: Mapping[str, bytes] | None = None,
) -> Report:
    """Lint and audit `targets`: files, directories, or `-` for the bytes of `stdin`.

    No target means the current directory. `server` is one server or several
    (`redis-7.2`); without it the pragma in a file decides, else the file is held against
    every supported version. `select` and `ignore` take rule ids, names, tags and the
    beginnings of ids (`RL2`). `max_file_size` is in bytes. `texts` counts in place of
    what files hold, by their path with links resolved.

    What cannot be read is in `Report.errors`. Raises UsageError for a wrong argument and
    Interrupted, with the report so far, when the user stops it.
    """
    inputs = Inputs.of(
        targets,
        stdin=stdin,
        stdin_filename=stdin_filename,
        allow_outside=allow_outside,
        max_file_size=max_file_size,
        texts=texts or {},
    )
    return _Audit(inputs, servers_of(server), workload, Selection.of(select, ignore)).run()


@dataclass(frozen=True, slots=True)
class _Result:
    """What one file came to."""

    target: Target
    findings: tuple[Finding, ...]
    path: str
    texts: Mapping[str, Document]
    named: bool

    @property
    def includes(self) -> frozenset[str]:
        """Absolute paths of what the file reads besides itself."""
        return frozenset(self.texts) - {self.path}


@dataclass(frozen=True, slots=True)
class _Audit:
    """The arguments of one run."""

    inputs: Inputs
    servers: tuple[Server, ...]
    workload: str | None
    selection: Selection

    def run(self) -> Report:
        paths = self.inputs.paths()
        named = self.inputs.named
        results: list[_Result] = []
        errors: list[AuditError] = []
        try:
            for item in self.inputs.read():
                if isinstance(item, Unread):
                    errors.append(AuditError(paths.name(item.path), "read", item.reason))
                else:
                    results.extend(self._file(item, paths, errors, item.path in named))
        except KeyboardInterrupt:
            raise Interrupted(self._report(results, errors, paths, True)) from None
        return self._report(results, errors, paths, False)

    def _file(
        self, file: ConfFile, paths: Paths, errors: list[AuditError], named: bool
    ) -> Iterator[_Result]:
        loaded = load(file)
        name = paths.name(file.path)
        errors.extend(pragma_errors(loaded, name))
        try:
            held, assumed = held_against(loaded, self.servers)
        except UsageError as error:
            errors.append(AuditError(name, "pragma", str(error)))
            return
        limits = self.inputs
        found = verdicts(
            loaded,
            held,
            allow_outside=limits.allow_outside,
            max_bytes=limits.max_file_size,
            texts=limits.texts,
        )
        if not found:
            asked = ", ".join(map(str, held))
            errors.append(AuditError(name, "read", f"{asked} has no ACL files, Redis 6.0 has"))
            return
        accepting = [server for server, verdict in found.items() if verdict.accepted]
        target = Target(
            id=name,
            kind=file.kind,
            uri=name,
            server=judged(accepting, tuple(found), name),
            assumed=assumed,
            held=tuple(found),
            workload=self.workload or loaded.workload,
        )
        texts: dict[str, Document] = {}
        for verdict in found.values():
            texts.update(verdict.texts)
        findings = self._findings(found, target, file.path, texts, paths)
        yield _Result(target, findings, file.path, texts, named)

    def _findings(
        self,
        found: Mapping[Server, Verdict],
        target: Target,
        path: str,
        texts: Mapping[str, Document],
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
        if not wanted:
            return ()
        from redislint.audit.findings import finding, numbered

        wanted.sort(key=lambda item: _order(item.diagnostic, paths))
        fingerprint = numbered()
        return tuple(finding(item, target.id, texts, paths, fingerprint) for item in wanted)

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
            rules=_rules(findings),
            tool_version=VERSION,
            files_checked=len(kept),
            texts=_texts(kept, paths),
            files=paths.originals,
            notices=beyond_catalogue(self.servers),
            interrupted=interrupted,
        )


def _texts(results: Sequence[_Result], paths: Paths) -> Mapping[str, str]:
    """What findings point into; of files without findings nothing is kept."""
    documents: dict[str, Document] = {}
    acl_files = set()
    for result in results:
        used = {found.span.path for found in result.findings if found.span}
        documents.update(
            (name, document)
            for path, document in result.texts.items()
            if (name := paths.name(path)) in used
        )
        if result.target.kind == kinds.ACL_FILE:
            acl_files.add(result.target.id)
    return Texts(documents, frozenset(acl_files))


def _rules(findings: Sequence[Finding]) -> Mapping[str, RuleInfo]:
    if not findings:
        return {}
    from redislint.audit.rules import rule_info

    return {finding.rule: rule_info(finding.rule) for finding in findings}


def pragma_errors(loaded: LoadedFile, name: str) -> Iterator[AuditError]:
    """What is wrong with the pragmas of the file that reports call `name`."""
    for problem in loaded.pragma.problems if loaded.pragma else ():
        place = f"{name}:{problem.span.line}:{problem.span.column}"
        yield AuditError(place, "pragma", problem.message)


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

"""What the audit says about an open text, with unsaved texts in place of files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from redislint import audit
from redislint.audit.report import Report, UsageError
from redislint.lsp.text import CONFIGURATIONS, POLICY, PROJECT, Text
from redislint.model import AuditError, Finding, Server, Severity
from redislint.policy.errors import PolicyError, Problem


class Settings(NamedTuple):
    """What the editor's user wishes: as the options of `redislint check`."""

    server: tuple[str, ...] = ()
    profile: str | None = None
    workload: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    config: str | None = None


class Checked(NamedTuple):
    """A text and what was found. `problems`: mistakes with places, not of the server's kind."""

    text: Text
    report: Report | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def own(self) -> tuple[Finding, ...]:
        """Findings that are not waived and stand in the text itself."""
        report = self.report
        if report is None:
            return ()
        names = {target.id for target in report.targets}
        return tuple(f for f in report.findings if f.waiver is None and _path(f) in names)

    @property
    def elsewhere(self) -> tuple[Finding, ...]:
        """Findings that stand in what the text includes."""
        own = {id(finding) for finding in self.own}
        findings = self.report.findings if self.report else ()
        return tuple(f for f in findings if f.waiver is None and id(f) not in own)

    @property
    def server(self) -> Server | None:
        """The server that the text is read as, where somebody named one."""
        targets = self.report.targets if self.report else ()
        return targets[0].server if targets and not targets[0].assumed else None

    @property
    def files(self) -> frozenset[str]:
        """Resolved paths of every file that was read for it."""
        found = self.report.files.values() if self.report else ()
        return frozenset(map(os.path.realpath, found))


def check(text: Text, others: Mapping[str, bytes], settings: Settings) -> Checked:
    """Check one text. `others`: what open texts hold, by path with links resolved."""
    if text.kind in CONFIGURATIONS:
        return _check_configuration(text, others, settings)
    if text.kind == POLICY:
        return Checked(text, problems=_policy_problems(text))
    if text.kind == PROJECT:
        return Checked(text, problems=_project_problems(text))
    return Checked(text)


def _check_configuration(text: Text, others: Mapping[str, bytes], settings: Settings) -> Checked:
    on_disk = bool(text.path) and os.path.isfile(text.path)
    try:
        if on_disk:
            report = _audit([text.path], settings, texts=others)
        else:
            report = check_bytes(text.data, text.path, settings)
    except PolicyError as error:
        return Checked(text, problems=tuple(Problem("", 0, 0, str(p)) for p in error.problems))
    except UsageError as error:
        return Checked(text, problems=(Problem("", 0, 0, str(error)),))
    return Checked(text, report, tuple(map(_problem, report.errors)))


def check_bytes(data: bytes, path: str, settings: Settings) -> Report:
    """The audit of a text that need not be a file; `path` is what it is called, or "".

    Raises PolicyError and UsageError.
    """
    return _audit(["-"], settings, stdin=data, stdin_filename=path or None)


def _audit(targets: list[str], settings: Settings, **options: Any) -> Report:
    return audit.check(
        targets,
        server=settings.server or None,
        profile=settings.profile,
        workload=settings.workload,
        select=settings.select,
        ignore=settings.ignore,
        policies=settings.policy,
        config=settings.config,
        **options,
    )


def _problem(error: AuditError) -> Problem:
    """An error of the audit; the places of pragmas end in their line and column."""
    parts = error.target.rsplit(":", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return Problem(parts[0], int(parts[1]), int(parts[2]), error.message)
    return Problem(error.target, 0, 0, error.message)


def _policy_problems(text: Text) -> tuple[Problem, ...]:
    from redislint.audit.vocabulary import vocabulary
    from redislint.policy.library import builtin_policy, load_files
    from redislint.resources import policies_dir

    builtin = os.path.realpath(policies_dir())
    inside = os.path.realpath(text.path).startswith(builtin + os.sep)
    others = () if inside else builtin_policy().values()
    try:
        load_files([(text.path, text.data)], vocabulary(), others)
    except PolicyError as error:
        return error.problems
    return ()


def _project_problems(text: Text) -> tuple[Problem, ...]:
    from redislint.audit.paths import Paths
    from redislint.audit.plan import check_project

    try:
        check_project(text.path, text.data, Paths([text.path], os.path.dirname(text.path)))
    except PolicyError as error:
        return error.problems
    return ()


def _path(finding: Finding) -> str:
    return finding.span.path if finding.span else finding.target


def gravest(findings: tuple[Finding, ...]) -> Severity:
    """The worst severity of some findings, of which there is at least one."""
    return max((finding.severity for finding in findings), key=lambda one: one.rank)

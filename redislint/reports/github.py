"""Workflow commands of GitHub Actions: annotations beside the lines of a pull request.

The log of a step shows a command without its place, so the ordinary text stands before
them, in a group that can be opened, and with commands switched off: a line of a
configuration that looks like a command is not obeyed.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from redislint.model import AuditError, Finding, Report, Severity, Target
from redislint.reports import Options, text
from redislint.reports.levels import LEVELS
from redislint.reports.plain import encoded, error_place, message, one_line
from redislint.reports.wording import count

ANNOTATIONS = 10
"""Annotations of each level that GitHub shows for one step; it drops the others silently."""

MESSAGE_LIMIT = 4096


def render(report: Report, options: Options) -> str:
    """The text report and the commands; "" for a quiet run that found nothing."""
    plain = text.render(report, Options(False, options.quiet, options.verbose, options.show))
    commands = list(_commands(report, options))
    if not plain and not commands:
        return ""
    resume = sha256(encoded(plain)).hexdigest()[:32]
    lines = [
        "::group::redislint",
        f"::stop-commands::{resume}",
        *plain.splitlines(),
        f"::{resume}::",
        "::endgroup::",
        *commands,
    ]
    return "".join(f"{line}\n" for line in lines)


def _commands(report: Report, options: Options) -> Iterator[str]:
    """The annotations that GitHub has room for, and how many more there are."""
    targets = {target.id: target for target in report.targets}
    by_level: dict[str, list[str]] = {LEVELS[severity].github: [] for severity in Severity}
    by_level["error"].extend(map(_error, report.errors))
    for finding in text.shown(report.findings, Options(verbose=options.verbose)):
        level = LEVELS[finding.severity].github
        by_level[level].append(_finding(level, finding, targets.get(finding.target)))
    left = sum(max(len(found) - ANNOTATIONS, 0) for found in by_level.values())
    for level, found in by_level.items():
        room = ANNOTATIONS - (level == "notice" and left > 0)
        left += len(found[room:ANNOTATIONS])
        yield from found[:room]
    if left:
        more = f"{count(left, 'more finding')} in the log of this step"
        yield _command("notice", {"title": "redislint"}, more)


def _finding(level: str, finding: Finding, target: Target | None) -> str:
    place: dict[str, object] = {}
    span = finding.span
    if span is not None:
        place = {"file": one_line(span.path), "line": span.line, "endLine": span.end_line}
        if span.line == span.end_line:
            place |= {"col": span.column, "endColumn": span.end_column}
    place["title"] = one_line(f"{finding.rule} {finding.name}")
    return _command(level, place, message(finding, target, MESSAGE_LIMIT))


def _error(error: AuditError) -> str:
    path, line = error_place(error.target)
    place: dict[str, object] = {"file": one_line(path)}
    if line:
        place["line"] = line
    place["title"] = "redislint could not check this"
    return _command("error", place, one_line(f"{path}: {error.message}", MESSAGE_LIMIT))


def _command(name: str, properties: dict[str, object], data: str) -> str:
    shown = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {shown}::{_data(data)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")

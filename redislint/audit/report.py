"""What an audit gives back, and how it refuses to start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redislint import model


class UsageError(ValueError):
    """A wrong option or argument: one line that says what was expected."""


@dataclass(frozen=True, slots=True)
class Report(model.Report):
    """A finished audit.

    `files` maps each path of the report to the absolute path that was read. `notices`
    are lines for a person at a terminal, not part of any report. `interrupted`: the
    user stopped the audit; what was finished is here. `fail_on` and `fail_on_unknown`:
    what redislint.yaml says of the exit code (the strictest of several).
    """

    files: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    interrupted: bool = False
    fail_on: model.Severity | None = None
    fail_on_unknown: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, shaped as schemas/report.schema.json says."""
        from redislint.reports.json import to_dict

        return to_dict(self)


class Interrupted(KeyboardInterrupt):
    """The user stopped the audit; `report` holds what was finished."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report

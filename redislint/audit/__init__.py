"""One audit from end to end: targets in, a finished Report out."""

from __future__ import annotations

from redislint.audit.report import Interrupted, Report, UsageError
from redislint.audit.run import check

__all__ = ["Interrupted", "Report", "UsageError", "check"]

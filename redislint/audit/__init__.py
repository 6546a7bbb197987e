"""One audit from end to end: targets in, a finished Report out."""

from __future__ import annotations

from redislint.audit.check import check, find
from redislint.audit.report import Interrupted, Report, UsageError

__all__ = ["Interrupted", "Report", "UsageError", "check", "find"]

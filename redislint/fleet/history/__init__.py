"""What became of every finding from run to run, in SQLite or PostgreSQL."""

from __future__ import annotations

from redislint.fleet.history.database import HistoryError, located
from redislint.fleet.history.model import Changes
from redislint.fleet.history.store import History

__all__ = ["Changes", "History", "HistoryError", "located"]

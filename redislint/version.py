"""The version of redislint, without reading package metadata (which costs more than a lint)."""

from __future__ import annotations

VERSION = "0.1.0"

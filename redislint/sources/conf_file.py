"""A configuration file as a source: its document and what it says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from redislint.conf.document import Document, parse
from redislint.sources.discovery import ConfFile

if TYPE_CHECKING:
    from redislint.conf.pragma import Pragmas


class LoadedFile(NamedTuple):
    """A file that was read: `document` keeps every byte, `pragma` what it declares
    (None: nothing at all)."""

    file: ConfFile
    document: Document
    pragma: Pragmas | None

    @property
    def declared(self) -> Mapping[str, str]:
        """What the file says about itself, as texts by key."""
        return self.pragma.values if self.pragma else {}

    @property
    def workload(self) -> str | None:
        """What the file says its data is for."""
        return self.pragma.values.get("workload") if self.pragma else None


def load(file: ConfFile) -> LoadedFile:
    """Parse `file`; never raises on content."""
    document = parse(file.data, file.path)
    if b"edislint" not in file.data:
        return LoadedFile(file, document, None)
    from redislint.conf.pragma import read_pragmas

    return LoadedFile(file, document, read_pragmas(document))

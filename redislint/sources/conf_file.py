"""A configuration file as a source: its document and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass

from redislint.conf.document import Document, parse
from redislint.conf.pragma import Pragmas, read_pragmas
from redislint.sources.discovery import ConfFile


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file that was read: `document` keeps every byte, `pragma` what it declares."""

    file: ConfFile
    document: Document
    pragma: Pragmas


def load(file: ConfFile) -> LoadedFile:
    """Parse `file`; never raises on content."""
    document = parse(file.data, file.path)
    return LoadedFile(file, document, read_pragmas(document))

"""A configuration file as a source: its document and what it says about itself."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from redislint.conf.document import Document, parse
from redislint.sources import kinds
from redislint.sources.discovery import ConfFile, repository_root

if TYPE_CHECKING:
    from redislint.conf.include import IncludeReader
    from redislint.conf.pragma import Pragmas
    from redislint.conf.resolve import Configuration
    from redislint.model import Fact, Server, Span
    from redislint.sources.iac.deployment import Deployment


class LoadedFile(NamedTuple):
    """A file that was read: `document` keeps every byte, `pragma` what it declares
    (None: nothing at all). `deployment`: the server that a host file describes; several of
    them can stand in one file."""

    file: ConfFile
    document: Document
    pragma: Pragmas | None
    deployment: Deployment | None = None

    @property
    def suffix(self) -> str:
        """What tells the targets of one file apart, to be put behind its name."""
        return f"#{self.deployment.name}" if self.deployment and self.deployment.name else ""

    @property
    def start(self) -> Span:
        """Where findings about absent directives point: a place without length in an
        ordinary file, since there is nothing to show."""
        if self.deployment is not None:
            return self.deployment.start
        from redislint.model import Span

        return Span(self.file.path, 1, 1, 1, 1)

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What the host file says of the server's surroundings, by path."""
        if self.deployment is None:
            return {}
        from redislint.model import Fact

        return {"target.on_host": Fact(False, "", "deployment"), **self.deployment.facts}

    @property
    def places(self) -> Mapping[str, Span]:
        """Where the host file says some of them."""
        return {} if self.deployment is None else self.deployment.places

    @property
    def is_acl_file(self) -> bool:
        """Whether it has users alone, so that no rule about directives applies to it."""
        return self.file.kind == kinds.ACL_FILE

    def resolve(self, server: Server, reader: IncludeReader) -> Configuration:
        """What a server makes of it; an ACL file is no configuration."""
        if self.deployment is not None:
            return self.deployment.launch.resolve(server, reader)
        from redislint.conf.resolve import resolve

        sentinel = self.file.kind == kinds.SENTINEL_CONF
        return resolve(self.document, server, sentinel=sentinel, reader=reader)

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

    pragma = read_pragmas(document)
    if pragma.template:
        from redislint.conf import templates

        document = templates.document(document)
    return LoadedFile(file, document, pragma)


def seen_by(path: str) -> str | None:
    """Who reads a file besides its owner and group: `repository` (all who have a copy of
    it), `everybody` on the host, or `nobody`. None where that cannot be told, as for
    standard input. `path` is absolute; what its mode says in a checkout means nothing.
    """
    mode = _mode(path)
    if mode is None:
        return None
    if repository_root(path) is not None:
        return "repository"
    return "everybody" if mode & stat.S_IROTH else "nobody"


def others_may_write(path: str) -> bool:
    """Whether every user of the host may change a file that lies where a server reads it,
    which is not in a checkout."""
    mode = _mode(path)
    return bool(mode and mode & stat.S_IWOTH) and repository_root(path) is None


def _mode(path: str) -> int | None:
    """Permission bits of an absolute path; None where there are none to read."""
    if os.name != "posix" or not os.path.isabs(path):
        return None
    try:
        return os.stat(path).st_mode
    except OSError:
        return None

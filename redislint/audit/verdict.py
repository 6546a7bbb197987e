"""What each server says about one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from redislint.audit.offers import with_fixes
from redislint.conf.document import NO_PATH, Document
from redislint.conf.include import IncludeReader
from redislint.conf.reading import MAX_BYTES
from redislint.model import REDACTED, Diagnostic, Excerpt, Server, Severity, Span
from redislint.sources import kinds
from redislint.sources.conf_file import LoadedFile
from redislint.sources.discovery import NO_FILE_NAME

if TYPE_CHECKING:
    from redislint.conf.acl import AclFileProblem
    from redislint.conf.resolve import Configuration

FIRST_WITH_ACL = Server("redis", (6, 0))


class Verdict(NamedTuple):
    """What one server makes of one file; `texts`: each file that it read, by path.

    `conf`: the configuration that came of it; an ACL file is none.
    """

    accepted: bool
    diagnostics: Sequence[Diagnostic]
    texts: Mapping[str, Document]
    conf: Configuration | None = None


def verdicts(
    loaded: LoadedFile,
    servers: Iterable[Server],
    *,
    allow_outside: bool = False,
    max_bytes: int = MAX_BYTES,
    texts: Mapping[str, bytes] | None = None,
) -> Mapping[Server, Verdict]:
    """The verdict of each of `servers`; of those that read such files at all.

    `texts`: what counts in place of what included files hold, by resolved path.
    """
    if loaded.file.kind == kinds.ACL_FILE:
        return {s: _acl_file(loaded, s) for s in servers if has_acl_files(s)}
    reader = IncludeReader(
        None if loaded.file.path == NO_FILE_NAME else loaded.file.path,
        allow_outside=allow_outside,
        max_bytes=max_bytes,
        texts=texts,
    )
    return _configuration(loaded, tuple(servers), reader)


def has_acl_files(server: Server) -> bool:
    """ACL files exist since Redis 6.0."""
    return server.engine != FIRST_WITH_ACL.engine or server.version >= FIRST_WITH_ACL.version


def _configuration(
    loaded: LoadedFile, servers: Sequence[Server], reader: IncludeReader
) -> Mapping[Server, Verdict]:
    result: dict[Server, Verdict] = {}
    own = (loaded.document,) if loaded.deployment else ()
    for server in servers:
        conf = loaded.resolve(server, reader)
        parts = (part for document in conf.documents for part in document.sources)
        texts = {part.path: part for part in (*own, *parts) if part.path}
        result[server] = Verdict(conf.accepted, with_fixes(conf), texts, conf)
    return result


def _acl_file(loaded: LoadedFile, server: Server) -> Verdict:
    from redislint.conf.acl import check_file

    found = tuple(
        _acl_diagnostic(loaded.document, problem)
        for problem in check_file(loaded.file.data, server)
    )
    return Verdict(not found, found, {loaded.file.path: loaded.document})


def _acl_diagnostic(document: Document, problem: AclFileProblem) -> Diagnostic:
    """The problem at its word; the words of an ACL file stand between single spaces."""
    text = document.line_text(problem.line)
    body = text.strip(" \t\r\n")
    start = text.index(body)
    words = body.split(" ")
    end = start + len(body)
    if problem.index is not None and problem.index + 1 < len(words):
        start += sum(len(word) + 1 for word in words[: problem.index + 1])
        end = start + len(words[problem.index + 1])
    span = Span(document.path or NO_PATH, problem.line, start + 1, problem.line, end + 1)
    is_user = words[0] == "user" and len(words) > 1
    return Diagnostic(
        rule="RL106",
        severity=Severity.ERROR,
        message=problem.message,
        span=span,
        directive="user",
        instance=f"user {words[1]}" if is_user else "",
        fatal=True,
        stage="startup",
        excerpt=None if is_user else _first_word(words, problem.line),
    )


def _first_word(words: Sequence[str], line: int) -> Excerpt:
    """What is no `user` line may be one that was mistyped: its rest may be a password."""
    from redislint.conf.redact import redact_name

    shown = redact_name(words[0])
    text = f"{shown} {REDACTED}" if len(words) > 1 else shown
    return Excerpt(line, text, 1, len(shown) + 1)

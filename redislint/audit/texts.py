"""The texts that findings point into, as they may be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from redislint.conf.document import Document
from redislint.model import REDACTED


class Texts(Mapping[str, str]):
    """Texts by the path that reports give them, made when asked for.

    Missing is what cannot be shown line by line: a file with NUL bytes, where the server
    sees other lines than people do, and one whose first line continues another file.
    """

    def __init__(self, documents: Mapping[str, Document], acl_files: frozenset[str]) -> None:
        """`documents` by report path; `acl_files`: which of them hold `user` lines alone."""
        self._documents = {
            path: document
            for path, document in documents.items()
            if b"\0" not in document.data and not document.glued_head
        }
        self._acl_files = acl_files

    def __getitem__(self, path: str) -> str:
        document = self._documents[path]
        count = document.data.count(b"\n") + 1
        only_users = path in self._acl_files
        return "\n".join(
            _shown(document.line_text(number), only_users) for number in range(1, count + 1)
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)


def _shown(line: str, only_users: bool) -> str:
    from redislint.conf.redact import secret_ranges

    if only_users and line.strip() and not line.lstrip(" \t").startswith("user "):
        return REDACTED
    for start, end in reversed(secret_ranges(line)):
        line = line[:start] + REDACTED + line[end:]
    return line

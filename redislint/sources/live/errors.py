"""The one line that is said when a server cannot be read."""

from __future__ import annotations


class LiveError(Exception):
    """Why a server could not be read: one line without a secret.

    `stage` is what was being done: url, credentials, tls, connect, auth, read, discover.
    """

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.message = message

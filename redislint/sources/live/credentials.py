"""Who to be: user and password from the URL, a file, a question, or the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from redislint.sources.live.address import LiveUrl
from redislint.sources.live.errors import LiveError
from redislint.sources.live.options import LiveOptions

USERNAME = "REDISLINT_USERNAME"
PASSWORD = "REDISLINT_PASSWORD"
CLI_PASSWORD = "REDISCLI_AUTH"
"""What redis-cli reads."""
SENTINEL_USERNAME = "REDISLINT_SENTINEL_USERNAME"
SENTINEL_PASSWORD = "REDISLINT_SENTINEL_PASSWORD"

LONGEST = 1 << 16
"""Bytes that are looked at where a secret is to be had."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user ("" = the default user) and a password (None = do not authenticate)."""

    username: str = ""
    password: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.password,) if self.password else ()


def find(
    url: LiveUrl, options: LiveOptions, environment: Mapping[str, str] | None = None
) -> Credentials:
    """The credentials for the servers of `url`.

    A password in the URL counts first, then that of the options, the file, the prompt,
    REDISLINT_PASSWORD, REDISCLI_AUTH. Raises LiveError when the file cannot be read.
    """
    env = os.environ if environment is None else environment
    username = url.username or options.username or env.get(USERNAME, "")
    password = options.password if url.password is None else url.password
    if password is None and options.password_file:
        password = _from_file(options.password_file)
    if password is None and options.prompt is not None:
        password = options.prompt(url.uri)
    if password is None:
        password = env.get(PASSWORD) or env.get(CLI_PASSWORD) or None
    if username and password is None:
        raise LiveError(
            "credentials",
            f"a user is named without a password: give one with {PASSWORD} or a password file",
        )
    return Credentials(username, password)


def find_sentinel(
    data: Credentials, environment: Mapping[str, str] | None = None
) -> tuple[Credentials, ...]:
    """What to try with a Sentinel, in order: its own credentials from the environment; else
    none at all, then those of the servers that it watches."""
    env = os.environ if environment is None else environment
    password = env.get(SENTINEL_PASSWORD)
    if password:
        return (Credentials(env.get(SENTINEL_USERNAME, ""), password),)
    return (Credentials(),) if data.password is None else (Credentials(), data)


def _from_file(path: str) -> str:
    """The first line of a file. Messages name the file, never what it holds."""
    try:
        with open(path, "rb") as file:
            data = file.read(LONGEST)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise LiveError("credentials", f"password file {path}: {reason}") from None
    try:
        return first_line(data)
    except ValueError as error:
        raise LiveError("credentials", f"password file {path}: {error}") from None


def first_line(data: bytes) -> str:
    """The first line of a text that holds a secret. Raises ValueError, which says what is
    wrong with the line and never what stands there."""
    line = data.split(b"\n", 1)[0].rstrip(b"\r")
    if not line:
        raise ValueError("its first line is empty")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8 text") from None

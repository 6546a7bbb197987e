"""Fetching a password where an inventory says that it is to be had, just before it is used."""

from __future__ import annotations

import os
import subprocess

from redislint.fleet.model import Secret
from redislint.sources.live.credentials import LONGEST, first_line

PATIENCE = 15.0
"""Seconds that a command may take: password managers ask over the network."""


class SecretError(ValueError):
    """A secret that cannot be had: one line that names where it was looked for, never what
    was found."""


def fetch(secret: Secret) -> str:
    """The secret. Raises SecretError."""
    if secret.env:
        return _from_environment(secret.env)
    return _from_file(secret.file) if secret.file else _from_command(secret.command)


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SecretError(f"the environment variable {name} is not set")
    return value


def _from_file(path: str) -> str:
    try:
        with open(path, "rb") as file:
            data = file.read(LONGEST)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise SecretError(f"the file {path}: {reason}") from None
    return _first_line(data, f"the file {path}")


def _from_command(words: tuple[str, ...]) -> str:
    # The arguments may say where a secret lies, and so are not repeated.
    name = f"the command {os.path.basename(words[0])}"
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SecretError(f"{name} took longer than {PATIENCE:g}s") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "cannot be started"
        raise SecretError(f"{name}: {reason.lower()}") from None
    if done.returncode:
        raise SecretError(f"{name} ended with exit code {done.returncode}")
    return _first_line(done.stdout[:LONGEST], name)


def _first_line(data: bytes, where: str) -> str:
    try:
        return first_line(data)
    except ValueError as error:
        raise SecretError(f"{where}: {error}") from None

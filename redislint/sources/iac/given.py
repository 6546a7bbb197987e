"""What a host file gives for one attribute of a resource, and where."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, NamedTuple

from redislint.conf.document import Document
from redislint.model import Span


class Unresolved(Enum):
    """The value of what nobody can tell from the files."""

    UNKNOWN = "unknown"


UNKNOWN = Unresolved.UNKNOWN

SENSITIVE = "its value is sensitive"
"""Why a value that a plan holds is not taken over."""

_SECRET = re.compile(
    r"auth_token|AuthToken|passwords?|Passwords?|\w*(?:connection_string|access_key)\w*"
)


def is_secret(name: str) -> bool:
    """Whether an attribute of this name holds a credential."""
    return _SECRET.fullmatch(name) is not None


class Given(NamedTuple):
    """An attribute: `name` as the file spells it, `value` what it comes to.

    `value` is a text, a boolean, a number, None (null: as if it were absent), a list of
    these, or UNKNOWN; `why` says then what is missing. `reference` names what an unresolved
    value is taken from (`aws_kms_key.main.arn`), where it is certain that there is one.
    `basis` says how a value was resolved that does not stand there itself. `start` and
    `end` are bytes of `host`, without the host language's quotes. `directive`: the name in
    redis.conf of a parameter that the service calls otherwise (`maxmemory_policy`).
    `effective`: false for a branch of a condition that another one follows. `branches`: what
    the branches of a condition give, None among them for one that gives nothing; the value
    is known then where they agree or the condition is known.
    """

    name: str
    value: Any
    host: Document
    start: int
    end: int
    why: str = ""
    reference: str = ""
    basis: str = ""
    directive: str = ""
    effective: bool = True
    branches: tuple[Given, ...] = ()

    @property
    def known(self) -> bool:
        """Whether all of the value is known."""
        if isinstance(self.value, (list, tuple)):
            return UNKNOWN not in self.value
        return self.value is not UNKNOWN

    @property
    def span(self) -> Span:
        return self.host.span(self.start, self.end)

    @property
    def text(self) -> str:
        """The value as reports show it; of what is not known, the text of the file."""
        if not self.known:
            data = self.host.data[self.start : self.end]
            return data.decode("utf-8", "replace")
        return shown(self.value)


def shown(value: Any) -> str:
    """A value as both Terraform and CloudFormation would turn it into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return " ".join(map(shown, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

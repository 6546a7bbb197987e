"""What reading servers comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from redislint.model import AuditError, Target
from redislint.sources.live.acl import AclUser
from redislint.sources.live.address import Address
from redislint.sources.live.identity import Identity
from redislint.sources.live.info import Info
from redislint.sources.live.running import RunningConfiguration


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that the server answered with an error. `code` is NOPERM, ERR, ..."""

    command: str
    code: str
    text: str

    @property
    def hidden(self) -> bool:
        """Whether the server does not know the command: renamed, disabled, or too old."""
        return "unknown command" in self.text.lower() or "unknown subcommand" in self.text.lower()


@dataclass(frozen=True, slots=True)
class LiveTarget:
    """One running server.

    `target` carries every fact that the server told, by path, and why others are unknown.
    `configuration` has what rules and drift need of it. `default_user` is what ACL rules
    make of the default user: nopass, password, off, "" (the version has no ACL: requirepass
    decides), None (not told). `second` is INFO again, `seconds` later, after `own_errors` error
    replies to the audit itself. `local`: the connection leads to this
    machine. `notices` are lines for people.
    """

    target: Target
    address: Address
    identity: Identity
    info: Info
    configuration: RunningConfiguration
    default_user: str | None = None
    users: tuple[AclUser, ...] | None = None
    second: Info | None = None
    seconds: float = 0.0
    own_errors: int = 0
    local: bool = False
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def known(self) -> dict[str, Any]:
        """The facts as values by path, as `derive` and `with_facts` take them."""
        return {path: fact.value for path, fact in self.target.facts.items()}


@dataclass(frozen=True, slots=True)
class Reading:
    """The servers behind one URL, in a lasting order, and what could not be read."""

    targets: tuple[LiveTarget, ...] = ()
    errors: tuple[AuditError, ...] = field(default=())

"""Fixes as they are offered: for what a server says, and for what several servers say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from redislint.model import Diagnostic, Fix, FixSafety, Server

if TYPE_CHECKING:
    from redislint.conf.resolve import Configuration

OLD_NAME = "RL114"
"""The rule about old names of directives."""


def with_fixes(conf: Configuration) -> tuple[Diagnostic, ...]:
    """The diagnostics of a configuration, each with its fix where there is one."""
    found = conf.diagnostics
    if not found:
        return ()
    from redislint.conf.fixes import fix_for

    return tuple(
        diagnostic._replace(fix=fix) if (fix := fix_for(conf, diagnostic)) else diagnostic
        for diagnostic in found
    )


def common_fix(said: Mapping[Server, Diagnostic], held: Sequence[Server]) -> Fix | None:
    """The one fix for a finding that the servers in `said` agree on.

    None where their fixes differ. It is as unsafe as the least safe of them, and unsafe
    where servers of `held` have nothing against the line: for those it may change what is
    in effect. A new name is another matter: every server must know it, and then it means
    the same to all.
    """
    fixes = [diagnostic.fix for diagnostic in said.values()]
    first = fixes[-1]
    if first is None or any(fix is None or fix.edits != first.edits for fix in fixes):
        return None
    rule = next(iter(said.values())).rule
    if rule == OLD_NAME:
        return first if all(_knows(server, first) for server in held) else None
    agreed = len(said) == len(held)
    safe = agreed and all(fix and fix.safety is FixSafety.SAFE for fix in fixes)
    return first._replace(safety=FixSafety.SAFE if safe else FixSafety.UNSAFE)


def _knows(server: Server, fix: Fix) -> bool:
    from redislint import catalog

    names = (edit.replacement.decode("utf-8", "replace").strip("\"'") for edit in fix.edits)
    return all(catalog.lookup(name, server) is not None for name in names)

"""What to say of a name that is no directive of a server."""

from __future__ import annotations

from redislint import catalog
from redislint.model import Server

_LONGEST = 60


def unknown_name(name: str, server: Server) -> tuple[str, str]:
    """Rule and message for a name that `server` does not know."""
    shown = name if len(name) <= _LONGEST else name[:_LONGEST] + "…"
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
        for c in shown
    )
    directive = catalog.directive(name)
    if directive is not None and directive.context == "server":
        return "RL113", f"'{shown}' is no directive of {server}{_elsewhere(directive, server)}"
    old = catalog.historic(name)
    if old is not None:
        return "RL113", f"'{shown}' was removed long ago: no server since 2.8 knows it"
    module = catalog.module_directive(name)
    if module is not None:
        return "RL113", f"'{shown}' belongs to the module {module.module}, which is not loaded"
    near = catalog.nearest(name, server)
    hint = f"; did you mean '{near}'?" if near else ""
    return "RL101", f"'{shown}' is not a directive of {server}{hint}"


def _elsewhere(directive: catalog.Directive, server: Server) -> str:
    """Where the directive does exist: since or until when, or on which engine."""
    if server.engine in directive.engines:
        removed = directive.removed_in(server.engine)
        if removed is not None and server.version >= removed.version:
            later = f"; use '{directive.replaced_by}'" if directive.replaced_by else ""
            return f": {removed} removed it{later}"
        since = directive.since_patch(server.engine)
        if since is not None and server.version < since.version:
            return f": it came with {since}"
    for engine in directive.engines:
        if engine != server.engine:
            return f": only {engine} has it, since {directive.since(engine)}"
    return ""

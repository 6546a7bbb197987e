"""What to say of a name that is no directive, and what may have gone wrong with a word."""

from __future__ import annotations

import re
from functools import lru_cache

from redislint import catalog
from redislint.model import Server

_LONGEST = 60


@lru_cache(maxsize=1024)
def unknown_name(name: str, server: Server) -> tuple[str, str]:
    """Rule and message for a name that `server` does not know."""
    directive = catalog.directive(name)
    if directive is not None and directive.context == "server":
        where = _elsewhere(directive, name, server)
        return "RL113", f"'{name}' is no directive of {server}{where}"
    old = catalog.historic(name)
    if old is not None:
        later = f"; use '{old.replaced_by}'" if old.replaced_by else ""
        message = f"'{name}' was last known to redis {old.last_seen}: no server since has it"
        return "RL113", message + later
    module = catalog.module_directive(name)
    if module is not None:
        return "RL113", f"'{name}' belongs to the module {module.module}, which is not loaded"
    from redislint.conf.redact import redact_name

    shown = _printable(redact_name(name))
    hint = _written_otherwise(name, server)
    if not hint:
        near = catalog.nearest(name, server)
        hint = f"did you mean '{near}'?" if near else ""
    return "RL101", f"'{shown}' is not a directive of {server}{hint and '; ' + hint}"


def _printable(text: str) -> str:
    shown = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
        for c in shown
    )


def _elsewhere(directive: catalog.Directive, name: str, server: Server) -> str:
    """Where the directive does exist: since or until when, on which engine, or under
    which other name here."""
    own = directive.spec(server)
    if own is not None:
        first = next(s for s in catalog.SERVERS if _takes(directive.spec(s), name))
        return f": it has that name since {first}; here it is '{own.name}'"
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


def _takes(spec: catalog.Spec | None, name: str) -> bool:
    return spec is not None and name in spec.names


# -- names written in the manner of another language -----------------------------------

_TEMPLATE = r"\{\{|\{%|<%|\$\{|\$[A-Za-z_(]|@[A-Z_]+@"
_ASSIGNED = r"([^=:]+)[=:]+.*"
_COMMENTS = ("//", ";", "/*", "--", "<!--")


def _written_otherwise(name: str, server: Server) -> str:
    """What makes a name wrong beyond its spelling, and how it is written right; or ""."""
    from redislint.conf import lookalikes

    strange = lookalikes.explain(name)
    if strange:
        word = lookalikes.meant(name).split()
        known = _known(word[0], server) if word else None
        return f"{strange}; did you mean '{known}'?" if known else strange
    if re.match(_TEMPLATE, name):
        return "it is template text that no tool has filled in"
    bare = name.lstrip("-")
    if bare != name and (known := _known(bare, server)):
        return f"in a file a directive has no dashes before it: write '{known}'"
    assigned = re.fullmatch(_ASSIGNED, name, re.DOTALL)
    if assigned and (known := _known(assigned.group(1), server)):
        return f"between a directive and its value stands a blank, no '=' or ':': write '{known} …'"
    if name.startswith(_COMMENTS):
        return "a comment begins with #"
    if name.startswith("["):
        return "there are no sections in this language"
    if name in ("config", "set"):
        return "a file holds directives alone, without CONFIG SET before them"
    if (known := name.rstrip(",;")) != name and _known(known, server):
        return f"nothing follows a name but its values: write '{known}'"
    if catalog.directive(f"sentinel {name}"):
        return f"in a sentinel's file it is written 'sentinel {name} …'"
    return ""


def _known(word: str, server: Server) -> str | None:
    word = word.strip("\"'")
    return word if catalog.lookup(word, server) else None


# -- values ----------------------------------------------------------------------------

_NUMBER_AND_UNIT = r"(-?\d+)\s*[A-Za-z]+"
_GROUPED = r"\d{1,3}(?:[_,.']\d{3})+"


def value_hint(name: str, value: bytes, *, number: bool = False) -> str:
    """What may be wrong with a refused value, to be put after a message; or "".

    `number`: the directive takes a plain number.
    """
    from redislint.conf import lookalikes, placeholders

    text = value.decode("utf-8", "replace")
    strange = lookalikes.explain(text)
    if strange:
        return f"; {strange}"
    if placeholders.find(name, value):
        return "; a server fills in no placeholders"
    if text[:1] in ("=", ":"):
        return "; between a directive and its value stands a blank alone"
    if len(text) > 1 and text[-1] in ",;":
        return f"; leave out the '{text[-1]}' at its end"
    if number:
        unit = re.fullmatch(_NUMBER_AND_UNIT, text)
        if unit:
            return f"; write the number alone: {unit.group(1)}"
        if re.fullmatch(_GROUPED, text):
            return f"; write {re.sub('[^0-9]', '', text)}"
    return ""


# -- quotes ----------------------------------------------------------------------------

_BLANKS = b" \t\n\v\f\r"


def unbalanced(raw: bytes) -> tuple[int, str]:
    """Where the strict rules fail on the quotes of a line, and what is wrong there.

    `raw` is a line of which `Line.words` is None. The index is that of the quote which
    is never closed, or of the text that follows a closing one.
    """
    index = 0
    while index < len(raw):
        if raw[index] in _BLANKS:
            index += 1
            continue
        start = index
        while index < len(raw) and raw[index] not in b" \t\n\r":
            quote = raw[index]
            if quote not in b"\"'":
                index += 1
                continue
            end = _closing(raw, index)
            mark = chr(quote)
            if end is None:
                within = "; within a word it opens a quote as well" if index > start else ""
                return index, f"quotes are not balanced: this {mark} is never closed{within}"
            index = end + 1
            if index < len(raw) and raw[index] not in _BLANKS:
                return index, f"quotes are not balanced: a blank must follow the closing {mark}"
            break
    return 0, "quotes are not balanced"


def _closing(raw: bytes, opening: int) -> int | None:
    quote = raw[opening]
    index = opening + 1
    while index < len(raw):
        if raw[index] == quote:
            return index
        escaped = raw[index] == ord("\\") and (quote == ord('"') or raw[index + 1 :][:1] == b"'")
        index += 2 if escaped else 1
    return None

"""Small phrases that several formats share: counts and ranges of versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from redislint.model import Server

FORMS = (("cli", "AWS CLI"), ("terraform", "Terraform"), ("cloudformation", "CloudFormation"))
"""The forms of a remediation by field, and what people call them."""


def count(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def servers(held: Sequence[Server], chosen: Iterable[str] | None = None) -> str:
    """`chosen` (all of `held` when None) in few words: `redis 7.0 to 7.4, valkey 8.0 on`.

    `held` is the ordered sequence that runs are recognised in; `on` says that the run
    reaches the newest of them.
    """
    names = {str(server) for server in held} if chosen is None else set(chosen)
    engines = dict.fromkeys(server.engine for server in held)
    parts: list[str] = []
    for engine in engines:
        own = [server for server in held if server.engine == engine]
        parts.extend(_runs(engine, own, names, whole=chosen is None))
    known = {str(server) for server in held}
    parts.extend(name.replace("-", " ", 1) for name in sorted(names - known))
    return ", ".join(parts)


def _runs(engine: str, own: Sequence[Server], names: set[str], whole: bool) -> list[str]:
    runs: list[list[int]] = []
    for index, server in enumerate(own):
        if str(server) not in names:
            continue
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    texts = []
    for run in runs:
        first, last = _version(own[run[0]]), _version(own[run[-1]])
        if len(run) == 1:
            texts.append(first)
        elif run[-1] == len(own) - 1 and not whole:
            texts.append(f"{first} on")
        else:
            texts.append(f"{first} to {last}")
    if not texts:
        return []
    *before, last = texts
    return [f"{engine} {', '.join(before)} and {last}" if before else f"{engine} {last}"]


def _version(server: Server) -> str:
    return ".".join(map(str, server.version))

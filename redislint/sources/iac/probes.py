"""Liveness probes: whether they end a server that is alive but answers PING with an error."""

from __future__ import annotations

import re

from redislint.model import Fact
from redislint.sources.iac.deployment import fact
from redislint.sources.iac.nodes import SCALAR, Node

_ASKS = re.compile(r"\b(?:redis|valkey)-cli\b.*\bping\b", re.IGNORECASE | re.DOTALL)
_WANTS_PONG = re.compile(r"PONG|\s-e\s")
"""What makes an error reply a failure: redis-cli itself ends with 0 for one, unless -e is there
(Redis 7.0 and later)."""

_ALIVE = re.compile(r"MISCONF|LOADING|MASTERDOWN")
"""Errors that a probe which names them takes for a sign of life."""


def liveness(container: Node) -> dict[str, Fact]:
    """The fact `container.strict_liveness` of a container of a pod; nothing where the probe is a
    script that stands elsewhere."""
    probe = container.get("livenessProbe")
    if probe is None:
        return {"container.strict_liveness": fact(False, "", "no liveness probe")}
    if probe.get("exec") is None:
        kind = next((key for key in ("tcpSocket", "httpGet", "grpc") if probe.get(key)), "")
        return {"container.strict_liveness": fact(False, "", kind)} if kind else {}
    words = [item.text for item in probe.list("exec", "command") if item.kind == SCALAR]
    text = " ".join(words)
    if not _ASKS.search(text):
        return {}
    strict = _WANTS_PONG.search(text) is not None and _ALIVE.search(text) is None
    return {"container.strict_liveness": fact(strict, "", "livenessProbe")}

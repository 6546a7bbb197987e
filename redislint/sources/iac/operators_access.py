"""Who may log in to the servers of an operator, as far as its resource tells.

What the operators write themselves is assumed as their current versions have it: without a
password OT-CONTAINER-KIT's switch protected mode off and listen everywhere; spotahome's
have no password either; hyperspike's make one up unless `anonymousAuth` is set.
"""

from __future__ import annotations

from typing import NamedTuple

from redislint.facts.exposure import OPEN
from redislint.model import Fact, Span
from redislint.sources.iac.deployment import fact
from redislint.sources.iac.helm_facts import switch
from redislint.sources.iac.nodes import Node
from redislint.sources.iac.values import span_of

_ASSUMED = "assumed of the operator"
_OWN = (b"requirepass", b"bind", b"protected-mode", b"aclfile", b"user ", b"port ")


class Access(NamedTuple):
    """Facts by path, and where they stand."""

    facts: dict[str, Fact]
    places: dict[str, Span]


NOTHING = Access({}, {})


def opstree(spec: Node, texts: bytes) -> Access:
    """OT-CONTAINER-KIT's; `texts`: the configuration that the resource adds, which may say
    otherwise."""
    if any(word in texts for word in _OWN) or spec.get("acl") is not None:
        return NOTHING
    secret = spec.get("kubernetesConfig", "redisSecret")
    if secret is not None:
        return _password(secret, "kubernetesConfig.redisSecret")
    config = spec.get("kubernetesConfig")
    found = _none(config, "no kubernetesConfig.redisSecret")
    return found if spec.get("TLS") is not None else _open(found)


def failover(spec: Node, texts: bytes, *, official: bool) -> Access:
    """spotahome's; the `official` image is built with protected mode off."""
    if any(word in texts for word in _OWN):
        return NOTHING
    secret = spec.get("auth", "secretPath")
    if secret is not None and secret.text:
        return _password(secret, "auth.secretPath")
    found = _none(spec.get("redis"), "no auth.secretPath")
    return _open(found) if official else found


def hyperspike(spec: Node) -> Access:
    """hyperspike's."""
    given = spec.get("anonymousAuth")
    anonymous = switch(given)
    if given is None:
        return Access({"exposure.no_password": fact(False, "", _ASSUMED)}, {})
    if anonymous is None:
        return NOTHING
    place = {"exposure.no_password": span_of(given), "exposure.level": span_of(given)}
    found = Access({"exposure.no_password": fact(anonymous, "", "anonymousAuth")}, place)
    if not anonymous or switch(spec.get("tls")) is not None:
        return found
    found.facts["exposure.protected_mode"] = fact(False, "", _ASSUMED)
    return _open(found)


def _open(found: Access) -> Access:
    """Without a password, and listening everywhere."""
    found.facts["exposure.level"] = fact(OPEN, "", _ASSUMED)
    found.facts["exposure.beyond_loopback"] = fact(True, "", _ASSUMED)
    found.facts["exposure.addresses"] = fact(["0.0.0.0", "::"], "", _ASSUMED)
    return found


def _password(node: Node, basis: str) -> Access:
    place = {"exposure.no_password": span_of(node)}
    return Access({"exposure.no_password": fact(False, "", basis)}, place)


def _none(node: Node | None, basis: str) -> Access:
    basis = f"{basis}; {_ASSUMED}"
    found = {
        "exposure.no_password": fact(True, "", basis),
        "exposure.protected_mode": fact(False, "", _ASSUMED),
    }
    if node is None:
        return Access(found, {})
    return Access(found, dict.fromkeys(("exposure.no_password", "exposure.level"), span_of(node)))

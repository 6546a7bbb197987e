"""Who can reach the server, as far as its configuration decides.

From the servers' source and experiments: protected mode (3.2 and later) refuses
clients from other hosts while the default user needs no password; up to 6.2 an
explicit `bind` line switches that off, from 7.0 and on every Valkey it does not.
"""

from __future__ import annotations

from collections.abc import Sequence

UNIX_ONLY = "unix-only"
LOOPBACK = "loopback"
GUARDED = "guarded"
AUTH_PLAIN = "auth-plain"
AUTH_TLS = "auth-tls"
OPEN = "open"

LEVELS = (UNIX_ONLY, LOOPBACK, GUARDED, AUTH_TLS, AUTH_PLAIN, OPEN)
"""From what nobody reaches over the network to what everybody may use."""


def addresses(bind: Sequence[str] | None, explicit: bool, compat: int) -> list[str]:
    """The addresses listened on: the `bind` list without the optional mark `-`.

    No bind line means every interface, written `*`. An `explicit` empty one (`bind ""`)
    means none from 7.0 on and every interface before (`compat` as in `protected`).
    """
    words = [word.removeprefix("-") for word in bind or ()]
    bound = [word for word in words if word]
    return bound if bound or (explicit and compat >= 700) else ["*"]


def is_loopback(address: str) -> bool:
    """Whether only this host reaches the address (127.0.0.0/8, ::1, localhost)."""
    word = address.lower()
    return word.startswith("127.") or word in ("::1", "localhost")


def listens_beyond_loopback(bound: Sequence[str]) -> bool:
    """Whether any address is reachable from another host."""
    return any(not is_loopback(address) for address in bound)


def default_user_open(requirepass: str | None, acl_default: str | None) -> bool | None:
    """Whether anyone may use the default user without a password.

    `acl_default`: what ACL rules make of that user (`nopass`, `password`, `off`), ""
    when no rule speaks of it, None when rules exist that were not read. requirepass is
    text, "" when unset.
    """
    if acl_default:
        return acl_default == "nopass"
    if requirepass:
        return False
    if acl_default is None or requirepass is None:
        return None
    return True


def protected(protected_mode: bool, no_password: bool, explicit_bind: bool, compat: int) -> bool:
    """Whether protected mode refuses clients of other hosts.

    `compat` as the fact `server.compat`: 302 is Redis 3.2, which brought it.
    """
    if compat < 302 or not (protected_mode and no_password):
        return False
    return compat >= 700 or not explicit_bind


def level(
    plain: bool,
    tls: bool,
    beyond_loopback: bool,
    no_password: bool | None,
    blocked: bool,
    client_certificates: bool,
) -> str | None:
    """One word for the exposure; None when it hangs on a password nobody told of.

    `plain` and `tls`: whether that port listens. `client_certificates`: whether TLS
    clients must show one, which counts as authentication when TLS is the only way in.
    """
    if not plain and not tls:
        return UNIX_ONLY
    if not beyond_loopback:
        return LOOPBACK
    if no_password is None:
        return None
    if no_password and blocked:
        return GUARDED
    if no_password and not (tls and not plain and client_certificates):
        return OPEN
    return AUTH_PLAIN if plain else AUTH_TLS

"""Who can reach the server, as far as its configuration decides.

From the servers' source and experiments: protected mode (3.2 and later) refuses
clients from other hosts while the default user needs no password; up to 6.2 an
explicit `bind` line switches that off, from 7.0 and on every Valkey it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from redislint.model import Fact

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
    when no rule speaks of it, None when rules exist that were not read: those of an ACL
    file make requirepass count for nothing. requirepass is text, "" when unset.
    """
    if acl_default:
        return acl_default == "nopass"
    if acl_default is None or requirepass is None:
        return None
    return not requirepass


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


EVERYWHERE = ("*", "0.0.0.0", "::", "::*", "0::0")
"""Addresses that stand for every interface."""

WEAK_PROTOCOLS = ("tlsv1", "tlsv1.1", "sslv3", "sslv2")
"""Names in tls-protocols (their case does not matter) of versions that RFC 8996 and older
standards forbid."""

WEAK_CIPHERS = ("RC4", "DES", "3DES", "NULL", "ANULL", "ENULL", "EXPORT", "EXP", "LOW", "MD5",
                "ADH", "AECDH", "ALL", "COMPLEMENTOFALL")  # fmt: skip
"""Words of OpenSSL cipher lists that let in ciphers without encryption, without a proof of
who the server is, or with broken algorithms."""


def weak_protocols(text: str) -> list[str]:
    """The broken versions that tls-protocols names; "" is the default, which has none."""
    return [word for word in text.split() if word.lower() in WEAK_PROTOCOLS]


def weak_ciphers(text: str) -> list[str]:
    """The words of an OpenSSL cipher list that add weak ciphers; those after `!` or `-`
    take away, and are taken away whatever stands before (`ALL:!aNULL:!eNULL:!RC4`)."""
    words = [word for word in text.replace(",", ":").replace(" ", ":").split(":") if word]
    gone = {word[1:].upper() for word in words if word[0] in "!-"}
    added = [word for word in words if word[0] not in "!-+@"]
    return [word for word in added if _weak_parts(word) - gone]


def _weak_parts(word: str) -> set[str]:
    parts = set(word.upper().replace("+", "-").split("-"))
    if "CBC3" in parts:  # OpenSSL's names of triple DES, DES-CBC3-SHA
        parts |= {"3DES"}
    if word.upper() in ("ALL", "COMPLEMENTOFALL"):
        return {"ANULL", "RC4"}
    return parts.intersection(WEAK_CIPHERS)


def open_socket(path: str, permissions: int) -> bool:
    """Whether every local user may connect to the Unix socket: connecting needs the right
    to write. Permissions 0 leave the mode to the umask, which by custom (022) denies it."""
    return bool(path) and bool(permissions & 0o002)


def facts(
    config: Mapping[str, Any],
    is_set: Callable[[str], bool],
    compat: int,
    default_user: str | None,
    known: Mapping[str, Any],
) -> dict[str, Fact]:
    """The facts `exposure.*`; what hangs on a value that is not known is absent.

    `config`, `is_set`, `default_user` as `derive` takes them. `known`: facts by path, of
    which two count. `image.unprotected`: the official images are built with protected mode
    off, and only a line in the file switches it on. `container.published`: who is in no
    network of the container gets in by a published port alone; without one that leads
    beyond this host, other hosts are kept out as by protected mode.
    """
    found: dict[str, Fact] = {}

    def put(path: str, value: Any, basis: str) -> None:
        if value is not None:
            found[f"exposure.{path}"] = Fact(value, "", "derived", basis)

    acl = None if default_user == "" and _acl_elsewhere(config, is_set) else default_user
    no_password = default_user_open(config.get("requirepass"), acl)
    put("no_password", no_password, "requirepass, user default")
    if config.get("unixsocket") is not None and config.get("unixsocketperm") is not None:
        socket = open_socket(config["unixsocket"], config["unixsocketperm"])
        put("open_socket", socket, "unixsocket, unixsocketperm")
    for name, weak in (("tls-protocols", weak_protocols), ("tls-ciphers", weak_ciphers)):
        if isinstance(config.get(name), str):
            put(weak.__name__, weak(config[name]), name)
    bind, port = config.get("bind"), config.get("port")
    tls_port, guard = config.get("tls-port", 0), config.get("protected-mode", False)
    if known.get("image.unprotected") and not is_set("protected-mode"):
        guard = False
    if port is None or (bind is None and is_set("bind")) or tls_port is None or guard is None:
        return found
    bound = addresses(bind, is_set("bind"), compat)
    beyond = listens_beyond_loopback(bound)
    blocked = bool(no_password) and protected(guard, True, is_set("bind"), compat)
    plain, tls = bool(bound) and port > 0, bool(bound) and tls_port > 0
    networked = beyond and (plain or tls)
    certificates = config.get("tls-auth-clients") == "yes"
    shut = "container.published" in known and not listens_beyond_loopback(
        [address.rpartition(":")[0].strip("[]") for address in known["container.published"]]
    )
    grade = level(plain, tls, beyond, no_password, blocked or shut, certificates)
    put("addresses", bound, "bind")
    put("beyond_loopback", networked, "bind, port")
    put("every_interface", networked and any(map(_everywhere, bound)), "bind, port")
    put("protected_mode", bool(guard) and compat >= 302, "protected-mode")
    bypassed = bool(guard) and 302 <= compat < 700 and is_set("bind") and networked
    put("bypassed", bypassed, "protected-mode, bind")
    put("level", grade, "bind, port, tls-port, protected-mode, requirepass")
    if grade is not None:
        put("reachable", grade not in (UNIX_ONLY, LOOPBACK, GUARDED), "exposure.level")
    return found


def _everywhere(address: str) -> bool:
    return address in EVERYWHERE


def _acl_elsewhere(config: Mapping[str, Any], is_set: Callable[[str], bool]) -> bool:
    """Whether ACL rules exist that could say more about the default user."""
    return bool(config.get("aclfile")) or is_set("user")

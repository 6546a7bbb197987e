"""What is said of each way in which a server cannot be read. One line each, no secret."""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterable

from redislint.model import REDACTED
from redislint.sources.live.address import Address

CERTIFICATE = "; it may want a client certificate"

_SHOWN = 160

_PASSING = (
    "(connection refused)",
    "(MASTERDOWN)",
    "(maxclients)",
    "broke before the reply",
    "did not end within",
    "is loading its data",
    "no connection to",
    "no reply within",
    "no route to",
    "reset the connection",
    "in the middle of its reply",
)
"""Parts of the texts below that may be untrue a moment later."""


def may_pass(message: str) -> bool:
    """Whether what a message of this module says may be over soon, so that it is worth
    another attempt: a restart, a full backlog, a lost packet; never a refused password."""
    return any(part in message for part in _PASSING)


def one_line(text: str, secrets: Iterable[str] = ()) -> str:
    """A server's text as it may be shown: short, printable, without the given secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    text = "".join(c if c.isprintable() else " " for c in text).strip()
    return f"{text[: _SHOWN - 1]}…" if len(text) > _SHOWN else text


def seconds(number: float) -> str:
    """`5s`, `0.5s`."""
    return f"{number:g}s"


def slow_connect(address: Address, limit: float) -> str:
    """The time for connecting ran out."""
    if address.tls:
        return (
            f"no TLS connection to {address.place} within {seconds(limit)}: the host is out of"
            " reach, or the port speaks no TLS (redis://)"
        )
    return f"no connection to {address.place} within {seconds(limit)}"


def slow_target(address: Address, limit: float) -> str:
    """The time for a whole server ran out."""
    return f"{address.place} was not read within {seconds(limit)}, the limit for one server"


def is_tls(error: BaseException) -> bool:
    """Whether TLS, not the network, is why there is no connection."""
    return isinstance(_root(error), ssl.SSLError)


def no_connection(address: Address, error: BaseException) -> str:
    """Why connecting failed."""
    root = _root(error)
    if isinstance(root, ssl.SSLCertVerificationError):
        return f"the certificate of {address.place} is not accepted: {one_line(_verify(root))}"
    if isinstance(root, ssl.SSLError):
        return _tls_failure(address, root)
    if isinstance(root, TimeoutError):
        return f"no connection to {address.place}: timed out"
    number = root.errno if isinstance(root, OSError) else None
    if address.path:
        return _socket_failure(address, number)
    if number == errno.ECONNREFUSED:
        return f"nothing listens at {address.place} (connection refused)"
    if number in (errno.ECONNRESET, errno.EPIPE):
        hint = "; does the port speak TLS?" if address.tls else ""
        return f"{address.place} reset the connection{hint}"
    if number in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN):
        return f"no route to {address.place}"
    if address.tls and isinstance(root, OSError | EOFError):
        return f"{address.place} ended the connection during the TLS handshake (redis://?)"
    return f"no connection to {address.place}: {_reason(root)}"


def _socket_failure(address: Address, number: int | None) -> str:
    if number == errno.ENOENT:
        return f"there is no socket at {address.path}"
    if number in (errno.EACCES, errno.EPERM):
        return f"no permission to use the socket {address.path}"
    if number in (errno.ECONNREFUSED, errno.ENOTSOCK, errno.EPROTOTYPE):
        return f"nothing listens at {address.path}: no server, or no socket"
    if number is None:
        return f"{address.path} is too long or not usable as the path of a socket"
    return f"no connection to {address.path}: {errno.errorcode.get(number, 'failed')}"


def _tls_failure(address: Address, error: ssl.SSLError) -> str:
    reason = (error.reason or "").upper()
    if reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL"):
        return f"{address.place} does not speak TLS (redis:// for a port without it)"
    if "CERTIFICATE_REQUIRED" in reason or reason == "SSLV3_ALERT_HANDSHAKE_FAILURE":
        return f"{address.place} wants a client certificate"
    if ("ALERT" in reason and "CERTIFICATE" in reason) or reason == "TLSV1_ALERT_UNKNOWN_CA":
        return f"{address.place} does not accept the client certificate"
    words = reason.replace("_", " ").lower() or "the handshake failed"
    return f"no TLS with {address.place}: {words}"


def _verify(error: ssl.SSLCertVerificationError) -> str:
    return getattr(error, "verify_message", "") or "it cannot be verified"


def closed(
    address: Address, command: str, begun: bool, first: bool, wants_certificate: bool = False
) -> str:
    """The peer ended the connection. `first`: with the first command."""
    if begun:
        return f"{address.place} ended the connection in the middle of its reply to {command}"
    hint = ""
    if wants_certificate:
        hint = CERTIFICATE
    elif first and not address.path and not address.tls:
        hint = "; a port with TLS? then rediss://"
    return f"{address.place} ended the connection instead of replying to {command}{hint}"


def is_refusal_of_client(code: str, text: str) -> bool:
    """Whether an error speaks of the connection, not of the command."""
    return code in ("DENIED", "LOADING") or "max number of clients" in text.lower()


def interrupted(
    address: Address,
    command: str,
    error: BaseException,
    begun: bool,
    limit: float,
    wants_certificate: bool = False,
) -> str:
    """The network failed, or time ran out, between command and reply."""
    if "imeout" in type(error).__name__ or isinstance(_root(error), TimeoutError):
        said = "its reply did not end" if begun else "no reply"
        return f"{address.place}: {said} within {seconds(limit)} ({command})"
    root = _root(error)
    if isinstance(root, ssl.SSLError):
        return _tls_failure(address, root)
    if isinstance(root, OSError) and root.errno in (errno.ECONNRESET, errno.EPIPE):
        hint = CERTIFICATE if wants_certificate else ""
        said = f"{address.place} reset the connection before or within its reply to {command}"
        return said + hint
    return f"{address.place}: the connection broke before the reply to {command} was read"


def too_large(address: Address, command: str, what: str) -> str:
    """A reply beyond the limits."""
    return f"{address.place}: the reply to {command} holds {what}, which is the limit"


def odd_reply(address: Address, command: str) -> str:
    """A reply of another form than the command has."""
    return f"{address.place}: the reply to {command} has not the form that Redis gives it"


_OTHERS = (
    (b"HTTP/", "an HTTP server"),
    (b"<", "an HTTP server"),
    (b"SSH-", "an SSH server"),
    (b"220", "a mail or FTP server"),
    (b"\x15\x03", "a port with TLS (use rediss://)"),
    (b"\x16\x03", "a port with TLS (use rediss://)"),
    (b"ERROR", "memcached, perhaps"),
)


def not_redis(address: Address, first: bytes, why: str) -> str:
    """The peer speaks another protocol. What it sent is not quoted."""
    for start, what in _OTHERS:
        if first.startswith(start):
            return f"{address.place} is not Redis: {what} answers there"
    return f"{address.place} does not speak the Redis protocol: {why}"


def wants_no_password(text: str) -> bool:
    """Whether the error reply to AUTH, in lower case, says that none is configured."""
    return "no password is set" in text or "without any password configured" in text


def refused_password(address: Address, code: str) -> str:
    """AUTH was refused."""
    known = code if code in ("WRONGPASS", "NOPERM", "NOAUTH", "LOADING", "DENIED") else ""
    return f"{address.place} refused user or password{f' ({known})' if known else ''}"


def refused(address: Address, command: str, code: str, text: str) -> str:
    """The command without which nothing can be said was answered with an error."""
    place = address.place
    if code == "NOAUTH":
        return (
            f"{place} wants a password and none was given: set REDISLINT_PASSWORD, or name a"
            " password file"
        )
    if code == "DENIED":
        return f"{place} refuses clients of other hosts: it is in protected mode"
    if code == "NOPERM":
        return f"{place}: the user may not run {command} (NOPERM); an audit needs it"
    if code == "LOADING":
        return f"{place} is loading its data and answers nothing yet"
    if code == "NOPROTO":
        return f"{place} insists on another version of the protocol (NOPROTO)"
    if code == "MOVED":
        return f"{place} sends clients elsewhere (MOVED) even for {command}: a proxy of a cluster?"
    if code == "MISCONF":
        return f"{place} refuses {command} since it cannot save to disk (MISCONF)"
    if code == "MASTERDOWN":
        return f"{place} refuses {command} since its link to the primary is down (MASTERDOWN)"
    if "max number of clients" in text.lower():
        return f"{place} has no room for another client (maxclients)"
    if "unknown command" in text.lower():
        return f"{place} does not know {command}: renamed, or not Redis"
    return f"{place} refused {command}: {text}"


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror.lower())
    return one_line(str(error)) or type(error).__name__


def _root(error: BaseException) -> BaseException:
    """The operating system's or TLS's error behind one of redis-py's."""
    seen = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        if isinstance(at, OSError | EOFError):
            return at
        seen.add(id(at))
        at = at.__cause__ or at.__context__
    return error

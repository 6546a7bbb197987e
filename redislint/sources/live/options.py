"""How servers are reached: credentials, TLS, patience, limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """TLS of `rediss` URLs. The server's certificate is verified unless `verify` is False.

    `ca` and `ca_dir` are the authorities to trust (the system's when both are empty),
    `cert` and `key` the client's certificate, all paths. `server_name` is the name to
    expect in the certificate where it is not the host of the URL.
    """

    ca: str = ""
    ca_dir: str = ""
    cert: str = ""
    key: str = ""
    key_password: str = field(default="", repr=False)
    server_name: str = ""
    verify: bool = True


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """Options of the live source. Times are seconds, sizes bytes.

    `password` counts before all else but a password in the URL. `password_file`: a file whose
    first line is the password. `prompt`: asked once for the
    password, with the URL as shown in reports, when it is given and neither URL nor file
    has one. The environment fills what is left (see `credentials`).

    `connect_timeout` bounds name resolution, connection and TLS handshake together,
    `command_timeout` one reply from its first to its last byte, `total_timeout` everything
    about one server (`interval` not counted). `interval` above 0 takes a second sample of
    INFO that much later.
    """

    username: str = ""
    password: str | None = field(default=None, repr=False)
    password_file: str = ""
    prompt: Callable[[str], str] | None = field(default=None, repr=False)
    tls: TlsOptions = field(default_factory=TlsOptions)
    connect_timeout: float = 5.0
    command_timeout: float = 10.0
    total_timeout: float = 30.0
    interval: float = 0.0
    max_reply: int = 16 * MIB
    max_elements: int = 200_000
    max_members: int = 1000
    concurrency: int = 16

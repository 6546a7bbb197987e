"""The TLS context of `rediss` URLs."""

from __future__ import annotations

import ssl

from redislint.sources.live.errors import LiveError
from redislint.sources.live.options import TlsOptions


def context(options: TlsOptions) -> ssl.SSLContext:
    """A context that verifies certificate and name unless `options.verify` is False.

    Raises LiveError for files that cannot be used.
    """
    made = ssl.create_default_context()
    if options.ca or options.ca_dir:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _load_ca(made, options)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if not options.verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if options.key and not options.cert:
        raise LiveError("tls", "a key is named without a client certificate")
    if options.cert:
        _load_certificate(made, options)
    return made


def _load_ca(made: ssl.SSLContext, options: TlsOptions) -> None:
    named = options.ca or options.ca_dir
    try:
        made.load_verify_locations(options.ca or None, options.ca_dir or None)
    except ssl.SSLError:
        raise LiveError("tls", f"CA file {named}: holds no certificate in PEM form") from None
    except OSError as error:
        raise LiveError("tls", f"CA file {named}: {error.strerror or 'unreadable'}") from None


def _load_certificate(made: ssl.SSLContext, options: TlsOptions) -> None:
    def password() -> str:
        return options.key_password  # without this OpenSSL asks on the terminal

    named = f"client certificate {options.cert}"
    if options.key:
        named += f" with key {options.key}"
    try:
        made.load_cert_chain(options.cert, options.key or None, password)
    except ssl.SSLError:
        raise LiveError(
            "tls", f"{named}: not a certificate and its key in PEM form, or a wrong key password"
        ) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise LiveError("tls", f"{named}: {reason or 'unreadable'}") from None

"""Certificates for TLS on this machine, made afresh by openssl."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """Paths of an authority, and of certificates for localhost that it signed."""

    ca: Path
    cert: Path
    key: Path
    expired: Path
    elsewhere: Path

    def server(self, cert: Path | None = None) -> ssl.SSLContext:
        """What a server with one of the certificates listens with."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(cert or self.cert, self.key)
        return made


def make(openssl: str, folder: Path) -> Certificates:
    """Certificates in `folder`, made by the program `openssl`."""

    def run(*arguments: str) -> None:
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Test CA")
    run("req", *new, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost")
    signed = ("x509", "-req", "-in", "request.pem", "-CA", "ca.crt", "-CAkey", "ca.key")
    for name, days, names in (
        ("cert.pem", "2", "DNS:localhost,IP:127.0.0.1"),
        ("expired.pem", "-1", "DNS:localhost,IP:127.0.0.1"),
        ("elsewhere.pem", "2", "DNS:redis.example.org"),
    ):
        (folder / "names").write_text(f"subjectAltName={names}\n")
        run(*signed, "-CAcreateserial", "-days", days, "-extfile", "names", "-out", name)
    return Certificates(
        folder / "ca.crt",
        folder / "cert.pem",
        folder / "key.pem",
        folder / "expired.pem",
        folder / "elsewhere.pem",
    )

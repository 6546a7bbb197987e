"""What reading managed caches comes to."""

from __future__ import annotations

from dataclasses import dataclass

from redislint.model import AuditError, Target
from redislint.sources.cloud.parameters import CloudConfiguration


@dataclass(frozen=True, slots=True)
class CloudTarget:
    """One managed cache, or a parameter group that nothing uses.

    `target` carries every fact that AWS told, by path, and why others are unknown; its `tags`
    are those of AWS. `version_known` is False where the list that tells the engine's version
    was refused: `target.server` is then the newest that is known.
    """

    target: Target
    configuration: CloudConfiguration
    version_known: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """The caches behind some URLs, in a lasting order, what could not be read, and lines for
    people."""

    targets: tuple[CloudTarget, ...] = ()
    errors: tuple[AuditError, ...] = ()
    notices: tuple[str, ...] = ()

"""URLs of managed caches: `elasticache://REGION[,REGION...][/ID]`, `memorydb://*`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from redislint.sources.cloud import SCHEMES
from redislint.sources.cloud.errors import CloudError

EVERY_REGION = "*"

_REGION = re.compile(r"[a-z]{2,}(?:-[a-z]+)+-\d{1,2}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,49}")


@dataclass(frozen=True, slots=True)
class CloudUrl:
    """A URL taken apart. `regions` is `("*",)` for all that are enabled; `name` is one cache
    ("" = all of them)."""

    service: str
    regions: tuple[str, ...]
    name: str = ""

    @property
    def uri(self) -> str:
        """How reports name it."""
        return f"{self.service}://{','.join(self.regions)}{'/' if self.name else ''}{self.name}"


def parse_url(text: str) -> CloudUrl:
    """Take a URL apart. Raises CloudError, which says what was expected."""
    scheme, found, rest = text.strip().partition("://")
    service = scheme.lower()
    if not found or service not in SCHEMES:
        raise CloudError("url", "expected elasticache://REGION or memorydb://REGION")
    example = f"such as {service}://eu-west-1 or {service}://eu-west-1/my-cache"
    places, _, name = rest.partition("/")
    regions = tuple(dict.fromkeys(part.strip().lower() for part in places.split(",")))
    if name and not _NAME.fullmatch(name):
        raise CloudError("url", f"what follows the region is no name of a cache: {example}")
    if regions == (EVERY_REGION,):
        return CloudUrl(service, regions, name)
    wrong = next((region for region in regions if not _REGION.fullmatch(region)), None)
    if wrong is not None:
        shown = f"'{wrong}'" if re.fullmatch(r"[a-z0-9*-]{1,30}", wrong) else "the region"
        raise CloudError("url", f"{shown} is no region of AWS: {example}, or '*' for all")
    return CloudUrl(service, regions, name)

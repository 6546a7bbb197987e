"""Tags of caches, from the list that serves every service: one call for a hundred caches."""

from __future__ import annotations

import re
from collections.abc import Mapping

from redislint.model import REDACTED
from redislint.sources.cloud import calls as c
from redislint.sources.cloud.lists import Lists, Wanted

KINDS = {
    "elasticache": (
        "elasticache:replicationgroup",
        "elasticache:cluster",
        "elasticache:serverlesscache",
    ),
    "memorydb": ("memorydb:cluster",),
}
_SECRET = re.compile(r"passw|secret|token|credential|api[-_ ]?key", re.IGNORECASE)


def wanted(service: str) -> Wanted:
    """The call that lists the tags of a service's caches."""
    return c.TAGS, "", {"ResourceTypeFilters": list(KINDS[service])}


def tags_of(lists: Lists) -> Mapping[str, dict[str, str]]:
    """Tags by ARN. A resource without tags is not among them. A value whose name says that it
    is a secret is hidden."""
    return {
        row["ResourceARN"]: {
            tag["Key"]: REDACTED if _SECRET.search(tag["Key"]) else tag.get("Value", "")
            for tag in row.get("Tags") or ()
        }
        for row in lists.rows(c.TAGS)
    }

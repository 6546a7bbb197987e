"""From the attributes of a managed cache's resource to facts (`cloud.*`, `backup.*`).

The names are those of Terraform's AWS provider; defaults are the ones that the provider's
and the API's documentation state. Where they differ by engine or version or are not
documented, an absent attribute leaves its fact unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from redislint.model import Span
from redislint.sources.cloud.cache import Cache
from redislint.sources.iac.given import SENSITIVE, Given
from redislint.sources.iac.managed_elsewhere import azure, google, memorydb
from redislint.sources.iac.managed_notes import (
    ABSENT,
    Attributes,
    Notes,
    common,
    named,
    names_of,
    required,
    whole,
)

_DURABLE_SINCE = (9, 0)


def attribute_facts(cache: Cache, attributes: Attributes) -> dict[str, Span]:
    """Note everything that the attributes of a resource say; the places by path."""
    notes = Notes(cache, attributes)
    reader = _READERS.get((cache.service, cache.resource))
    if reader is not None:
        reader(notes)
    for attribute, paths in _ABOUT.items():
        given = attributes.get(attribute)
        if given is not None:
            for path in paths:
                notes.spans.setdefault(path, given.span)
    return notes.spans


_ABOUT: Mapping[str, tuple[str, ...]] = {
    "engine_version": (
        "server.version",
        "server.supported",
        "server.vulnerabilities",
        "cloud.engine_support_left",
    ),
    "node_type": ("cloud.burstable", "cloud.previous_generation", "cloud.node_family"),
    "parameter_group_name": (
        "cloud.default_parameter_group",
        "cloud.parameter_family",
        "cloud.family_fits",
    ),
    "snapshot_retention_limit": ("persistence.mode", "persistence.family", "persistence.rank"),
}
"""Facts that follow from an attribute elsewhere: findings about them point at it."""


# -- ElastiCache -------------------------------------------------------------------------


def _replication_group(notes: Notes) -> None:
    cache, attributes = notes.cache, notes.attributes
    notes.constants(connection="vpc", classic_security_groups=[])
    notes.flag("cloud.multi_az", "multi_az_enabled", False)
    notes.flag("cloud.automatic_failover", "automatic_failover_enabled", False)
    notes.flag("cloud.data_tiering", "data_tiering_enabled", False)
    notes.name("cloud.global_datastore", "global_replication_group_id", "")
    _shards(notes)
    _cluster_mode(notes)
    _transit(notes)
    at_rest = cache.engine == "valkey" if _engine_known(attributes) else None
    notes.flag("cloud.at_rest", "at_rest_encryption_enabled", at_rest)
    common(notes)
    _elasticache(notes)
    users = attributes.get("user_group_ids")
    notes.of("cloud.user_groups", "user_group_ids", names_of, [])
    cache.user_groups = tuple(cache.value("cloud.user_groups") or ())
    if users is not None:
        notes.spans["cloud.access"] = users.span
    notes.put("cloud.durability", _durability(notes), "durability")


def _cache_cluster(notes: Notes) -> None:
    cache = notes.cache
    member = notes.attributes.get("replication_group_id")
    if member is not None:
        cache.miss("the replication group that it is a member of decides it", _OF_THE_GROUP)
        return
    nodes = notes.number("cloud.nodes", "num_cache_nodes", 1)
    notes.constants(
        cluster_mode=False,
        multi_az=False,
        automatic_failover=False,
        data_tiering=False,
        global_datastore="",
        durability="disabled",
        connection="vpc",
        kms_key="",
        user_groups=[],
        snapshots_from_primary=False,
        at_rest=False if cache.engine == "redis" else None,
        classic_security_groups=[],
    )
    if nodes == 1:
        notes.constants(shards=1, replicas=0, shards_without_replica=["0001"])
        notes.constants(shards_in_one_zone=[])
    _transit(notes)
    common(notes)
    _elasticache(notes)


_OF_THE_GROUP = (
    "cloud.tls",
    "cloud.tls_required",
    "cloud.at_rest",
    "cloud.auth_token",
    "cloud.user_groups",
    "cloud.replicas",
    "cloud.automatic_failover",
    "cloud.multi_az",
    "cloud.cluster_mode",
    "cloud.durability",
    "cloud.parameter_group",
    "cloud.logs",
    "backup.retention_days",
)


def _serverless(notes: Notes) -> None:
    cache = notes.cache
    notes.constants(
        cluster_mode=True,
        multi_az=True,
        automatic_failover=True,
        data_tiering=False,
        global_datastore="",
        durability="disabled",
        tls=True,
        tls_required=True,
        at_rest=True,
        auth_token=False,
        parameter_group="",
        classic_security_groups=[],
    )
    notes.name("cloud.kms_key", "kms_key_id", "")
    notes.name("cloud.name", "name")
    notes.of("cloud.user_groups", "user_group_id", names_of, [])
    cache.user_groups = tuple(cache.value("cloud.user_groups") or ())
    notes.text("cloud.connection", "connection_type", "vpc")
    notes.number("backup.retention_days", "snapshot_retention_limit", 0)
    notes.text("backup.window", "daily_snapshot_time", "")
    notes.of("cloud.security_groups", "security_group_ids", names_of)
    limits = []
    for part, words in (
        ("data_storage", "data storage {} GB"),
        ("ecpu_per_second", "ECPU {} a second"),
    ):
        given = notes.attributes.get(f"{part}.maximum")
        if given is not None:
            limits.append(words.format(named(given) or "?"))
            notes.spans["cloud.usage_limits"] = given.span
    notes.put("cloud.usage_limits", limits, "cache_usage_limits")


def _elasticache(notes: Notes) -> None:
    """What replication groups and single clusters have alike."""
    notes.of("cloud.logs", "log_types", names_of, [])
    notes.present("cloud.final_snapshot", "final_snapshot_identifier")


def _transit(notes: Notes) -> None:
    """TLS. Off by default with Redis; with TLS the mode is required unless it says preferred."""
    plain = notes.cache.engine == "redis" and _engine_known(notes.attributes)
    default = False if plain else None
    tls = notes.flag("cloud.tls", "transit_encryption_enabled", default)
    if tls is False:
        notes.put("cloud.tls_required", False, "transit_encryption_enabled")
    elif tls:
        notes.of("cloud.tls_required", "transit_encryption_mode", required, True)
    else:
        why = notes.cache.unknown.get("cloud.tls", "whether TLS is on is not known")
        notes.cache.miss(why, ["cloud.tls_required"])
    token = notes.attributes.get("auth_token")
    notes.present("cloud.auth_token", "auth_token")
    if token is None:
        notes.put("cloud.auth_token_literal", False, ABSENT)
    else:
        branches = token.branches or (token,)
        literal = any(one.known and one.text for one in branches)
        hidden = next((one for one in branches if _is_hidden(one)), None)
        if hidden is not None and not literal:
            notes.cache.miss(hidden.why, ["cloud.auth_token_literal"])
        else:
            notes.put("cloud.auth_token_literal", literal, "auth_token")
        notes.spans["cloud.auth_token_literal"] = token.span
        notes.spans["cloud.access"] = token.span


def _is_hidden(token: Given) -> bool:
    """Whether nobody can tell if a token is written down or taken from elsewhere."""
    return not token.known and (not token.reference or token.why == SENSITIVE)


def _engine_known(attributes: Attributes) -> bool:
    """Whether the engine is certain: an absent one is redis."""
    return attributes.get("engine") is None or attributes.text("engine") is not None


def _shards(notes: Notes) -> None:
    """Shards and nodes. A group without any of the numbers has one node."""
    attributes, put = notes.attributes, notes.put
    groups = attributes.get("num_node_groups")
    replicas = attributes.get("replicas_per_node_group")
    nodes = attributes.get("num_cache_clusters", "number_cache_clusters")
    shards: int | None = 1
    if groups is not None:
        shards = whole(groups.text) if groups.known else None
        notes.spans["cloud.shards"] = groups.span
    copies: int | None = None
    source = replicas or nodes
    if source is not None:
        notes.spans["cloud.replicas"] = source.span
        count = whole(source.text) if source.known else None
        if count is not None:
            copies = count if replicas is not None else max(count - 1, 0)
    elif groups is None:
        copies = 0
    put("cloud.shards", shards, "num_node_groups")
    put("cloud.replicas", copies, source.name if source else ABSENT)
    why = next((g.why for g in (groups, source) if g is not None and g.why), "")
    if shards is not None and copies is not None:
        put("cloud.nodes", shards * (copies + 1))
        bare = [f"{number:04}" for number in range(1, min(shards, 500) + 1)] if not copies else []
        put("cloud.shards_without_replica", bare)
        if not copies:
            put("cloud.shards_in_one_zone", [])
    paths = ("shards", "replicas", "nodes", "shards_without_replica")
    why = why or "the number of replicas is not given"
    notes.cache.miss(why, [f"cloud.{path}" for path in paths])


def _cluster_mode(notes: Notes) -> None:
    mode = notes.attributes.text("cluster_mode")
    if mode in ("enabled", "compatible", "disabled"):
        notes.put("cloud.cluster_mode", mode != "disabled", "cluster_mode")
        return
    group = notes.attributes.text("parameter_group_name") or ""
    shards = notes.cache.value("cloud.shards")
    if group.endswith(".cluster.on") or (shards or 0) > 1:
        notes.put("cloud.cluster_mode", True, "parameter_group_name, num_node_groups")
    elif shards == 1 and notes.attributes.get("num_node_groups") is None:
        notes.put("cloud.cluster_mode", False, "no num_node_groups")


def _durability(notes: Notes) -> str | None:
    """In effect: disabled for what never has any."""
    told = notes.attributes.text("durability")
    if told in ("sync", "async", "disabled"):
        return told
    cache = notes.cache
    if cache.engine == "redis":
        return "disabled"
    if cache.server is not None and cache.server.version < _DURABLE_SINCE:
        return "disabled"
    return "disabled" if cache.value("cloud.cluster_mode") is False else None


def _parameter_group(notes: Notes) -> None:
    notes.name("cloud.name", "name")
    notes.name("cloud.parameter_group", "name")


_READERS: Mapping[tuple[str, str], Callable[[Notes], None]] = {
    ("elasticache", "replication-group"): _replication_group,
    ("elasticache", "cache-cluster"): _cache_cluster,
    ("elasticache", "serverless-cache"): _serverless,
    ("elasticache", "parameter-group"): _parameter_group,
    ("memorydb", "cluster"): memorydb,
    ("memorydb", "parameter-group"): _parameter_group,
    ("azure-cache", "instance"): azure,
    ("memorystore", "instance"): google,
}

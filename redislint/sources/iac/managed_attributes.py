"""From the attributes of a managed cache's resource to facts (`cloud.*`, `backup.*`).

The names are those of Terraform's AWS provider; defaults are the ones that the provider's
and the API's documentation state. Where they differ by engine or version or are not
documented, an absent attribute leaves its fact unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from redislint.model import Span
from redislint.sources.cloud.cache import Cache
from redislint.sources.iac.given import SENSITIVE, UNKNOWN, Given

_DURABLE_SINCE = (9, 0)
_ABSENT = "the documented default of an attribute that is absent"


class Attributes:
    """The attributes of one resource, read by name and kind."""

    def __init__(self, given: Mapping[str, Given], *, defaults: bool = True) -> None:
        """`defaults`: whether those of the service hold for absent attributes."""
        self._given = given
        self.defaults = defaults

    def get(self, *names: str) -> Given | None:
        """The first of several names that is given and not null."""
        for name in names:
            given = self._given.get(name)
            if given is not None and given.value is not None:
                return given
        return None

    def text(self, *names: str) -> str | None:
        """A text; None where it is absent or not known."""
        given = self.get(*names)
        if given is None or not given.known or isinstance(given.value, (list, tuple, dict)):
            return None
        return given.text

    def number(self, *names: str) -> int | None:
        """A whole number, written as one or as a text."""
        return whole(self.text(*names))


def whole(text: str | None) -> int | None:
    """A text as a whole number that is not negative; None for another."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def truth(text: str | None) -> bool | None:
    """`true` and `false` in any case, as both languages and their texts have them."""
    return {"true": True, "false": False}.get((text or "").lower())


def named(given: Given) -> str | None:
    """What an attribute names: its text, or what it refers to."""
    if given.reference:
        return given.reference
    return given.text if given.known else None


def _flag(given: Given) -> bool | None:
    return truth(given.text) if given.known else None


def _number(given: Given) -> int | None:
    return whole(given.text) if given.known else None


def _text(given: Given) -> str | None:
    return given.text if given.known else None


def _present(given: Given) -> bool | None:
    return bool(named(given)) or None


def _required(given: Given) -> bool | None:
    return given.text.lower() == "required" if given.known else None


class _Notes:
    """Facts of one resource that are being put down, with the places they come from."""

    def __init__(self, cache: Cache, attributes: Attributes) -> None:
        self.cache = cache
        self.attributes = attributes
        self.spans: dict[str, Span] = {}

    def put(self, path: str, value: Any, basis: str = "") -> None:
        self.cache.put(path, value, "days" if path == "backup.retention_days" else "", basis)

    def of(
        self,
        path: str,
        names: str | Sequence[str],
        read: Callable[[Given], Any],
        default: Any = None,
        expected: str = "",
    ) -> Any:
        """Note what an attribute says, its `default` where it is absent, why not otherwise."""
        several = (names,) if isinstance(names, str) else names
        given = self.attributes.get(*several)
        if given is None and not self.attributes.defaults:
            why = f"{several[0]} is not given, and what the module makes of that is not known"
            self.cache.miss(why, [path])
            return None
        if given is None:
            self.put(path, default, _ABSENT)
            return default
        self.spans[path] = given.span
        value = read(given)
        if value is None:
            why = given.why or f"{given.name} is no {expected or 'such value'}"
            self.cache.miss(why, [path])
        self.put(path, value, given.basis or given.name)
        return value

    def flag(self, path: str, names: str | Sequence[str], default: bool | None = None) -> Any:
        return self.of(path, names, _flag, default, "true or false")

    def number(self, path: str, names: str | Sequence[str], default: int | None = None) -> Any:
        return self.of(path, names, _number, default, "whole number")

    def text(self, path: str, names: str | Sequence[str], default: str | None = None) -> Any:
        return self.of(path, names, _text, default)

    def name(self, path: str, names: str | Sequence[str], default: str | None = None) -> Any:
        """What it names, be it a reference to another resource."""
        return self.of(path, names, named, default)

    def present(self, path: str, names: str | Sequence[str]) -> Any:
        """Whether something is there: certain for literals and references."""
        return self.of(path, names, _present, False)

    def constants(self, **values: Any) -> None:
        """What holds for every resource of the kind."""
        for path, value in values.items():
            self.put(f"cloud.{path}", value)


def attribute_facts(cache: Cache, attributes: Attributes) -> dict[str, Span]:
    """Note everything that the attributes of a resource say; the places by path."""
    notes = _Notes(cache, attributes)
    reader = _READERS.get((cache.service, cache.resource))
    if reader is not None:
        reader(notes)
    return notes.spans


# -- ElastiCache -------------------------------------------------------------------------


def _replication_group(notes: _Notes) -> None:
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
    _common(notes)
    _elasticache(notes)
    users = attributes.get("user_group_ids")
    notes.of("cloud.user_groups", "user_group_ids", _names, [])
    cache.user_groups = tuple(cache.value("cloud.user_groups") or ())
    if users is not None:
        notes.spans["cloud.access"] = users.span
    notes.put("cloud.durability", _durability(notes), "durability")


def _cache_cluster(notes: _Notes) -> None:
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
    _common(notes)
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


def _serverless(notes: _Notes) -> None:
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
    notes.of("cloud.user_groups", "user_group_id", _names, [])
    cache.user_groups = tuple(cache.value("cloud.user_groups") or ())
    notes.text("cloud.connection", "connection_type", "vpc")
    notes.number("backup.retention_days", "snapshot_retention_limit", 0)
    notes.text("backup.window", "daily_snapshot_time", "")
    notes.of("cloud.security_groups", "security_group_ids", _names)
    limits = []
    for part, words in (("data_storage", "data storage {} GB"), ("ecpu", "ECPU {} a second")):
        given = notes.attributes.get(f"{part}_maximum")
        if given is not None:
            limits.append(words.format(named(given) or "?"))
    notes.put("cloud.usage_limits", limits, "cache_usage_limits")


def _elasticache(notes: _Notes) -> None:
    """What replication groups and single clusters have alike."""
    notes.of("cloud.logs", "log_types", _names, [])
    notes.present("cloud.final_snapshot", "final_snapshot_identifier")


def _transit(notes: _Notes) -> None:
    """TLS. Off by default with Redis; with TLS the mode is required unless it says preferred."""
    plain = notes.cache.engine == "redis" and _engine_known(notes.attributes)
    default = False if plain else None
    tls = notes.flag("cloud.tls", "transit_encryption_enabled", default)
    if tls is False:
        notes.put("cloud.tls_required", False, "transit_encryption_enabled")
    elif tls:
        notes.of("cloud.tls_required", "transit_encryption_mode", _required, True)
    else:
        why = notes.cache.unknown.get("cloud.tls", "whether TLS is on is not known")
        notes.cache.miss(why, ["cloud.tls_required"])
    token = notes.attributes.get("auth_token")
    notes.present("cloud.auth_token", "auth_token")
    if token is None:
        notes.put("cloud.auth_token_literal", False, _ABSENT)
    elif not token.known and (not token.reference or token.why == SENSITIVE):
        notes.cache.miss(token.why, ["cloud.auth_token_literal"])
    else:
        notes.put("cloud.auth_token_literal", token.known and bool(token.text), "auth_token")
        notes.spans["cloud.auth_token_literal"] = token.span
        notes.spans["cloud.access"] = token.span


def _engine_known(attributes: Attributes) -> bool:
    """Whether the engine is certain: an absent one is redis."""
    return attributes.get("engine") is None or attributes.text("engine") is not None


def _shards(notes: _Notes) -> None:
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
    put("cloud.replicas", copies, source.name if source else _ABSENT)
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


def _cluster_mode(notes: _Notes) -> None:
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


def _durability(notes: _Notes) -> str | None:
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


# -- MemoryDB ----------------------------------------------------------------------------


def _memorydb(notes: _Notes) -> None:
    cache = notes.cache
    notes.constants(
        cluster_mode=True,
        auth_token=False,
        at_rest=True,
        connection="vpc",
        classic_security_groups=[],
    )
    notes.flag("cloud.tls", "tls_enabled", True)
    notes.put("cloud.tls_required", cache.value("cloud.tls"), "tls_enabled")
    if "cloud.tls" in notes.spans:
        notes.spans["cloud.tls_required"] = notes.spans["cloud.tls"]
    notes.flag("cloud.data_tiering", "data_tiering", False)
    notes.name("cloud.global_datastore", "multi_region_cluster_name", "")
    shards = notes.number("cloud.shards", "num_shards", 1)
    replicas = notes.number("cloud.replicas", "num_replicas_per_shard", 1)
    if shards is not None and replicas is not None:
        notes.put("cloud.nodes", shards * (replicas + 1))
        notes.put("cloud.automatic_failover", replicas > 0, "num_replicas_per_shard")
        bare = [f"{number:04}" for number in range(1, min(shards, 500) + 1)]
        notes.put("cloud.shards_without_replica", [] if replicas else bare)
    notes.of("cloud.user_groups", "acl_name", _names)
    cache.user_groups = tuple(cache.value("cloud.user_groups") or ())
    if "cloud.user_groups" in notes.spans:
        notes.spans["cloud.access"] = notes.spans["cloud.user_groups"]
    notes.present("cloud.final_snapshot", "final_snapshot_name")
    _common(notes)


def _parameter_group(notes: _Notes) -> None:
    notes.name("cloud.name", "name")
    notes.name("cloud.parameter_group", "name")


def _common(notes: _Notes) -> None:
    """What every cache with nodes has."""
    notes.name("cloud.name", ("replication_group_id", "cluster_id", "name"))
    notes.text("cloud.node_type", "node_type")
    notes.name("cloud.kms_key", ("kms_key_id", "kms_key_arn"), "")
    notes.name("cloud.subnet_group", "subnet_group_name")
    notes.of("cloud.security_groups", "security_group_ids", _names)
    notes.number("cloud.port", "port", 6379)
    notes.flag("cloud.auto_minor_upgrade", "auto_minor_version_upgrade", True)
    notes.text("cloud.maintenance_window", "maintenance_window", "")
    notes.name("cloud.notification_topic", ("notification_topic_arn", "sns_topic_arn"), "")
    notes.number("backup.retention_days", "snapshot_retention_limit", 0)
    notes.text("backup.window", "snapshot_window", "")
    notes.name("cloud.parameter_group", "parameter_group_name")


def _names(given: Given) -> list[str] | None:
    """What a list names; None where part of it is neither known nor a reference."""
    if given.reference:
        return [given.reference]
    if not given.known:
        return None
    several = given.value if isinstance(given.value, (list, tuple)) else (given.value,)
    return [str(one) for one in several if one is not UNKNOWN and one not in (None, "")]


# -- elsewhere ---------------------------------------------------------------------------


def _azure(notes: _Notes) -> None:
    notes.name("cloud.name", "name")
    notes.text("cloud.tier", "sku_name")
    notes.flag("cloud.plain_port", ("non_ssl_port_enabled", "enable_non_ssl_port"), False)
    notes.text("cloud.minimum_tls", "minimum_tls_version", "1.0")
    notes.flag("cloud.public_access", "public_network_access_enabled", True)
    notes.put("cloud.patch_window", notes.attributes.get("patch_schedule") is not None)
    notes.put("cloud.tls", True, "the port with TLS is always open")
    plain = notes.cache.value("cloud.plain_port")
    notes.put("cloud.tls_required", None if plain is None else not plain, "non_ssl_port_enabled")
    given = notes.attributes.get("authentication_enabled", "enable_authentication")
    login = truth(given.text) if given is not None and given.known else given is None or None
    notes.put("cloud.auth_token", login, given.name if given else _ABSENT)
    notes.put("cloud.user_groups", [])
    if given is not None:
        notes.spans["cloud.access"] = given.span


def _google(notes: _Notes) -> None:
    """Instances of Memorystore, which have a tier, and its clusters, which have none."""
    attributes = notes.attributes
    notes.name("cloud.name", "name")
    cluster = attributes.get("shard_count", "authorization_mode") is not None
    notes.text("cloud.tier", "tier", None if cluster else "BASIC")
    notes.put("cloud.patch_window", attributes.get("maintenance_policy") is not None)
    for path in ("cloud.tls", "cloud.tls_required"):
        notes.of(path, "transit_encryption_mode", _enabled, False)
    notes.put("cloud.user_groups", [])
    login = "authorization_mode" if cluster else "auth_enabled"
    notes.of("cloud.auth_token", login, _enabled if cluster else _flag, False)
    if "cloud.auth_token" in notes.spans:
        notes.spans["cloud.access"] = notes.spans["cloud.auth_token"]


def _enabled(given: Given) -> bool | None:
    """A mode, of which the one without is called DISABLED or ends so."""
    return not given.text.endswith("DISABLED") if given.known else None


_READERS: Mapping[tuple[str, str], Callable[[_Notes], None]] = {
    ("elasticache", "replication-group"): _replication_group,
    ("elasticache", "cache-cluster"): _cache_cluster,
    ("elasticache", "serverless-cache"): _serverless,
    ("elasticache", "parameter-group"): _parameter_group,
    ("memorydb", "cluster"): _memorydb,
    ("memorydb", "parameter-group"): _parameter_group,
    ("azure-cache", "instance"): _azure,
    ("memorystore", "instance"): _google,
}

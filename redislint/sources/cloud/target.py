"""From what is known of a cache to a target with facts and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from redislint import catalog
from redislint.model import Server, Target
from redislint.sources.cloud.cache import Cache
from redislint.sources.cloud.parameters import ParameterGroup, configuration
from redislint.sources.cloud.reading import CloudTarget


class Where(NamedTuple):
    """Account and region that something is in."""

    partition: str
    account: str
    region: str

    def arn(self, service: str, kind: str, name: str) -> str:
        """The ARN of what AWS did not tell one of."""
        rest = f"cluster/{name}" if service == "memorydb" else f"{kind}:{name}"
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"


def make_target(
    cache: Cache,
    where: Where,
    tags: Mapping[str, str] | None,
    group: ParameterGroup | None,
    now: float,
) -> CloudTarget:
    """`tags` is None where they were not read, `now` when AWS was asked, seconds since 1970."""
    server = cache.server or _newest(cache.engine)
    put = cache.put
    put("cloud.service", cache.service)
    put("cloud.resource", cache.resource)
    put("cloud.name", cache.name)
    put("cloud.arn", cache.arn)
    put("cloud.account", where.account)
    put("cloud.region", where.region)
    put("cloud.read_at", now, "s")
    put("cloud.node_type", cache.node_type or None)
    conf = configuration(cache, server, group)
    unknown = dict(cache.unknown)
    if group is None and cache.parameter_group:
        unknown |= dict.fromkeys(_every_directive(server), conf.unknown)
    return CloudTarget(
        Target(
            id=cache.arn,
            kind=cache.service,
            uri=f"{cache.service}://{where.region}/{cache.name}",
            server=server,
            assumed=cache.server is None,
            held=(server,),
            tags=dict(tags or {}),
            settings=conf.settings,
            facts=cache.facts,
            unknown=unknown,
        ),
        conf,
        cache.server is not None,
    )


def unused_group(row: Mapping[str, str], service: str, where: Where, now: float) -> CloudTarget:
    """A parameter group that no cache uses. `row` has name, family and arn."""
    digits = "".join(ch if ch.isdigit() else " " for ch in row["family"]).split()
    engine = "valkey" if "valkey" in row["family"] else "redis"
    cache = Cache(
        service,
        "parameter-group",
        row["name"],
        row["arn"] or where.arn(service, "parametergroup", row["name"]),
        engine,
        _family_server(engine, digits),
    )
    cache.put("cloud.group_users", 0)
    cache.put("cloud.parameter_group", row["name"])
    cache.put("cloud.parameter_family", row["family"])
    found = make_target(cache, where, None, None, now)
    target = found.target
    hidden = [path for path in target.unknown if path.startswith("config[")]
    unknown = {path: why for path, why in target.unknown.items() if path not in hidden}
    return CloudTarget(target._replace(unknown=unknown), found.configuration)


def _family_server(engine: str, digits: list[str]) -> Server:
    major = int(digits[0]) if digits else _newest(engine).version[0]
    minor = int(digits[1]) if len(digits) > 1 else 0
    return Server(engine, (major, minor))


def _newest(engine: str) -> Server:
    return max(server for server in catalog.SERVERS if server.engine == engine)


def _every_directive(server: Server) -> list[str]:
    return [f'config["{name}"]' for name in catalog.specs(server)]

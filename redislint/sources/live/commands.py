"""Every command that is ever sent to a server. None of them changes anything.

The list is closed: the client refuses to send what does not stand here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command with the words that stand in front of its variable arguments.

    `variable`: how many arguments may follow. `acl`: the ACL rule that allows it ("" for
    one that needs no permission). `since`: the first Redis version that knows it, as
    (major, minor). `sentinel`: whether it is for Sentinels; the others are for servers,
    those in `both` for either. `facts`: what is unknown without it.
    """

    words: tuple[str, ...]
    acl: str
    why: str
    since: tuple[int, int] = (2, 8)
    variable: int = 0
    sentinel: bool = False
    facts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The words as people write them."""
        return " ".join(self.words)


AUTH = Command(("AUTH",), "", "authenticate, when a password is given", variable=2)
INFO_EVERYTHING = Command(
    ("INFO", "everything"), "+info", "version, state, counters (empty before 6.0)"
)
INFO_ALL = Command(("INFO", "all"), "+info", "the same before 6.0")
INFO = Command(("INFO",), "+info", "the same of Sentinel 2.8 and 3.0")
CONFIG_GET = Command(
    ("CONFIG", "GET", "*"), "+config|get", "the configuration in effect", facts=("config",)
)
ACL_WHOAMI = Command(
    ("ACL", "WHOAMI"), "+acl|whoami", "which user the audit is", (6, 0), facts=("acl.whoami",)
)
ACL_LIST = Command(
    ("ACL", "LIST"), "+acl|list", "users and what they may do", (6, 0), facts=("acl.users",)
)
ACL_GETUSER = Command(
    ("ACL", "GETUSER", "default"),
    "+acl|getuser",
    "the default user, where ACL LIST is refused",
    (6, 0),
)
MODULE_LIST = Command(
    ("MODULE", "LIST"), "+module|list", "modules loaded", (4, 0), facts=("modules",)
)
CLUSTER_INFO = Command(
    ("CLUSTER", "INFO"),
    "+cluster|info",
    "state of the cluster, of cluster nodes only",
    (3, 0),
    facts=("cluster.state",),
)
CLUSTER_NODES = Command(
    ("CLUSTER", "NODES"),
    "+cluster|nodes",
    "its members, of cluster nodes only",
    (3, 0),
    facts=("cluster.nodes",),
)
LATENCY_LATEST = Command(
    ("LATENCY", "LATEST"), "+latency|latest", "latency spikes", facts=("latency.events",)
)
SLOWLOG_LEN = Command(
    ("SLOWLOG", "LEN"),
    "+slowlog|len",
    "number of slow commands kept, not the commands",
    facts=("slowlog.length",),
)
TIME = Command(("TIME",), "+time", "the server's clock", facts=("server.time",))
SENTINEL_MASTERS = Command(
    ("SENTINEL", "MASTERS"), "+sentinel|masters", "primaries watched", sentinel=True
)
SENTINEL_SLAVES = Command(
    ("SENTINEL", "SLAVES"), "+sentinel|slaves", "replicas of one", variable=1, sentinel=True
)
SENTINEL_SENTINELS = Command(
    ("SENTINEL", "SENTINELS"),
    "+sentinel|sentinels",
    "other Sentinels of one",
    variable=1,
    sentinel=True,
)
SENTINEL_CONFIG = Command(
    ("SENTINEL", "CONFIG", "GET", "*"),
    "+sentinel|config",
    "settings of the Sentinel",
    (6, 2),
    sentinel=True,
)

COMMANDS = (
    AUTH,
    INFO_EVERYTHING,
    INFO_ALL,
    INFO,
    CONFIG_GET,
    ACL_WHOAMI,
    ACL_LIST,
    ACL_GETUSER,
    MODULE_LIST,
    CLUSTER_INFO,
    CLUSTER_NODES,
    LATENCY_LATEST,
    SLOWLOG_LEN,
    TIME,
    SENTINEL_MASTERS,
    SENTINEL_SLAVES,
    SENTINEL_SENTINELS,
    SENTINEL_CONFIG,
)


def acl_rule(sentinel: bool = False) -> str:
    """The ACL rules of a user who may do exactly what an audit needs: no key, no channel."""
    rules = [c.acl for c in COMMANDS if c.acl and (not c.sentinel or sentinel)]
    if sentinel:
        rules = [r for r in rules if r == "+info" or r.startswith("+sentinel")]
    return " ".join(dict.fromkeys(rules))


def allowed(command: Command, arguments: tuple[str, ...]) -> bool:
    """Whether the command stands in the list and takes that many arguments."""
    if command is AUTH:
        return len(arguments) in (1, 2)
    return command in COMMANDS and len(arguments) == command.variable

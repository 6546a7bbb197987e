"""Who may log in to the server of a configuration, and the credentials that stand in it.

Users come from `user` lines or the ACL file. One that lies where this lint may not look
leaves them unknown: it may say anything of the default user.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from redislint.conf.commands import DANGEROUS
from redislint.model import Fact
from redislint.sources.conf_file import others_may_write, seen_by

if TYPE_CHECKING:
    from redislint.conf.acl import AclUser
    from redislint.conf.resolve import Configuration

_ACL_FILE = "aclfile"
_SECRETS = ("requirepass", "masterauth", "tls-key-file-pass", "tls-client-key-file-pass", "user")
_DEFAULT = "default"


class Access(NamedTuple):
    """`default_user` as `derive` takes it; `facts` by path."""

    default_user: str | None
    facts: dict[str, Fact]


def access(conf: Configuration) -> Access:
    """Users, weak and written-out credentials, modules, and who can change the files."""
    facts: dict[str, Fact] = {}

    def put(path: str, value: Any, basis: str) -> None:
        facts[path] = Fact(value, "", "file", basis)

    acl_file = (conf.config_get(_ACL_FILE) or "") if _ACL_FILE in conf else ""
    if conf.unseen:  # a file out of reach may say anything of what is asked for here
        return Access(None, {})
    users = _users(conf, acl_file)
    default = "" if "user" not in conf else None
    if users is not None:
        put("acl.users", users, f"ACL file {acl_file}" if acl_file else "user, requirepass")
        if users:
            default = next(user["login"] for user in users if user["name"] == _DEFAULT)
            put("acl.default_user", default, "user default, requirepass")
    weak, literal = _credentials(conf, acl_file)
    if users is not None:
        weak += [f"user {u['name']}" for u in users if u["weak_password"] and u["login"] != "off"]
        put("secrets.weak", weak, "requirepass, masterauth, users")
    if all(credential["seen_by"] for credential in literal):
        put("secrets.literal", literal, "requirepass, masterauth, users, key file passwords")
    put("modules", _modules(conf), "loadmodule")
    put("file.others_may_write", _writable(conf, acl_file), "mode of the files")
    return Access(default, facts)


def _users(conf: Configuration, acl_file: str) -> list[dict[str, Any]] | None:
    """Every user, the default one included; none on a version without ACL users. None where
    the ACL file cannot be read.

    A default user that no rule speaks of has requirepass for its password, but not beside
    an ACL file: the server then takes any client without a password, though CONFIG GET
    still shows requirepass (measured on Redis 6.2.14).
    """
    if "user" not in conf:
        return []
    lone = _lone(_requirepass(conf))
    if not acl_file and not conf.user_lines:
        return [lone]
    if acl_file and conf.acl_data is None:
        return None
    from redislint.conf.acl import parse_file, parse_user
    from redislint.conf.acl_grants import as_fact

    channels = conf.config_get("acl-pubsub-default")
    everything = None if channels is None else channels == "allchannels"
    found: list[AclUser]
    if acl_file:
        data = conf.acl_data or b""
        found = [user for _, user in parse_file(data, conf.server, all_channels=everything)]
        lone = _lone("nopass")
    else:
        lines = (args for _, _, args, _ in conf.user_lines)
        found = [parse_user(args, conf.server, all_channels=everything) for args in lines]
    by_name = {user.name: as_fact(user, conf.server) for user in found}
    return list({_DEFAULT: lone, **by_name}.values())


def _requirepass(conf: Configuration) -> str:
    return "password" if conf.config_get("requirepass") else "nopass"


def _lone(login: str) -> dict[str, Any]:
    """The default user where no rule speaks of it: it may do everything."""
    return {
        "name": _DEFAULT,
        "on": True,
        "nopass": login == "nopass",
        "passwords": int(login == "password"),
        "commands": ["+@all"],
        "keys": ["~*"],
        "channels": ["&*"],
        "login": login,
        "all_commands": True,
        "all_keys": True,
        "all_channels": True,
        "any_keys": True,
        "dangerous": list(DANGEROUS),
        "scripts": True,
        "weak_password": False,
    }


def _credentials(conf: Configuration, acl_file: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Names of weak passwords of directives, and what is written out."""
    if not acl_file and not any(conf.is_set(name) for name in _SECRETS):
        return [], []
    from redislint.conf.credentials import Literal, literal_users, literals, weak_directives

    found = list(literals(conf))
    if conf.acl_data is not None:
        place = _acl_place(conf, acl_file)
        found += [Literal(f"user {name}", place) for name in literal_users(conf.acl_data)]
    return weak_directives(conf), [
        {"name": name, "file": os.path.basename(path), "seen_by": seen_by(path)}
        for name, path in found
    ]


def _acl_place(conf: Configuration, acl_file: str) -> str:
    main = next((document.path for document in conf.documents if document.path), "")
    return os.path.join(os.path.dirname(main), acl_file)


def _modules(conf: Configuration) -> list[dict[str, Any]]:
    """What is loaded, by path; arguments of modules may hold passwords and stay out."""
    if not conf.is_set("loadmodule"):
        return []
    lines = (one.value.text for one in conf.applied if one.spec.directive == "loadmodule")
    return [{"path": path, "name": os.path.basename(path)} for path, *_ in map(str.split, lines)]


def _writable(conf: Configuration, acl_file: str) -> list[str]:
    """The files that every user of the host could change."""
    parts = (part for document in conf.documents for part in (document.parts or (document,)))
    paths = [part.path for part in parts if part.path]
    if conf.acl_data is not None:
        paths.append(_acl_place(conf, acl_file))
    return [os.path.basename(path) for path in dict.fromkeys(paths) if others_may_write(path)]

"""Users and credentials of a configuration, and that no password gets out of an audit."""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redislint.audit import check
from redislint.audit.facts import facts
from redislint.conf.credentials import literal_users, literals, weak_directives
from redislint.conf.document import parse
from redislint.conf.resolve import resolve

STRONG = "CANARY9f4c1b7e02aa51d06a3c"


def told(folder: Path, text: str, server: str = "redis-7.2", acl: str = "") -> dict[str, Any]:
    """The facts of a configuration, beside `users.acl` where one is given."""
    if acl:
        (folder / "users.acl").write_text(acl)
    (folder / "redis.conf").write_text(text)
    report = facts([folder / "redis.conf"], server=server)
    (target,) = (one for one in report.targets if one.kind == "redis-conf")
    return {path: fact.value for path, fact in target.facts.items()}


def logins(found: dict[str, Any]) -> dict[str, str]:
    return {user["name"]: user["login"] for user in found["acl.users"]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_default_user_without_any_rule(folder: Path) -> None:
    assert logins(told(folder, "port 6379\n")) == {"default": "nopass"}
    assert logins(told(folder, f"requirepass {STRONG}\n")) == {"default": "password"}


def test_a_version_without_users_has_none(folder: Path) -> None:
    found = told(folder, f"requirepass {STRONG}\n", "redis-5.0")
    assert found["acl.users"] == []
    assert "acl.default_user" not in found
    assert found["exposure.no_password"] is False


def test_user_lines_and_the_default_user_beside_them(folder: Path) -> None:
    found = told(folder, f"requirepass {STRONG}\nuser app on >{STRONG} ~app:* +@read\n")
    assert logins(found) == {"default": "password", "app": "password"}
    found = told(folder, "user default off\nuser old off nopass ~* +@all\n")
    assert logins(found) == {"default": "off", "old": "off"}
    assert found["acl.default_user"] == "off"


def test_an_acl_file_makes_requirepass_count_for_nothing(folder: Path) -> None:
    text = f"requirepass {STRONG}\naclfile users.acl\n"
    found = told(folder, text, acl=f"user app on >{STRONG} ~app:* +@read\n")
    assert logins(found) == {"default": "nopass", "app": "password"}
    found = told(folder, text, acl=f"user default on >{STRONG} ~* +@all\n")
    assert logins(found) == {"default": "password"}


def test_an_acl_file_out_of_reach_leaves_users_unknown(folder: Path) -> None:
    found = told(folder, f"requirepass {STRONG}\naclfile /nowhere/users.acl\n")
    assert "acl.users" not in found
    assert "exposure.no_password" not in found


def test_who_is_weak(folder: Path) -> None:
    lines = "requirepass foobared\nmasterauth changeme\nuser app on >secret ~* +get\n"
    found = told(folder, lines + "user old off >secret ~*\n")
    assert found["secrets.weak"] == ["requirepass", "masterauth", "user app"]


def conf(text: str) -> Any:
    return resolve(parse(text.encode(), "redis.conf"), "redis-7.2")


def test_credentials_in_plain_text() -> None:
    digest = sha256(b"x").hexdigest()
    found = conf(
        f"requirepass {STRONG}\nmasterauth ${{PASSWORD}}\ntls-key-file-pass {STRONG}\n"
        f"user one on >{STRONG}\nuser two on #{digest}\nuser three on nopass\n"
    )
    names = [credential.name for credential in literals(found)]
    assert names == ["requirepass", "tls-key-file-pass", "user one"]
    assert weak_directives(found) == []
    assert weak_directives(conf("requirepass foobared\nmasterauth ${X}\n")) == ["requirepass"]


def test_users_of_an_acl_file_in_plain_text() -> None:
    digest = sha256(b"x").hexdigest().encode()
    lines = (
        b"user a on >CANARY ~*",
        b"user b on #" + digest,
        b"user c on nopass",
        b"user d on >${X}",
    )
    assert literal_users(b"\n".join(lines) + b"\n") == ["a"]


PASSWORDS = st.text("abcdefghijkmnpqrstuvwxyzABCXYZ0123456789!#%&*+-", min_size=0, max_size=24).map(
    lambda tail: f"CANARY{tail}"
)


@settings(max_examples=20, deadline=None)
@given(PASSWORDS, PASSWORDS, PASSWORDS, st.booleans())
def test_no_password_is_in_facts_outcomes_or_findings(
    one: str, two: str, three: str, beside: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        user = f"user app on >{three} ~* +@all\n"
        text = f'requirepass "{one}"\nmasterauth "{two}"\n'
        path = folder / "redis.conf"
        (folder / "users.acl").write_text(user)
        path.write_text(text + ("aclfile users.acl\n" if beside else user))
        said = repr(check([path], server="redis-7.2", profile="strict"))
        said += repr(facts([path], server="redis-7.2"))
    assert "CANARY" not in said
    for password in (one, two, three):
        assert sha256(password.encode()).hexdigest() not in said

"""ACL `user` lines and ACL files against what the real servers said of them."""

from __future__ import annotations

import pytest

from redislint.conf import acl
from redislint.conf.dialect import dialect
from redislint.conf.document import parse
from redislint.model import Server

SERVERS = [
    Server.parse(text)
    for text in (
        *(
            "redis-6.0",
            "redis-6.2",
            "redis-7.0",
            "redis-7.2",
            "redis-7.4",
            "redis-8.0",
            "redis-8.6",
        ),
        *("valkey-7.2", "valkey-8.0", "valkey-8.1", "valkey-9.1"),
    )
]

# One letter for each server: "." starts, "L" refused at the line, "S" refused at start-up.
LINES = [
    ("alice", "..........."),
    ("alice on nopass ~* +@all", "..........."),
    ("alice on bad", "LLLLLLLLLLL"),
    ("alice on badd +nosuch", "LLLLLLLLLLL"),
    ("alice +nosuch badd", "LLLLLLLLLLL"),
    ("alice on >x ~* +@all reset", "..........."),
    ("alice >x <x", "..........."),
    ("alice <x", "LLLLLLLLLLL"),
    (
        "alice >test #9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 <test",
        "...........",
    ),
    (
        "alice >test !9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "...........",
    ),
    ("alice #9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08", "LLLLLLLLLLL"),
    ("alice #abc", "LLLLLLLLLLL"),
    ("alice ~* ~a", "LLLLLLLLLLL"),
    ("alice ~a ~*", "..........."),
    ("alice allkeys resetkeys ~a", "..........."),
    ('alice "~a b"', "LLLLLLLLLLL"),
    (r'alice "~a\x00"', "LLLLLLLLLLL"),
    ("alice %R~a", "LL........."),
    ("alice %rw~a", "LL........."),
    ("alice %RR~a", "LLLLLLLLLLL"),
    ("alice %~a", "LL.LLLLLLLL"),
    ("alice %", "LL...LL..LL"),
    ("alice %R", "LL........."),
    ("alice %R~", "LL........."),
    ("alice %Rx", "LLLLLLLLLLL"),
    ("alice &a", "LL........."),
    ("alice resetchannels &a", "L.........."),
    ("alice allchannels", "L.........."),
    ("alice &* &a", "LLLLLLLLLLL"),
    ("alice sanitize-payload skip-sanitize-payload", "L.........."),
    ("alice alldbs", "LLLLLLLLLL."),
    ("alice db=0,2", "LLLLLLLLLL."),
    ("alice db=", "LLLLLLLLLLL"),
    ("alice db=1,,2", "LLLLLLLLLLL"),
    ("alice db=-1", "LLLLLLLLLLL"),
    ("alice db=2147483648", "LLLLLLLLLLL"),
    ('alice "db= 1"', "LLLLLLLLLL."),
    ("alice +get -get +@read -@write", "..........."),
    ("alice +GET +@READ ALLCOMMANDS", "..........."),
    ("alice +config|get", "..........."),
    ("alice -config|get", "SS........."),
    ("alice +config|nosuch", "..SSSSSSSSS"),
    ("alice +config|get|x", "..LLLLLLLLL"),
    ("alice +get|x", "..........."),
    ("alice -get|x", "SSSSSSSSSSS"),
    ("alice +get|x|y", "..SSSSSSSSS"),
    ("alice +get|", "LLLLLLLLLLL"),
    ("alice +nosuch|", "SSSSSSSSSSS"),
    ("alice +|x", "SSSSSSSSSSS"),
    ("alice +", "SSSSSSSSSSS"),
    ("alice -", "SSSSSSSSSSS"),
    ("alice +@", "SSSSSSSSSSS"),
    ("alice -@nosuch", "SSSSSSSSSSS"),
    ("alice +@all +get|x", "L.........."),
    ("alice +@admin +config|get", "L.........."),
    ("alice +@read +config|get", "..........."),
    ("alice +@admin -config +config|get", "..........."),
    ("alice +blmpop", "SS........."),
    ("alice +copy", "S.........."),
    ("alice +acl|setuser", "..........."),
    ("alice ()", "LL........."),
    ("alice (~a +get)", "LL........."),
    ("alice (~a  +get )", "LL........."),
    ("alice (~a +get", "LLLLLLLLLLL"),
    ("alice ( ~a (~b )", "LL.LLLLLLLL"),
    ("alice (~a)) +get", "LL........."),
    ("alice ) on", "LLLLLLLLLLL"),
    ("alice (on)", "LLLLLLLLLLL"),
    ("alice (nosuch +nosuch)", "LLLLLLLLLLL"),
    ("alice (+nosuch nosuch)", "LLSSSSSSSSS"),
    ("alice (~* ~a)", "LLLLLLLLLLL"),
    ("alice ((~a))", "LLLLLLLLLLL"),
    ('alice "(~a +get)"', "LL........."),
    ("alice \"(~a 'b c')\"", "LLLLLLLLLLL"),
    ("alice \"(~a 'b c'd)\"", "LL........L"),
    ('alice "(~a \'unbalanced)"', "LL........."),
    ("alice (~a) clearselectors", "LL........."),
    (r'alice "(\"\")"', "LLLLLLLLLLL"),
    ('alice ""', "..........."),
    (r'alice "on\x00x"', "..........."),
    (r'alice "+get\x00x"', "..........."),
    (r'alice "\x00"', "LLLLLLLLLLL"),
    ('"a b" on', "SSSSSSSSSSS"),
    (r'"a\x00b" on', "SSSSSSSSSSS"),
    ('"" on', "..........."),
    ("default off", "..........."),
    ("default on +nosuch", "SSSSSSSSSSS"),
]

# The digit is the number of the line at which the server stops.
SEVERAL = [
    (["alice on", "alice off"], "..222222222"),
    (["alice on", "Alice on"], "..........."),
    (["default on", "default off"], "..222222222"),
    (["alice on", "alice bad"], "22222222222"),
    (["alice bad", "alice on"], "11111111111"),
    (["alice +nosuch", "bob bad"], "22222222222"),
]

ACL_FILES = [
    ("user bob on\n", "..........."),
    ("# c\n", "SSSSSSSSSSS"),
    ("user\n", "SSSSSSSSSSS"),
    ("user  bob\n", "SSSSSSSSSSS"),
    ("\n\nuser bob on\n", "..........."),
    ("user bob on\nuser bob off\n", "..SSSSSSSSS"),
    ("USER bob on\n", "SSSSSSSSSSS"),
    ('user "a b" on\n', "SSSSSSSSSSS"),
    ("user bob +nosuch\n", "SSSSSSSSSSS"),
    ("user bob (~a\n", "SSSSSSSSSSS"),
    ("user bob on\t \n", "..........."),
    ("user bob on\r\nuser al off\r\n", "..........."),
    ("user bob ~a\tb\n", "SSSSSSSSSSS"),
    ("user bob on\x00bad\nuser x bad\n", "SSSSSSSSSSS"),
    ("user a\tb on\n", "SSSSSSSSSSS"),
    ("user bob\n# x\nbad\n", "SSSSSSSSSSS"),
]


def words(text: str, server: Server) -> list[bytes]:
    """The words of a `user` line after `user`, split as that server splits them."""
    line = parse(f"user {text}\n".encode()).directives[0]
    found = line.lenient_words if dialect(server).text_after_quote else line.words
    assert found is not None
    return [word.value for word in found[1:]]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_a_line_ends_as_on_the_servers(text: str, expected: str) -> None:
    letters = {"": ".", "load": "L", "startup": "S"}
    found = [acl.check_user(words(text, server), server) for server in SERVERS]
    stages = [problem.stage if problem else "" for problem in found]
    assert "".join(letters[stage] for stage in stages) == expected


@pytest.mark.parametrize(("texts", "expected"), SEVERAL)
def test_several_lines_end_as_on_the_servers(texts: list[str], expected: str) -> None:
    found = ""
    for server in SERVERS:
        problems = acl.check_users([words(text, server) for text in texts], server)
        if not problems:
            found += "."
        else:
            line, problem = problems[0]
            found += str(line + 1) if problem.stage == "load" else "S"
    assert found == expected


@pytest.mark.parametrize(("text", "expected"), ACL_FILES)
def test_an_acl_file_ends_as_on_the_servers(text: str, expected: str) -> None:
    found = [acl.check_file(text.encode(), server) for server in SERVERS]
    assert "".join("S" if problems else "." for problems in found) == expected


SEVEN = Server.parse("redis-7.2")
NINE = Server.parse("valkey-9.1")


def test_an_acl_file_names_the_line_and_word() -> None:
    problems = acl.check_file(b"user a on\n\nuser b on +nosuch bad\nx\n", SEVEN)
    assert [(p.line, p.index, p.unknown_name) for p in problems] == [
        (3, 2, True),
        (3, 3, False),
        (4, None, False),
    ]


def test_a_problem_points_into_a_spread_selector() -> None:
    problem = acl.check_user(words("a on (~a +get +gett) -del", SEVEN), SEVEN)
    assert problem is not None
    assert (problem.index, problem.stage, problem.unknown_name) == (4, "startup", True)
    assert "did you mean 'get'" in problem.message


@pytest.mark.parametrize("rule", ["hunter2", ">hunter2", "<hunter2", "#hunter2", "!hunter2"])
def test_no_message_holds_a_word_that_could_be_a_password(rule: str) -> None:
    for server in SERVERS:
        problem = acl.check_user(words(f"alice on {rule}", server), server)
        assert problem is None or "hunter2" not in problem.message


def test_pubsub_default_decides_whether_a_channel_may_follow() -> None:
    line = words("a &news.*", SEVEN)
    assert acl.check_user(line, SEVEN) is None
    assert acl.check_user(line, SEVEN, all_channels=True) is not None
    changed_later = acl.check_users([line], SEVEN, all_channels=[None], final_all_channels=True)
    assert [problem.stage for _, problem in changed_later] == ["startup"]


def test_a_sentinel_has_other_commands_and_redis_6_0_creates_no_users_there() -> None:
    line = words("a on +get", SEVEN)
    assert acl.check_users([line], SEVEN, sentinel=True)
    assert not acl.check_users([words("a on +sentinel", SEVEN)], SEVEN, sentinel=True)
    old = Server.parse("redis-6.0")
    assert not acl.check_users([words("a on +nosuch", old)], old, sentinel=True)


def test_parse_user() -> None:
    text = (
        "app on >one #" + "0" * 64 + " ~app:* %R~ref:* &n.* -@all +@read +Config|Get (~t:* +@all)"
    )
    user = acl.parse_user(words(text, SEVEN), SEVEN)
    assert (user.name, user.enabled, user.nopass, user.passwords) == ("app", True, False, 2)
    assert user.keys == ("~app:*", "%R~ref:*")
    assert user.channels == ("&n.*",)
    assert user.commands == ("-@all", "+@read", "+config|get")
    assert [(s.keys, s.commands) for s in user.selectors] == [(("~t:*",), ("+@all",))]


def test_parse_user_keeps_databases_apart() -> None:
    assert acl.parse_user(words("a alldbs", NINE), NINE).root.databases is None
    assert acl.parse_user(words("a db=3,1", NINE), NINE).root.databases == (1, 3)
    assert acl.parse_user(words("a resetdbs", NINE), NINE).root.databases == ()


@pytest.mark.parametrize(
    ("rules", "command", "expected"),
    [
        ("+@all -@dangerous", "flushall", False),
        ("+@all -@dangerous", "get", True),
        ("+@all -config", "config|set", False),
        ("+config|get", "config|get", True),
        ("+config|get", "config|set", False),
        ("+@read (+set)", "set", True),
        ("+@all reset", "get", False),
    ],
)
def test_permits(rules: str, command: str, expected: bool) -> None:
    user = acl.parse_user(words(f"a on {rules}", SEVEN), SEVEN)
    assert acl.permits(user, command, SEVEN) is expected


def test_parse_file() -> None:
    users = acl.parse_file(b"user a on nopass\n\nuser b\t\r\n# no\nuser c on\t ~*\n", SEVEN)
    assert [(line, user.name, user.nopass) for line, user in users] == [
        (1, "a", True),
        (3, "b", False),
        (5, "c", False),
    ]
    assert users[2][1].enabled

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.conf import templates
from redislint.conf.document import parse
from redislint.conf.passage import HOLE
from redislint.conf.resolve import Configuration
from redislint.model import Setting


def read(text: str) -> list[tuple[str, str]]:
    """Directives and values of a template as Redis 7.2 reads it, `?` before an unknown one."""
    return [shown(setting) for setting in resolve(text).settings]


def resolve(text: str) -> Configuration:
    return templates.document(parse(text, "redis.conf.j2")).resolve("redis-7.2")


def shown(setting: Setting) -> tuple[str, str]:
    return setting.name, setting.text if setting.known else f"?{setting.text}"


@pytest.mark.parametrize(
    "text",
    [
        "port {{ redis_port }}\n",
        "port {{ redis_port | default('6379', true) }}\n",
        "port <%= @port %>\n",
        "port ${PORT}\n",
        "port ${PORT:-6379}\n",
        'port {{ getenv "PORT" "6379" }}\n',
        "port __PORT__\n",
        "port 63{{ last_digits }}\n",
        "port {{ a }}{{ b }}\n",
        "port <% if @x -%>1<% else -%>2<% end -%>\n",
        "port {{ if .tls }}0{{ else }}6379{{ end }}\n",
        "port {% if tls %}0{% else %}6379{% endif %}\n",
    ],
)
def test_what_a_tool_fills_in_is_unknown_and_no_error(text: str) -> None:
    conf = resolve(text)
    assert conf.diagnostics == ()
    assert list(conf.unknown) == ["port"]
    assert dict(conf.values())["port"] is None
    assert shown(conf.settings[0]) == ("port", "?" + text.removeprefix("port ").strip())


@pytest.mark.parametrize(
    "text",
    [
        "{% if aof %}\nappendonly yes\n{% endif %}\n",
        "{%- if aof -%}\nappendonly yes\n{%- endif -%}\n",
        "<% if @aof -%>\nappendonly yes\n<% end -%>\n",
        "<%- | Boolean $aof,\n      String $x\n| -%>\nappendonly yes\n",
        "{{- if .aof }}\nappendonly yes\n{{- end }}\n",
        "{{/* a comment with port 1\nappendonly no\n*/}}\nappendonly yes\n",
        "{# appendonly no\n#}\nappendonly yes\n",
        "<%# appendonly no %>\nappendonly yes\n",
        "{% if aof %}appendonly yes{% endif %}\n",
        "appendonly yes{% if x %}{% endif %}\n",
    ],
)
def test_statements_and_comments_of_the_template_say_nothing(text: str) -> None:
    conf = resolve(text)
    assert [shown(s) for s in conf.settings] == [("appendonly", "yes")]
    assert conf.diagnostics == ()
    assert conf.unseen == ""


def test_both_branches_count_and_the_last_is_in_effect() -> None:
    text = "{% if tls %}\nport 0\ntls-port 6380\n{% else %}\nport 6379\n{% endif %}\n"
    conf = resolve(text)
    assert [(s.name, s.text, s.effective) for s in conf.settings] == [
        ("port", "0", False),
        ("tls-port", "6380", True),
        ("port", "6379", True),
    ]
    assert "RL110" not in {one.rule for one in conf.diagnostics}


@pytest.mark.parametrize(
    "text",
    [
        "port 1\n{{ extra_config }}\n",
        "port 1\n${MORE}\n",
        "port 1\n{% for k, v in conf %}\n{{ k }} {{ v }}\n{% endfor %}\n",
        "port 1\n{% include 'more.conf' %}\n",
        "port 1\ninclude {{ file }}\n",
    ],
)
def test_where_more_is_filled_in_what_nothing_sets_is_unknown(text: str) -> None:
    conf = resolve(text)
    values = dict(conf.values())
    assert conf.unseen
    assert (values["port"], values["maxmemory"], values["save"]) == (1, None, None)


def test_literals_of_a_template_are_held_against_the_server() -> None:
    conf = resolve("{% if x %}\nappendonly maybe\n{% endif %}\nmaxmemroy {{ x }}\n")
    assert [(d.rule, d.line, d.column) for d in conf.diagnostics] == [
        ("RL105", 2, 12),
        ("RL101", 4, 1),
    ]


def test_a_later_line_counts_against_a_hidden_one() -> None:
    assert resolve("port {{ x }}\nport 7000\n").unknown == {}
    assert list(resolve("port 7000\nport {{ x }}\n").unknown) == ["port"]
    assert list(resolve("save {{ x }}\nsave 60 1\n").unknown) == ["save"]
    assert resolve('save {{ x }}\nsave ""\n').unknown == {}


def test_places_are_those_of_the_file() -> None:
    conf = resolve("{% if é %}\nport {{ é }}\n  save   900 {{ n }}  \n{% endif %}\n")
    assert [tuple(s.span)[1:] for s in conf.settings if s.span] == [(2, 6, 2, 13), (3, 10, 3, 21)]


def test_a_secret_is_hidden_in_its_template_too() -> None:
    assert read("requirepass {{ a }}hunter2\n") == [("requirepass", "?[redacted]")]


def test_start_up_checks_do_not_speak_of_what_is_hidden() -> None:
    text = "tls-port 6380\ntls-cert-file {{ c }}\ntls-key-file {{ k }}\ntls-ca-cert-file {{ a }}\n"
    assert resolve(text).accepted
    assert not resolve("tls-port 6380\n").accepted


@given(st.text(st.sampled_from("{}%#<>=- \nabport1${}"), max_size=60))
def test_any_text_keeps_its_length_and_its_lines(text: str) -> None:
    data = text.encode()
    masked, _ = templates.masked(data)
    assert len(masked) == len(data)
    kept = [i for i in range(len(data)) if masked[i : i + 1] not in (HOLE, b" ")]
    assert all(masked[i] == data[i] for i in kept)


@pytest.mark.parametrize("unit", ["{{", "{%", "<%", "{{ x", "<% if x %>a", "${", "{% x %}{{"])
def test_templates_that_never_close_take_no_longer_than_others(unit: str) -> None:
    data = (unit * (400_000 // len(unit))).encode()
    start = time.process_time()
    masked, _ = templates.masked(data)
    assert len(masked) == len(data)
    assert time.process_time() - start < 3

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redislint.conf.document import parse
from redislint.conf.passage import Passage
from redislint.sources.iac.nodes import SCALAR, Node, NodeError, documents
from redislint.sources.iac.scalars import passage


def value(text: str) -> tuple[Node, Passage]:
    """The value of the one key of a document, placed."""
    node = documents(parse(text, "x.yaml"))[0].pairs[0][1]
    return node, passage(node)


def exact(found: Passage) -> list[tuple[bytes, bytes]]:
    """The runs of a passage: its bytes, and those of the file that they stand for."""
    at, pairs = 0, []
    for run in found.runs:
        pairs.append((found.data[at : at + run.length], run.host.data[run.start : run.end]))
        at += run.length
    return pairs


@pytest.mark.parametrize(
    "text",
    [
        "a: plain text\n",
        "a: 'it''s quoted'\n",
        'a: "tab\\t, \\"quoted\\", \\u00e9, \\x41 and é"\n',
        "a: |\n  port 6379\n\n  save 900 1\n",
        "a: |-\n  port 6379\n",
        "a: |+\n  port 6379\n\n\n",
        "a: |2\n    port 6379\n  save 900 1\n",
        "a:\n    |4-\n        port 6379\n",
        "a: >\n  redis-server\n  --port 6379\n\n  --save 1 2\n    more\n  end\n",
        "a: >-\n  one\n  two\n",
        "a: plain over\n  two lines\n\n  and more\n",
        "a: 'quoted over\n  two ''lines'''\n",
        'a: "over\n  two\\\n  lines"\n',
        "a: !Ref Port\n",
        "a: &anchor port\n",
        "a: |\r\n  port 6379\r\n  save 1 2\r\n",
        "é: 'ünï'\n",
        "\ufeffa: b\n",
        '{"a": "json \\/ text"}',
    ],
)
def test_every_byte_of_a_scalar_stands_where_the_file_has_it(text: str) -> None:
    node, found = value(text)
    assert found.data.decode() == node.text
    for inner, outer in exact(found):
        folded = not inner.strip() and not outer.strip(b" \t\r\n\\")
        escape = outer.startswith(b"\\") or outer == b"''"
        assert inner == outer or folded or escape, (inner, outer)


def test_a_place_within_a_block_is_behind_its_indentation() -> None:
    text = "data:\n  redis.conf: |\n    port 6379\n    appendonly yes\n"
    node = documents(parse(text, "x.yaml"))[0].get("data", "redis.conf")
    assert node is not None
    host, start, end = passage(node).extent(21, 24)
    assert host.data[start:end] == b"yes"
    assert host.span(start, end)[1:] == (4, 16, 4, 19)


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")), max_size=12
)


@given(st.lists(words, min_size=1, max_size=6))
def test_any_block_reads_as_the_parser_reads_it(lines: list[str]) -> None:
    text = "a:\n  b: |\n" + "".join(f"    .{line}\n" for line in lines)
    node = documents(parse(text, "x.yaml"))[0].get("a", "b")
    assert node is not None
    found = passage(node)
    assert found.data.decode() == node.text
    assert all(inner == outer for inner, outer in exact(found))


def test_an_alias_is_the_node_itself_and_a_bomb_costs_nothing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    root = documents(parse("\n".join(lines), "x.yaml"))[0]
    last = root.get("a29")
    assert last is not None
    assert len({id(item) for item in last.items}) == 1


def test_merged_keys_come_after_own_ones() -> None:
    text = "base: &b {image: redis, command: x}\nsvc:\n  <<: *b\n  command: y\n"
    service = documents(parse(text, "x.yaml"))[0].get("svc")
    assert service is not None
    assert [(name, node.text) for name, node in service.entries()] == [
        ("command", "y"),
        ("image", "redis"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 5000, "nested deeper than 200 levels"),
        ("a: *nobody\n", "nobody"),
        ("a: [1, 2\n", "did not find expected"),
        ("a: \x01\n", "control characters are not allowed"),
        ("a: b: c\n", "mapping values are not allowed"),
    ],
)
def test_what_is_no_yaml_is_one_error(text: str, reason: str) -> None:
    with pytest.raises(NodeError, match=reason) as error:
        documents(parse(text, "x.yaml"))
    assert "\n" not in error.value.reason


def test_bytes_that_are_no_text_are_an_error_with_a_place() -> None:
    with pytest.raises(NodeError, match="not UTF-8") as error:
        documents(parse(b"a: \xff\n", "x.yaml"))
    assert error.value.offset == 3


@given(st.text(max_size=60))
def test_any_text_is_nodes_or_one_error(text: str) -> None:
    try:
        roots = documents(parse(text, "x.yaml"))
    except NodeError:
        return
    pending = list(roots)
    while pending:
        node = pending.pop()
        pending += [*node.items, *(n for pair in node.pairs for n in pair)]
        if node.kind == SCALAR:
            assert passage(node).data.decode("utf-8", "surrogatepass") == node.text

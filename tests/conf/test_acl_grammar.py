"""The one-pass reading of ACL rules against their grammar, on arbitrary bytes."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from redislint.conf import acl_grammar, acl_rules
from redislint.model import Server

DIALECTS = [
    acl_rules.dialect(Server.parse(text))
    for text in ("redis-6.0", "redis-6.2", "redis-7.0", "redis-7.2", "redis-8.6", "valkey-9.1")
]
PIECES = [
    *b"on OFF reset nopass allkeys ~* &* +@all -@ALL alldbs db= DB=1, db=0,2".split(),
    *b"clearselectors sanitize-payload resetchannels > # < ! ~ % %R %rw~ %W~a %RR".split(),
    *b"%~ %R~ & + - +@ -@read +get +config|get ( ) () (~a (on) a) b".split(),
    *(b"", b"\0", b"\xff", b" ", b"\n", b"\t", b'"', b"\xb5"),
]

words = st.lists(st.sampled_from(PIECES), max_size=4).map(b"".join) | st.binary(max_size=6)


@given(words, st.sampled_from(DIALECTS))
@example(b"%RW", DIALECTS[2])
@example(b"+@all\0|x", DIALECTS[0])
@example(b"(\n)", DIALECTS[3])
def test_a_rule_reads_the_same(text: bytes, dialect: acl_rules.AclDialect) -> None:
    assert acl_rules.classify(text, dialect) == acl_grammar.classify(text, dialect)


@given(st.lists(words, max_size=6), st.sampled_from(DIALECTS))
@example([b"(a", b"(b", b"c)"], DIALECTS[2])
@example([b"(a", b"x\0)", b"c)"], DIALECTS[3])
def test_words_join_to_the_same_rules(texts: list[bytes], dialect: acl_rules.AclDialect) -> None:
    merged, unmatched = acl_rules.merge(texts, dialect)
    expected = acl_grammar.rules(texts, dialect)
    assert (expected is None) == (unmatched is not None)
    if expected is not None:
        assert [rule.text for rule in merged] == expected


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_merged_rule_knows_its_arguments(dialect: acl_rules.AclDialect) -> None:
    merged, _ = acl_rules.merge([b"on", b"(~a", b"+get", b"+set)"], dialect)
    text = merged[-1].text
    last = merged[-1].argument_at(text.index(b"+set"))
    assert last == 3
    if dialect.selectors:
        assert [merged[-1].argument_at(text.index(part)) for part in (b"~a", b"+get")] == [1, 2]

from __future__ import annotations

import pytest

from redislint.policy.template import TemplateError, redis_text, show, split


@pytest.mark.parametrize(
    ("template", "pieces"),
    [
        ("plain", ["plain"]),
        ("a {x.y} b", ["a ", ("x.y", "", 3), " b"]),
        ("{x:bytes}", [("x", "bytes", 1)]),
        ("{x ? 'a' : 'b'}", [("x ? 'a' : 'b'", "", 1)]),
        ("{x ? a : b}", [("x ? a : b", "", 1)]),
        ('{config["a}b"]}!', [('config["a}b"]', "", 1), "!"]),
        ("{{literal}} {x}", ["{literal} ", ("x", "", 13)]),
        ("{ {'a': 1}.a }", [("{'a': 1}.a", "", 1)]),
        (r"{'it\'s}'}", [(r"'it\'s}'", "", 1)]),
    ],
)
def test_split(template: str, pieces: list[object]) -> None:
    assert split(template) == pieces


@pytest.mark.parametrize(
    ("template", "message", "offset"),
    [
        ("a {x", "'{' is not closed: write '{{' for a brace in the text", 2),
        ("a } b", "'}' without '{': write '}}' for a brace in the text", 2),
        ("a {} b", "nothing stands between the braces", 2),
        ("{x:byte}", "unknown form 'byte': expected one of bytes, duration, percent", 3),
    ],
)
def test_bad_templates(template: str, message: str, offset: int) -> None:
    with pytest.raises(TemplateError) as caught:
        split(template)
    assert (str(caught.value), caught.value.offset) == (message, offset)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (True, "", "yes"), (False, "", "no"), (None, "", "nothing"), ("", "", '""'),
        ("every\x1b[31msec", "", "every\ufffd[31msec"), (3, "", "3"), (3.0, "", "3"),
        (2.5, "", "2.5"), (0.001, "", "0.001"), (float("inf"), "duration", "unbounded"),
        (536870912, "bytes", "512mb"), (1536, "bytes", "1.5kb"), (100, "bytes", "100 bytes"),
        (1 << 40, "bytes", "1tb"), (150, "duration", "2m30s"), (3600.0, "duration", "1h"),
        (90061, "duration", "1d1h"), (0, "duration", "0s"), (0.5, "duration", "500ms"),
        (0.25, "percent", "25%"), (["a", 1], "", "a, 1"), ([], "", "none"),
        ([{"seconds": 900, "changes": 1}, {"seconds": 60, "changes": 9}], "", "900 1 60 9"),
        ({"hard": 1, "soft": 2}, "", "hard 1, soft 2"), (float("nan"), "", "unknown"),
    ],
)  # fmt: skip
def test_show(value: object, form: str, text: str) -> None:
    assert show(value, form) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"), (False, "no"), (1024, "1024"), (2.0, "2"), ("always", "always"), ("", '""'),
        ([], '""'), (["127.0.0.1", "::1"], "127.0.0.1 ::1"),
        ([{"seconds": 3600, "changes": 1}], "3600 1"),
    ],
)  # fmt: skip
def test_redis_text(value: object, text: str) -> None:
    assert redis_text(value) == text

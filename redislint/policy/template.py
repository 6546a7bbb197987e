"""Messages with values in them: `appendfsync {config["appendfsync"]} can lose ...`.

What stands in braces is CEL; a brace of the text itself is written twice. After a
colon stands how to show the value: `{memory.limit:bytes}` as `512mb`,
`{persistence.rewrite_time:duration}` as `2m30s`. Without it a value is shown as Redis
writes it: yes and no, save points as `900 1`, an unbounded number as `unbounded`.
"""

from __future__ import annotations

from typing import Any

FORMS = ("bytes", "duration", "percent")

_UNITS = ((1 << 40, "tb"), (1 << 30, "gb"), (1 << 20, "mb"), (1 << 10, "kb"))
_TIMES = ((86_400, "d"), (3_600, "h"), (60, "m"))


class TemplateError(ValueError):
    """The message cannot be read; `offset` is where, from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def split(template: str) -> list[str | tuple[str, str, int]]:
    """The pieces of a message: texts, and (expression, form, offset of the expression).

    Raises TemplateError for a brace without its partner or an unknown form.
    """
    pieces: list[str | tuple[str, str, int]] = []
    text = ""
    at = 0
    while at < len(template):
        character = template[at]
        if character in "{}" and template[at : at + 2] == character * 2:
            text += character
            at += 2
        elif character == "}":
            raise TemplateError("'}' without '{': write '}}' for a brace in the text", at)
        elif character == "{":
            if text:
                pieces.append(text)
                text = ""
            end = _closing(template, at)
            expression, form = _form(template[at + 1 : end], at + 1)
            if not expression.strip():
                raise TemplateError("nothing stands between the braces", at)
            pieces.append((expression.strip(), form, at + 1))
            at = end + 1
        else:
            text += character
            at += 1
    if text:
        pieces.append(text)
    return pieces


def _closing(template: str, start: int) -> int:
    """Where the brace at `start` closes, strings and inner braces skipped."""
    depth = 0
    quote = ""
    at = start
    while at < len(template):
        character = template[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise TemplateError("'{' is not closed: write '{{' for a brace in the text", start)


def _form(inside: str, offset: int) -> tuple[str, str]:
    expression, colon, form = inside.rpartition(":")
    form = form.strip()
    if not colon or not form.isalpha() or not form.islower() or "?" in expression:
        return inside, ""
    if form not in FORMS:
        raise TemplateError(
            f"unknown form '{form[:30]}': expected one of {', '.join(FORMS)}",
            offset + len(expression) + 1,
        )
    return expression, form


def show(value: Any, form: str = "") -> str:
    """A value as a message shows it, on one line. `form` is one of `FORMS` or ""."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return _number(value, form)
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, dict) and "seconds" in item for item in value):
            return " ".join(f"{show(item['seconds'])} {show(item['changes'])}" for item in value)
        return ", ".join(show(item, form) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {show(item)}" for name, item in value.items()) or "none"
    text = str(value)
    return "".join(c if c.isprintable() else "\ufffd" for c in text) or '""'


def _number(value: int | float, form: str) -> str:
    if value != value:
        return "unknown"
    if value in (float("inf"), float("-inf")):
        return "unbounded"
    if form == "bytes":
        return _bytes(value)
    if form == "duration":
        return _duration(value)
    if form == "percent":
        return f"{_plain(value * 100)}%"
    return _plain(value)


def _plain(value: int | float) -> str:
    if isinstance(value, int) or value == int(value):
        return str(int(value))
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.01 else f"{value:.2g}"


def _bytes(value: int | float) -> str:
    """Bytes in Redis's own units (`kb` is 1024); two digits after the point at most."""
    for size, unit in _UNITS:
        if abs(value) >= size:
            return f"{_plain(round(value / size, 2))}{unit}"
    return f"{_plain(value)} bytes"


def _duration(value: int | float) -> str:
    """Seconds as `90s`, `2m30s`, `1h`, `3d`."""
    if value < 1:
        return f"{_plain(value * 1000)}ms" if value else "0s"
    rest = value
    parts = []
    for size, unit in _TIMES:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{int(count)}{unit}")
    if rest:
        parts.append(f"{_plain(rest)}s")
    return "".join(parts[:2])


def redis_text(value: Any) -> str:
    """A value as a configuration file states it: `yes`, `536870912`, `900 1 300 10`, `""`."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, dict) and "seconds" in item for item in value):
            return " ".join(f"{item['seconds']} {item['changes']}" for item in value)
        return " ".join(map(redis_text, value)) or '""'
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value) or '""'

"""Reads Prometheus' text format strictly, as its collector does; written from the format's
description, so that a test does not trust the writer about it."""

from __future__ import annotations

import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
_SAMPLE = re.compile(rf"({_NAME})\{{(.*)\}} (NaN|[+-]?Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)")
_SUFFIXES = {"gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def parse(text: str) -> Samples:
    """Every sample by its name and sorted labels. Raises ValueError for what is no exposition."""
    if not text.endswith("\n"):
        raise ValueError("no line feed at the end")
    found: Samples = {}
    kinds: dict[str, str] = {}
    helped: set[str] = set()
    current = ""
    for line in text.removesuffix("\n").split("\n"):
        if match := re.fullmatch(rf"# HELP ({_NAME}) \S.*", line):
            current = match[1]
            if current in helped:
                raise ValueError(f"HELP twice: {current}")
            helped.add(current)
        elif match := re.fullmatch(rf"# TYPE ({_NAME}) (gauge|histogram)", line):
            if match[1] != current or current in kinds:
                raise ValueError(f"TYPE without its HELP, or twice: {line}")
            kinds[current] = match[2]
        else:
            name, labels, value = _sample(line)
            if name not in {current + suffix for suffix in _SUFFIXES[kinds[current]]}:
                raise ValueError(f"outside its metric: {line}")
            if (name, labels) in found:
                raise ValueError(f"twice: {line}")
            found[name, labels] = value
    return found


def _sample(line: str) -> tuple[str, tuple[tuple[str, str], ...], float]:
    match = _SAMPLE.fullmatch(line)
    if not match:
        raise ValueError(f"no sample: {line!r}")
    labels: dict[str, str] = {}
    rest = match[2]
    while rest:
        label = _LABEL.match(rest)
        if not label or label[1] in labels or label[1].startswith("__"):
            raise ValueError(f"labels: {line!r}")
        labels[label[1]] = re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], label[2])
        rest = rest[label.end() :]
        if rest and not rest.startswith(","):
            raise ValueError(f"labels: {line!r}")
        rest = rest.removeprefix(",")
    return match[1], tuple(sorted(labels.items())), float(match[3])

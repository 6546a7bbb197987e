"""What a SARIF file must hold: the structure of the standard, and GitHub's demands.

The official schema is not part of the project; where the folder of measured data stands
beside it, the tests use that copy as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

Json = Any

LEVELS = {"none", "note", "warning", "error"}
_URI = re.compile(r"(?:[A-Za-z0-9._~/!$&'()*+,;=@-]|%[0-9A-F]{2})+")
_LINE_HASH = re.compile(r"[0-9a-f]{1,16}:[1-9][0-9]*")


def problems(log: Json) -> list[str]:
    """Everything that is wrong with a SARIF log; empty when it is as it should be."""
    return list(_log(log))


def _log(log: Json) -> Iterator[str]:
    if log.get("version") != "2.1.0" or "sarif-schema-2.1.0" not in log.get("$schema", ""):
        yield "version or $schema"
    if not 1 <= len(log["runs"]) <= 20:
        yield f"{len(log['runs'])} runs"
    categories = [run["automationDetails"]["id"] for run in log["runs"]]
    if len(set(categories)) != len(categories):
        yield f"a category twice: {categories}"
    for run in log["runs"]:
        yield from _run(run)


def _run(run: Json) -> Iterator[str]:
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    if len({rule["id"] for rule in rules}) != len(rules):
        yield "a rule twice"
    for rule in rules:
        yield from (f"{rule['id']}: {problem}" for problem in _rule(rule))
    results = run["results"]
    if len(results) > 5000:
        yield f"{len(results)} results"
    if run["columnKind"] != "unicodeCodePoints":
        yield "columnKind"
    for member in ("suppressions", "baselineState"):
        if len({member in result for result in results}) > 1:
            yield f"{member} on some results only"
    for result in results:
        yield from (f"{result['ruleId']}: {problem}" for problem in _result(result, rules))
    own = [result["partialFingerprints"]["redislint/v1"] for result in results]
    if len(set(own)) != len(own):
        yield "a fingerprint twice"
    if "[redacted]" in str(results) and run.get("redactionTokens") != ["[redacted]"]:
        yield "redactionTokens are missing"
    if not _unique(run["artifacts"]):
        yield "an artifact twice"
    yield from _invocation(run["invocations"][0], driver)


def _rule(rule: Json) -> Iterator[str]:
    for member in ("shortDescription", "fullDescription", "help"):
        text = rule[member]["text"]
        if not text.strip() or _units(text) > 1024:
            yield f"{member} of {_units(text)} characters"
    if not rule["help"]["markdown"].strip():
        yield "help.markdown"
    if not 0 < len(rule["name"]) <= 255:
        yield "name"
    if rule["defaultConfiguration"]["level"] not in LEVELS:
        yield "level"
    if len(rule["properties"]["tags"]) > 20:
        yield "tags"
    security = rule["properties"].get("security-severity")
    if security is None:
        if rule["properties"]["problem.severity"] not in {"error", "warning", "recommendation"}:
            yield "problem.severity"
    elif not 0 < float(security) <= 10:
        yield f"security-severity {security}"


def _result(result: Json, rules: Json) -> Iterator[str]:
    if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
        yield "ruleIndex"
    if result["level"] not in LEVELS:
        yield "level"
    text = result["message"]["text"]
    if not text.strip() or _units(text) > 1024 or "\n" in text:
        yield "message"
    if not _LINE_HASH.fullmatch(result["partialFingerprints"]["primaryLocationLineHash"]):
        yield "primaryLocationLineHash"
    if len(result["locations"]) != 1:
        yield "locations"
    if not _unique(result["locations"][0].get("logicalLocations", ())):
        yield "logicalLocations"
    for location in (*result["locations"], *result.get("relatedLocations", ())):
        yield from _place(location["physicalLocation"])
    for fix in result.get("fixes", ()):
        uris = [change["artifactLocation"]["uri"] for change in fix["artifactChanges"]]
        if len(set(uris)) != len(uris) or not uris:
            yield "artifactChanges"
        for change in fix["artifactChanges"]:
            yield from _artifact(change["artifactLocation"])
            for replacement in change["replacements"]:
                yield from _region(replacement["deletedRegion"])


def _place(place: Json) -> Iterator[str]:
    yield from _artifact(place["artifactLocation"])
    yield from _region(place["region"])


def _artifact(location: Json) -> Iterator[str]:
    uri = location["uri"]
    parts = urlsplit(uri)
    if parts.scheme == "file":
        if "uriBaseId" in location or not parts.path.startswith("/") or parts.netloc:
            yield f"absolute uri {uri!r}"
        return
    if not _URI.fullmatch(uri) or uri.startswith(("/", "./")) or parts.scheme:
        yield f"uri {uri!r}"
    if location.get("uriBaseId") != "%SRCROOT%":
        yield "uriBaseId"
    if "\0" in unquote(uri, errors="replace") and "%00" not in uri:
        yield "NUL"


def _region(region: Json) -> Iterator[str]:
    start = region["startLine"], region["startColumn"]
    end = region["endLine"], region["endColumn"]
    if min(*start, *end) < 1 or end < start:
        yield f"region {region}"


def _invocation(invocation: Json, driver: Json) -> Iterator[str]:
    notifications = invocation["toolExecutionNotifications"]
    broken = any(notification["level"] == "error" for notification in notifications)
    if invocation["executionSuccessful"] is broken:
        yield "executionSuccessful"
    for notification in notifications:
        descriptor = notification["descriptor"]
        if driver["notifications"][descriptor["index"]]["id"] != descriptor["id"]:
            yield "descriptor"
        if not notification["message"]["text"]:
            yield "message of a notification"
        if not _unique(notification.get("locations", ())):
            yield "locations of a notification"
        rule = notification.get("associatedRule", {})
        if "index" in rule and driver["rules"][rule["index"]]["id"] != rule["id"]:
            yield "associatedRule"


def _unique(items: Any) -> bool:
    return len({json.dumps(item) for item in items}) == len(items)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2

"""`redislint fleet history`: what became of findings from run to run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from redislint.cli.errors import CommandError
from redislint.cli.options import Word, color_option
from redislint.cli.output import wants_color, write_stdout

if TYPE_CHECKING:
    from redislint.fleet.history.model import Known, Look, Place, Told
    from redislint.reports.style import Style

SCHEMA = "redislint-fleet-history-1"

EPILOG = """\b
Examples:
  redislint fleet history                        the runs, the newest first
  redislint fleet history cache-7                what became of a target
  redislint fleet history RL401                  where a rule found something, since when
  redislint fleet history --inventory prod.yaml --format json
"""


@click.command("history", epilog=EPILOG)
@click.argument("word", required=False, metavar="[TARGET|RULE]")
@click.option(
    "--inventory",
    default="inventory.yaml",
    show_default=True,
    metavar="FILE",
    help="The inventory whose history is asked.",
)
@click.option(
    "--history", "url", metavar="URL", help="This history, not the one that the inventory names."
)
@click.option("--fleet", metavar="NAME", help="The fleet, where --history keeps several.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="How many runs, looks and fixed findings are listed; 0: all.",
)
@click.option(
    "--format", "format_", type=Word(("text", "json")), default="text", help="text or json."
)
@color_option
def history(
    word: str | None,
    inventory: str,
    url: str | None,
    fleet: str | None,
    limit: int,
    format_: str,
    color: bool | None,
) -> None:
    """Show what became of findings from run to run.

    Without a word the runs are listed; the name or id of a target shows its looks and
    findings, the id or name of a rule the findings that it has had anywhere.
    """
    from redislint.fleet.history import History, HistoryError
    from redislint.fleet.secrets import SecretError
    from redislint.reports.style import Style

    runs: Sequence[Told] = ()
    places: Sequence[Place] = ()
    findings: Sequence[Known] = ()
    try:
        where, name = _where(inventory, url)
        with History.open(where, fleet or name, create=False) as store:
            if url is not None:
                store.fleet = _fleet(fleet, store.fleets(), store.shown)
            if word is None:
                runs = store.runs(limit)
            else:
                places = store.places(word, limit)
                findings = () if places else _bounded(store.of_rule(word), limit)
                if not places and not findings:
                    raise CommandError(_unknown(word, store.words()))
            named = store.fleet
    except SecretError as error:
        raise CommandError(f"the history: {error}") from None
    except HistoryError as error:
        raise CommandError(str(error)) from None
    if format_ == "json":
        write_stdout(_json(named, runs, places, findings))
        return
    style = Style(wants_color(color))
    lines = [*_runs(runs, style), *_places(places, style, limit), *_findings(findings, style)]
    write_stdout("".join(f"{line.rstrip()}\n" for line in lines))


def _where(inventory: str, url: str | None) -> tuple[str, str]:
    """The URL of the history and the name of its fleet."""
    from redislint.fleet.history import located

    name = os.path.splitext(os.path.basename(inventory))[0]
    if url is not None:
        return located(url, "-"), name
    from redislint.fleet.inventory import load
    from redislint.fleet.model import Secret
    from redislint.fleet.secrets import fetch

    setting = load(inventory).history
    return located(fetch(setting) if isinstance(setting, Secret) else setting, inventory), name


def _fleet(asked: str | None, known: Sequence[str], shown: str) -> str:
    """The fleet that is meant. Raises CommandError where that is not clear."""
    if asked is None and len(known) == 1:
        return known[0]
    if asked in known:
        return str(asked)
    names = ", ".join(known) or "none yet"
    what = "which of its fleets is meant: --fleet" if asked is None else f"no fleet '{asked}'"
    raise CommandError(f"{shown}: {what}: it has {names}")


def _unknown(word: str, words: Sequence[str]) -> str:
    from redislint.policy.errors import did_you_mean, quote

    near = did_you_mean(word, words)
    return f"no target or finding of a rule {quote(word)} is in the history{near}"


def _bounded(found: Sequence[Known], limit: int) -> Sequence[Known]:
    """All findings that are there, and the `limit` that went last."""
    gone = sorted((one for one in found if one.gone_at), key=lambda one: one.gone_at)[::-1]
    return [*(one for one in found if not one.gone_at), *(gone[:limit] if limit else gone)]


def _json(
    fleet: str, runs: Sequence[Told], places: Sequence[Place], findings: Sequence[Known]
) -> str:
    import json

    data = {
        "schema": SCHEMA,
        "fleet": fleet,
        "runs": [
            {**told.run._asdict(), "complete": told.complete, **_point(told)} for told in runs
        ],
        "targets": [
            {
                **place._asdict(),
                "looks": [look._asdict() for look in place.looks],
                "findings": [one._asdict() for one in place.findings],
            }
            for place in places
        ],
        "findings": [one._asdict() for one in findings],
    }
    return json.dumps(data, indent=2) + "\n"


def _point(told: Told) -> dict[str, Any]:
    point = told.point._asdict()
    return {key: point[key] for key in point if key not in ("run", "started")}


def _runs(runs: Sequence[Told], style: Style) -> Iterator[str]:
    if not runs:
        return
    yield style.bold(
        f"{'RUN':<24} {'STARTED':<20} {'AUDITED':>7} {'PARTIAL':>7} {'UNREACHABLE':>11}"
        f" {'ERRORS':>6} {'WARNINGS':>8} {'INFOS':>5} {'NEW':>5} {'FIXED':>5} {'SCORE':>5}"
    )
    for told in runs:
        targets, found = told.point.targets, told.point.findings
        score = "-" if told.point.score is None else f"{told.point.score:.1f}"
        yield (
            f"{told.run.id:<24} {told.run.started:<20} {targets['audited']:>7}"
            f" {targets['partial']:>7} {targets['unreachable']:>11} {found['error']:>6}"
            f" {found['warning']:>8} {found['info']:>5} {told.point.new:>5}"
            f" {told.point.fixed:>5} {score:>5}{'' if told.complete else '  interrupted'}"
        )


def _places(places: Sequence[Place], style: Style, limit: int) -> Iterator[str]:
    from redislint.reports.escape import printable

    for number, place in enumerate(places):
        if number:
            yield ""
        name = place.entry if place.entry == place.target else f"{place.entry} ({place.target})"
        yield style.bold(printable(name))
        ended = f", left the inventory {place.gone_at}" if place.gone_at else ""
        yield f"  first seen {place.first_seen}, last seen {place.last_seen}{ended}"
        for one in _bounded(place.findings, limit):
            yield f"  {_finding(one, style)}"
        for look in place.looks:
            yield f"  {_look(look)}"


def _look(look: Look) -> str:
    from redislint.reports.escape import printable

    score = "" if look.score is None else f", score {look.score:.1f}"
    counts = ", ".join(f"{count} {name}" for name, count in look.findings.items() if count)
    reason = f": {printable(look.reason)}" if look.reason else ""
    return f"{look.at}  {look.status}{score}{', ' if counts else ''}{counts}{reason}"


def _findings(findings: Sequence[Known], style: Style) -> Iterator[str]:
    from redislint.reports.escape import printable

    for one in findings:
        where = one.entry if one.entry == one.target else f"{one.entry} ({one.target})"
        yield f"{printable(where)}: {_finding(one, style)}"


def _finding(one: Known, style: Style) -> str:
    from redislint.model import Severity
    from redislint.reports.escape import printable

    past = {
        "fixed": f"fixed {one.gone_at}, first seen {one.first_seen}",
        "left": f"target left {one.gone_at}, first seen {one.first_seen}",
    }.get(one.state, f"{one.state} since {one.since}, last seen {one.last_seen}")
    severity = style.severity(Severity(one.severity), one.severity)
    waived = ", waived" if one.waived else ""
    return f"{severity} {one.rule} {one.name} [{past}{waived}]: {printable(one.message)}"

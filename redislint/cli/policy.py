"""`redislint policy`: test and validate policy files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from redislint.cli import exits
from redislint.cli.errors import CommandError
from redislint.cli.options import Word
from redislint.cli.output import write_stdout

if TYPE_CHECKING:
    from redislint.policy.rules import Rule
    from redislint.policy.testing import Coverage, Result

EPILOG = """\b
Examples:
  redislint policy validate policies/
  redislint policy test                        the project's rules, else the built-in ones
  redislint policy test team-rules.yaml
  redislint policy test --format junit > policy.xml
"""


@click.group(epilog=EPILOG)
def policy() -> None:
    """Test and validate policy files.

    PATH is a policy file or a directory of them. Without one the policies that the
    project's redislint.yaml names are meant, and where it names none, the built-in ones.
    """


_paths = click.argument("paths", nargs=-1, metavar="[PATH]...")


@policy.command()
@_paths
def validate(paths: tuple[str, ...]) -> int:
    """Check policy files: every mistake with its place and the nearest right name."""
    policies = paths or _projects()[0]
    rules = _load(policies)
    files = len({rule.path for rule in rules})
    write_stdout(f"{_count(len(rules), 'rule')} in {_count(files, 'file')}: valid\n")
    if not policies:
        write_stdout(f"{_check_tables()}: valid\n")
    return exits.OK


def _check_tables() -> str:
    """What the built-in tables that age hold, in words. Raises PolicyError for a mistake."""
    from redislint.facts.aging import TABLES
    from redislint.policy.aging import check
    from redislint.resources import read_table

    rows = sum(check(read_table(name), f"policies/tables/{name}.json", name) for name in TABLES)
    return f"{_count(rows, 'row')} in {_count(len(TABLES), 'table')}"


@policy.command()
@_paths
@click.option(
    "--format",
    "format_",
    type=Word(("text", "junit")),
    default="text",
    help="What goes to standard output.",
)
@click.option("--output", metavar="FILE", help="Write JUnit XML to a file as well.")
@click.option("--workloads", "own", multiple=True, metavar="FILE", help="Further workloads.")
def test(paths: tuple[str, ...], format_: str, output: str | None, own: tuple[str, ...]) -> int:
    """Run the examples of every rule.

    A rule needs an example that fails and one that passes, and both must end so.
    """
    from redislint.audit.examples import ExampleRunner
    from redislint.policy import testing
    from redislint.policy.library import workloads

    policies, tags = ((), ()) if paths else _projects()
    rules = _load(paths or policies)
    results = testing.run(rules, ExampleRunner(workloads((*tags, *own))))
    covered = testing.coverage(results)
    if output:
        _write(output, testing.junit(results, covered))
    if format_ == "junit":
        write_stdout(testing.junit(results, covered))
    else:
        write_stdout(_report(results, covered))
    failed = any(result.problem for result in results) or any(item.problem for item in covered)
    return exits.FINDINGS if failed else exits.OK


def _projects() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The policy and workload files that the project's redislint.yaml names, as paths.

    Raises PolicyError for a broken one.
    """
    from redislint.policy.discovery import discover

    found = discover(os.curdir)
    if found is None:
        return (), ()
    from redislint.policy.project import load

    project = load(found, os.path.relpath(found))
    return tuple(map(os.path.relpath, project.policies)), project.workloads


def _load(paths: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of the paths, none of them from a cache. Raises PolicyError."""
    from redislint.audit.vocabulary import vocabulary
    from redislint.policy.library import builtin_policy, load_files, policy_files
    from redislint.policy.reading import read_bytes
    from redislint.resources import policies_dir

    folder = policies_dir().resolve()
    files = []
    for path in paths or (os.path.relpath(folder),):
        found = policy_files(path)
        if not found:
            raise CommandError(f"{path}: holds no policy file (*.yaml)", exits.NOTHING)
        files += [(os.path.normpath(file), read_bytes(file, file)) for file in found]
    inside = all(Path(path).resolve().is_relative_to(folder) for path, _ in files)
    others = () if inside else builtin_policy().values()
    return load_files(files, vocabulary(), others)


def _report(results: Sequence[Result], covered: Sequence[Coverage]) -> str:
    lines = []
    for result in results:
        if result.problem:
            rule = result.rule
            lines.append(f"{result.place}: {rule.id} {rule.name}, {result.title}: {result.problem}")
    for item in covered:
        if item.problem:
            lines.append(f"{item.rule.path}:{item.rule.line}: {item.problem}")
    failed = sum(bool(result.problem) for result in results)
    both = sum(not item.problem for item in covered)
    lines.append(
        f"{_count(len(results), 'example')} of {_count(len(covered), 'rule')}:"
        f" {len(results) - failed} right, {failed} wrong;"
        f" {both} of {_count(len(covered), 'rule')} covered both ways"
    )
    return "".join(f"{line}\n" for line in lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{path}: cannot be written: {error.strerror}") from None

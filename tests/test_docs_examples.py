"""Every example in the documentation runs and shows what it says it shows."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from tests import docs_examples
from tests.docs_examples import Example

EXAMPLES = [example for page in docs_examples.pages() for example in docs_examples.examples(page)]
# The README's opening commands set an environment up; .ci/run runs them in its own.
RUN = [example for example in EXAMPLES if not example.exempt and "dev.py" not in example.body]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    docs_examples.sandbox(tmp_path)
    docs_examples.samples(tmp_path)
    return tmp_path


def _of(language: str) -> list[Example]:
    return [example for example in RUN if example.language == language]


@pytest.mark.parametrize("example", _of("sh"), ids=str)
def test_commands_end_as_written(example: Example, place: Path) -> None:
    for command, code in docs_examples.commands(example):
        result = docs_examples.run(command, place)
        assert result.returncode == code, f"{command}\n{result.stdout}"


@pytest.mark.parametrize("example", _of("console"), ids=str)
def test_output_is_as_written(example: Example, place: Path) -> None:
    for command, expected in docs_examples.session(example):
        actual = docs_examples.run(command, place).stdout
        assert docs_examples.matches(expected, actual), (
            f"{command}\n--- written\n{expected}--- shown\n{actual}"
        )


@pytest.mark.parametrize("example", _of("pycon"), ids=str)
def test_python_session_is_as_written(
    example: Example, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    parsed = doctest.DocTestParser().get_doctest(
        example.body, {}, str(example), str(example.path), example.line
    )
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(parsed, out=report.append)
    assert not runner.failures, "".join(report)


def test_readme_opens_with_two_commands(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    opening = text[: text.index("```")].strip().splitlines()
    assert opening[0] == "# redislint"
    assert len([line for line in opening[1:] if line]) <= 1
    first = docs_examples.examples(root / "README.md")[0]
    assert first.language == "sh"
    assert first.body.splitlines() == [
        "python3 dev.py check examples/redis.conf",
        "python3 dev.py test",
    ]


def test_a_reason_stands_where_an_example_is_not_run() -> None:
    assert all(len(example.exempt) > 5 for example in EXAMPLES if example.exempt)


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\nb\n", "a\nc\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\n", True),
        ("a\n...\nd\n", "a\nb\n", False),
        ("", "", True),
        ("", "a\n", False),
    ],
)
def test_output_comparison(expected: str, actual: str, same: bool) -> None:
    assert docs_examples.matches(expected, actual) is same

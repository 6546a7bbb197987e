"""What a template passes to another one of the same repository."""

from __future__ import annotations

import pytest

from tests.sources.iac.conftest import Make, Repository

CHILD = """\
Parameters:
  Days: {Type: Number, Default: 0}
  Token: {Type: String, NoEcho: true, Default: ''}
Resources:
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      SnapshotRetentionLimit: !Ref Days
      AuthToken: !Ref Token
"""


def parent(value: str, url: str = "./cache.yaml", name: str = "Redis") -> str:
    return (
        f"  {name}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
        f"      TemplateURL: {url}\n      Parameters: {{Days: {value}, Token: hunter2hunter2}}\n"
    )


def days(found: Repository) -> object:
    fact = found.target("Resources.Cache").facts.get("backup.retention_days")
    return None if fact is None else fact.value


START = "Description: all around Redis\nResources:\n"


@pytest.mark.parametrize(
    ("stacks", "expected"),
    [
        ([], 0),
        ([parent("7")], 7),
        ([parent("7", "https://example.com/cache.yaml")], 0),
        ([parent("7", "other.yaml")], 0),
        ([parent("!Ref Nothing")], None),
        ([parent("7"), parent("7", name="B")], 7),
        ([parent("7"), parent("1", name="B")], None),
        ([parent("!If [Prod, 7, 1]")], None),
    ],
)
def test_parameters_of_nested_stacks(
    repository: Make, stacks: list[str], expected: int | None
) -> None:
    text = START + ("".join(stacks) or "  Topic: {Type: AWS::SNS::Topic}\n")
    found = repository({"cache.yaml": CHILD, "main.yaml": text})
    assert days(found) == expected
    assert found.spanned("Resources.Cache")[0] == ("SnapshotRetentionLimit", "!Ref Days")
    assert "hunter2" not in repr(found.report)


def test_stacks_that_hold_each_other_end(repository: Make) -> None:
    text = START + parent("!Ref Days", "main.yaml") + parent("3", name="B")
    assert days(repository({"cache.yaml": CHILD, "main.yaml": text})) == 3


def test_an_application_of_sam(repository: Make) -> None:
    text = (
        START + "  Redis:\n    Type: AWS::Serverless::Application\n    Properties:\n"
        "      Location: ./cache.yaml\n      Parameters: {Days: 9}\n"
    )
    assert days(repository({"cache.yaml": CHILD, "template.yaml": text})) == 9

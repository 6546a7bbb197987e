"""Security groups of a template: what they let through to the port of a cache."""

from __future__ import annotations

import pytest

from redislint.audit.run import check
from tests.sources.iac.conftest import Make, Repository

CACHE = "Resources.Cache"
START = """\
Resources:
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      SecurityGroupIds: [!GetAtt Group.GroupId]
"""
GROUP = """\
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: to the cache
      SecurityGroupIngress:
"""


def ranges(found: Repository) -> object:
    fact = found.target(CACHE).facts.get("cloud.ingress")
    return None if fact is None else fact.value


def rule(**more: str) -> str:
    return "        - {" + ", ".join(f"{k}: {v}" for k, v in more.items()) + "}\n"


ANY = {"IpProtocol": "tcp", "FromPort": "6379", "ToPort": "6379", "CidrIp": "0.0.0.0/0"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, ["0.0.0.0/0"]),
        ({"CidrIp": "10.0.0.0/8"}, ["10.0.0.0/8"]),
        ({"IpProtocol": "'-1'"}, ["0.0.0.0/0"]),
        ({"IpProtocol": "udp"}, []),
        ({"FromPort": "22", "ToPort": "22"}, []),
        ({"FromPort": "!Ref Nothing"}, None),
        ({"CidrIp": "!Ref Nothing"}, None),
        ({"CidrIp": "!If [Open, 0.0.0.0/0, 10.0.0.0/8]"}, None),
    ],
)
def test_rules_of_a_group(
    repository: Make, change: dict[str, str], expected: list[str] | None
) -> None:
    found = repository({"cache.yaml": START + GROUP + rule(**{**ANY, **change})})
    assert ranges(found) == expected


def test_rules_that_are_resources_of_their_own(repository: Make) -> None:
    text = START + GROUP.replace("      SecurityGroupIngress:\n", "")
    text += (
        "  Rule:\n    Type: AWS::EC2::SecurityGroupIngress\n    Properties:\n"
        "      GroupId: !Ref Group\n      IpProtocol: tcp\n      FromPort: 0\n"
        "      ToPort: 65535\n      CidrIpv6: ::/0\n"
    )
    found = repository({"cache.yaml": text})
    assert ranges(found) == ["::/0"]


def test_a_port_of_its_own(repository: Make) -> None:
    found = repository({"cache.yaml": START + "      Port: 6380\n" + GROUP + rule(**ANY)})
    assert ranges(found) == []


def test_a_group_from_elsewhere_is_not_known(repository: Make) -> None:
    text = START.replace("!GetAtt Group.GroupId", "sg-123") + GROUP + rule(**ANY)
    found = repository({"cache.yaml": text})
    assert ranges(found) is None
    assert "cloud.ingress" in found.target(CACHE).unknown


def test_the_finding_stands_at_the_range(repository: Make) -> None:
    repository({"cache.yaml": START + GROUP + rule(**ANY)})
    [finding] = check(select=["RL917"]).findings
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (11, 67)

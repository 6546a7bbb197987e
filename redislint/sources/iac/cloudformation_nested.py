"""Stacks within stacks: what a template passes to another one of the same files.

Child:
  Type: AWS::CloudFormation::Stack
  Properties:
    TemplateURL: ./cache.yaml
    Parameters: {NodeType: cache.r7g.large}
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from redislint.sources.iac.branches import either
from redislint.sources.iac.cloudformation_properties import Properties
from redislint.sources.iac.cloudformation_values import Template
from redislint.sources.iac.given import Given

_STACKS = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}
"""The property that names the template of a nested stack."""

MOST_NESTING = 3
"""Deepest stacks within stacks whose parameters are followed."""


def pass_parameters(templates: Sequence[Template]) -> None:
    """Give each template the parameters that those above it pass. What several pass to the
    same one is known where they agree."""
    by_path = {os.path.normpath(one.host.path or ""): one for one in templates}
    for _ in range(MOST_NESTING):
        passed: dict[int, list[dict[str, Given]]] = {}
        for template in templates:
            for path, parameters in _children(template):
                child = by_path.get(path)
                if child is not None and child is not template:
                    passed.setdefault(id(child), []).append(parameters)
        for template in templates:
            template.inputs = _together(passed.get(id(template), []))


def _children(template: Template) -> Iterator[tuple[str, dict[str, Given]]]:
    """The local templates of nested stacks, and the parameters that they get."""
    folder = os.path.dirname(template.host.path or "")
    for node in template.resources.values():
        name = _STACKS.get(node.string("Type"))
        properties = Properties(template, node.get("Properties"))
        url = properties.plain(name) if name is not None else None
        if not isinstance(url, str) or "://" in url:
            continue
        parameters: dict[str, Given] = {}
        for part in properties.whole("Parameters"):
            for key, _ in part.entries() if part is not None else ():
                given = Properties(template, part).value(key)
                if given is not None:
                    parameters[key] = given
        yield os.path.normpath(os.path.join(folder, url)), parameters


def _together(several: Sequence[dict[str, Given]]) -> dict[str, Given]:
    """Parameters that every stack of a template passes."""
    names = set.intersection(*(set(one) for one in several)) if several else set()
    found: dict[str, Given] = {}
    for name in sorted(names):
        given = [one[name] for one in several]
        found[name] = given[0] if len(given) == 1 else either(given, given[-1])
    return found

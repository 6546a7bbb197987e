"""What .gitignore files exclude, nested as git nests them.

pathspec knows the patterns; it is imported when the first .gitignore is met.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from redislint.conf.reading import ReadError, read_file

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class IgnoreRules(NamedTuple):
    """The .gitignore files that apply at one place, outermost first."""

    levels: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    @classmethod
    def above(cls, top: str, root: str) -> IgnoreRules:
        """The rules of the directories from `root` down to, and without, `top`.

        None of them where they exclude `top` itself: somebody asked for it by name.
        """
        rules = cls()
        if top == root:
            return rules
        directory = root
        for part in os.path.relpath(top, root).split("/"):
            rules = rules.within(directory)
            directory = os.path.join(directory, part)
            if rules.excludes(directory, directory=True):
                return cls()
        return rules

    def within(self, directory: str) -> IgnoreRules:
        """These rules and those of the .gitignore in `directory`, if it has one."""
        path = os.path.join(directory, ".gitignore")
        try:
            data = read_file(path, follow=False)
        except ReadError:  # git reads no .gitignore that is a link, a directory, missing
            return self
        return IgnoreRules((*self.levels, (directory, _compile(data))))

    def excludes(self, path: str, *, directory: bool = False) -> bool:
        """Whether the innermost .gitignore that speaks of absolute `path` excludes it."""
        for base, spec in reversed(self.levels):
            relative = os.path.relpath(path, base) + ("/" if directory else "")
            verdict = spec.check_file(relative).include
            if verdict is not None:
                return verdict
        return False


def _compile(data: bytes) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    lines = data.decode("utf-8", "surrogateescape").splitlines()
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # git passes over a malformed pattern, pathspec refuses them all
        return GitIgnoreSpec.from_lines(line for line in lines if _valid(line))


def _valid(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True

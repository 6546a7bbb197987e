"""Address ranges that security groups let through to the port of a cache."""

from __future__ import annotations

import ipaddress

from redislint.sources.iac.given import Given
from redislint.sources.iac.managed import Ingress

_EVERYWHERE = ("0.0.0.0/0", "::/0")
_TCP = ("tcp", "6")
_ALL = ("-1", "all")


class Ranges:
    """The ranges of some groups as they are found. `whole`: whether these are all."""

    def __init__(self) -> None:
        self._found: dict[str, Given] = {}
        self.whole = True

    def note(self, given: Given) -> None:
        """One range; null is none at all."""
        if given.value is None:
            return
        if not isinstance(given.value, str) or not _is_network(given.value):
            self.whole = False
            return
        self._found.setdefault(given.value, given)

    def result(self) -> Ingress | None:
        """What reaches the port. None where that is not known in whole, unless what is known
        lets everybody through."""
        anywhere = next((self._found[text] for text in _EVERYWHERE if text in self._found), None)
        if not self.whole and anywhere is None:
            return None
        place = anywhere or next(iter(self._found.values()), None)
        return Ingress(tuple(sorted(self._found)), place)


def concerns(protocol: object, first: object, last: object, port: int) -> bool | None:
    """Whether a rule is about a port; None where that is not known. `first` and `last` are
    numbers, None where the rule has none."""
    if not isinstance(protocol, (str, int)):
        return None
    text = str(protocol).lower()
    if text in _ALL:
        return True
    if text not in _TCP:
        return False
    if first is None or last is None:
        return True
    if isinstance(first, int) and isinstance(last, int):
        return first <= port <= last
    return None


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True

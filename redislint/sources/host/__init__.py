"""Facts of the host of Redis and Valkey servers, read from /proc and /sys.

The other modules of this folder need nothing but Python 3.7 or later on Linux and import
nothing of redislint but each other; `script` makes one file of them, to be run where there
is no redislint. What cannot be read is left out of the facts and stands in `unknown` with
the reason. Sizes are bytes, times seconds.
"""

from __future__ import annotations

from redislint.sources.host.collector import collect, main

__all__ = ["collect", "main"]

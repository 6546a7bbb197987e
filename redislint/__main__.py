"""`python -m redislint`: the same as the `redislint` command."""

from __future__ import annotations

from redislint.cli import main

if __name__ == "__main__":
    main()

"""`redislint lsp`: a language server on standard input and output."""

from __future__ import annotations

import click

EPILOG = """\b
An editor starts it; docs/editors.md shows how in VS Code, Neovim and Helix.
Its settings are those of 'redislint check':
  {"server": "redis-7.2", "profile": "strict", "workload": "queue"}
"""


@click.command("lsp", epilog=EPILOG)
@click.option("--stdio", is_flag=True, help="Standard input and output (always; editors say it).")
def lsp(stdio: bool) -> None:
    """Show findings in an editor while one types.

    Speaks the Language Server Protocol for redis.conf, sentinel.conf, ACL files, policy
    files and redislint.yaml.
    """
    import logging

    from redislint.lsp.server import make_server

    # The library logs every message and its traceback; standard error is for the user.
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    make_server().start_io()

"""The one place where failures become a line on standard error and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from redislint.cli import exits
from redislint.reports.escape import printable

DEBUG_VARIABLE = "REDISLINT_DEBUG"


class CommandError(Exception):
    """An expected failure: one line for the user, and the exit code."""

    def __init__(self, message: str, code: int = exits.USAGE) -> None:
        super().__init__(message)
        self.code = code


def say(message: str) -> None:
    """One line on standard error; quiet when nobody can read it."""
    try:
        sys.stderr.write(f"redislint: {printable(message)}\n")
        sys.stderr.flush()
    except OSError:
        return


def guarded(command: click.Command, args: Sequence[str] | None = None) -> int:
    """Run `command` and return the exit code; every exception ends here.

    With REDISLINT_DEBUG set, an unexpected one shows its traceback.
    """
    try:
        arguments = list(sys.argv[1:] if args is None else args)
        result = command.main(arguments, prog_name="redislint", standalone_mode=False)
        return result if isinstance(result, int) else exits.OK
    except (click.exceptions.Abort, KeyboardInterrupt):
        return exits.INTERRUPTED
    except CommandError as error:
        say(str(error))
        return error.code
    except click.UsageError as error:
        say(_usage(error))
        return exits.USAGE
    except click.ClickException as error:
        say(error.format_message())
        return exits.USAGE
    except BrokenPipeError:
        silence_stdout()
        return exits.INCOMPLETE
    except Exception as error:
        return _unexpected(error)


def silence_stdout() -> None:
    """Let nothing more be written to a closed pipe, not even by the interpreter's exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def did_you_mean(word: str, words: Sequence[str]) -> str:
    """`, did you mean 'json'?` for the nearest of `words`, "" where none is near."""
    import difflib

    close = difflib.get_close_matches(word.lower(), words, 1, 0.5)
    return f", did you mean '{close[0]}'?" if close else ""


def _usage(error: click.UsageError) -> str:
    message = " ".join(error.format_message().split())
    if error.ctx is not None and error.ctx.command is not None:
        return f"{message.rstrip('.')}; see '{error.ctx.command_path} --help'"
    return message


def _unexpected(error: Exception) -> int:
    from redislint.policy import PolicyError

    if isinstance(error, PolicyError):
        for line in str(error).splitlines():
            say(line)
        return exits.USAGE
    if isinstance(error, _expected_usage()):
        say(str(error))
        return exits.USAGE
    if os.environ.get(DEBUG_VARIABLE):
        import traceback

        traceback.print_exception(error)
    from redislint.audit.failures import unforeseen

    say(f"{unforeseen(error)} ({DEBUG_VARIABLE}=1 shows the traceback)")
    return exits.INCOMPLETE


def _expected_usage() -> type[Exception]:
    from redislint.audit import UsageError

    return UsageError

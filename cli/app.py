"""Where ./ladder starts: runs a verb, and turns errors into one line and an exit status."""

import os
import sys

import typer

from cli import verbs_device, verbs_results, verbs_simt, verbs_train  # noqa: F401  (they register the verbs)
from cli.console import err
from cli.errors import LadderError, from_os_error, unknown
from cli.options import app

INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """0: done; 1: something was found wrong; 2: bad input, or something is missing here."""
    arguments = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    verbs = [c.name or getattr(c.callback, "__name__", "") for c in app.registered_commands]
    try:
        if arguments and not arguments[0].startswith("-") and arguments[0] not in verbs:
            raise unknown("verb", arguments[0], verbs, "./ladder --help")
        # Completion is registered by this name, which shells find for ./ladder too.
        completing = "_LADDER_COMPLETE" in os.environ or any("-completion" in a for a in arguments[:1])
        status = app(arguments, prog_name="ladder" if completing else "./ladder", standalone_mode=False) or 0
    except LadderError as error:
        return _complain(str(error), error.status)
    except typer.TyperException as error:
        line = " ".join(error.format_message().split())
        help_ = f"./ladder {arguments[0]} --help shows an example" if arguments[0] in verbs else "./ladder --help"
        return _complain(f"{line} ({help_})", 2)
    except BrokenPipeError:  # ./ladder list | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _complain(str(from_os_error(error)), 2)
    if status == INTERRUPTED:
        kept = "; what was finished is kept" if arguments[0] in ("run", "bench", "count") else ""
        goes_on = ": the same command goes on from there" if arguments[0] == "run" else ""
        _complain(f"interrupted{kept}{goes_on}", status)
    return status


def _complain(line: str, status: int) -> int:
    err.print(f"ladder: {line}", markup=False, soft_wrap=True)
    return status

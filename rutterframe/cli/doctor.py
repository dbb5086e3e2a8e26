"""The command ``rutterframe doctor``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Annotated

import typer

from rutterframe.cli.terminal import DialectName, Verbose, as_options, open_demo, plain_errors
from rutterframe.client.diagnose import diagnose
from rutterframe.client.diagnosis import Diagnosis


def doctor(
    *,
    use_demo: Annotated[bool, typer.Option("--demo", help="Check the demo, whatever is set.")] = False,
    dialect: DialectName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
    verbose: Verbose = False,
) -> None:
    """Check credentials, server, dialect, connections and clock, and print what to set.

    Nothing is changed, and no secret printed. The exit code is 1 if something failed, else 0.
    """
    with plain_errors(verbose=verbose):
        if use_demo:
            with open_demo(dialect) as client:
                result = diagnose(client)
        else:
            result = diagnose(dialect=dialect)
        # Each text by itself: JSON would have quotes in it escaped.
        result = Diagnosis(tuple(replace(one, next=as_options(one.next)) for one in result.findings))
        text = json.dumps(result.to_dict(), indent=2) if as_json else repr(result)
        sys.stdout.write(f"{text}\n")
    if not result.ok:
        raise typer.Exit(1)

"""The command ``rutterframe remove PATH --connection ID``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rutterframe.cli.terminal import plain_errors
from rutterframe.notebook.escape import printable


def remove_connection(
    path: Annotated[str, typer.Argument(help="The dataset's folder, or its address.")],
    *,
    connection: Annotated[str, typer.Option(metavar="ID", help="The connection's id, as in the dataset.")],
) -> None:
    """Remove a connection from a dataset, such as one that is closed: nothing counts it any more.

    Versions before stay readable until a vacuum. A refresh of the connection starts anew.
    """
    with plain_errors():
        from rutterframe.dataset import Dataset  # noqa: PLC0415 - deltalake is an extra

        removed = Dataset(path).remove(connection)
        lines = [f"{printable(connection)} was removed. Rows by resource:"]
        for resource, rows in removed[["resource", "rows"]].to_numpy().tolist():
            lines.append(f"  {resource:<16}{'not known' if rows != rows else format(rows, ',')}")  # noqa: PLR0124 - NA
        sys.stdout.write("\n".join(lines) + "\n")

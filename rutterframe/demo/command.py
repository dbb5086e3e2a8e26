"""The command line of the demo server."""
# ruff: noqa: T201 - a command line prints

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from threading import Event

from rutterframe.demo.faults import Fault
from rutterframe.demo.server import DemoServer


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C.

    Parameters
    ----------
    argv : sequence of str or None
        The arguments; None for those of the process.

    Returns
    -------
    int
        0, or 1 after an error, which is one line on stderr.
    """
    arguments = _parser().parse_args(argv)
    try:
        server = DemoServer(
            seed=arguments.seed,
            scale=arguments.scale,
            page_size=arguments.page_size,
            faults=_read_plan(arguments.faults),
            dialect=arguments.dialect,
            host=arguments.host,
            port=arguments.port,
        )
        server.start()
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    try:
        if not _is_loopback(arguments.host):
            print(
                f"warning: listening on {arguments.host}: whoever reaches this machine can read and write",
                file=sys.stderr,
            )
        print(_welcome(server), flush=True)
        _wait()
    except KeyboardInterrupt:
        print("stopped")
    finally:
        server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rutterframe.demo",
        description="Serve the made-up books of two companies, as the Rutter API would.",
    )
    parser.add_argument(
        "--port", type=int, default=8765, help="port to listen on; 0 takes a free one (default: 8765)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--seed", type=int, default=7, help="seed of the random generator of the books (default: 7)"
    )
    parser.add_argument("--scale", type=int, default=1, help="multiplies the volume of trade (default: 1)")
    parser.add_argument(
        "--page-size", type=int, help="rows on a page (default: 50, or what a live request asks for)"
    )
    parser.add_argument(
        "--dialect",
        choices=("contract", "live"),
        default="contract",
        help="names and paths of openapi.yaml, or of the real service (default: contract)",
    )
    parser.add_argument(
        "--faults",
        metavar="FILE.json",
        help='a list of faults such as {"kind": "429", "resource": "invoices"}',
    )
    return parser


def _read_plan(path: str | None) -> list[Fault]:
    """Return the faults of a file.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        It is not a list of faults.
    """
    if path is None:
        return []
    try:
        plan = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(plan, list) or not all(isinstance(fault, dict) for fault in plan):
        raise ValueError(f"{path}: must hold a list of objects")
    faults = []
    for number, fault in enumerate(plan, 1):
        try:
            faults.append(Fault.from_json(fault))
        except ValueError as error:
            raise ValueError(f"{path}: fault {number}: {error}") from error
    return faults


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _welcome(server: DemoServer) -> str:
    connections = server.books.connections
    width = max(map(len, connections))
    rows = [
        f"  {connection:<{width}}  {token}  {connections[connection].status}"
        for connection, token in server.access_tokens.items()
    ]
    first, token = next(iter(server.access_tokens.items()))
    path = "accounting/invoices" if server.dialect == "live" else "invoices"
    user = f"{server.client_id}:{server.client_secret}"
    lines = [
        f"Demo API on {server.url}  (Ctrl-C stops it)",
        "The companies, their books and the credentials below are made up.",
        "",
        f"client id      {server.client_id}",
        f"client secret  {server.client_secret}",
        "",
        "connection, access token, status",
        *rows,
        "",
        f"Try the invoices of {first}:",
        f"curl -u {user} -H 'X-Rutter-Version: 2024-08-31' '{server.url}/{path}?access_token={token}'",
    ]
    return "\n".join(lines)


def _wait() -> None:
    Event().wait()

"""The connection picker with 2,000 connections: seconds in the kernel, and in a browser if there is one.

python -m benchmarks.picker             # in the kernel
python -m benchmarks.picker --browser   # from the run of its cell until it is drawn in JupyterLab, as well
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

import rutterframe as rf
from rutterframe.widgets import ConnectionPicker

CONNECTIONS = 2_000
PLATFORMS = ("quickbooks", "xero", "shopify", "plaid", "amazon")
RECORDS = [
    {
        "id": f"business-{number // 5:04}-{PLATFORMS[number % 5]}",
        "platform": PLATFORMS[number % 5],
        "status": "error" if number % 7 == 0 else "active",
    }
    for number in range(CONNECTIONS)
]
#: What a user types to find one connection, letter by letter.
TYPED = "business-0333-x"
#: The most that a picker may take to be drawn.
GOAL = 1.0


def businesses() -> dict[str, list[str]]:
    """Return 400 businesses of five connections."""
    result: dict[str, list[str]] = {}
    for record in RECORDS:
        result.setdefault(record["id"][:13].capitalize(), []).append(record["id"])
    return result


def client() -> rf.Client:
    """Return a client that lists the connections without a network."""
    return rf.Client(
        client_id="a",
        client_secret="b",
        environment="http://127.0.0.1:1",
        access_tokens={record["id"]: f"token-{record['id']}" for record in RECORDS},
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json={"connections": RECORDS})),
        rate_limit=None,
    )


def seconds(call: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def measure() -> dict[str, float]:
    """Return the seconds of each step in the kernel."""
    ConnectionPicker(client())  # imports
    opened = client()
    pickers: list[ConnectionPicker] = []
    result = {
        "create it": seconds(lambda: pickers.append(ConnectionPicker(opened))),
        "create it with businesses": seconds(
            lambda: pickers.append(ConnectionPicker(opened, businesses=businesses()))
        ),
    }
    panel = pickers[1]._panel  # noqa: SLF001 - the controls that a user handles
    letters = [
        seconds(lambda end=end: setattr(panel.filter, "value", TYPED[:end]))  # type: ignore[misc]
        for end in range(1, len(TYPED) + 1)
    ]
    result["filter, the slowest letter"] = max(letters)
    result["remove the filter"] = seconds(lambda: setattr(panel.filter, "value", ""))
    result["choose all active"] = seconds(panel.active.click)
    result["tick one more"] = seconds(lambda: setattr(pickers[1], "value", pickers[1].value[1:]))
    result["choose none"] = seconds(panel.none.click)
    return result


def main() -> None:
    """Print the seconds of each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--browser", action="store_true", help="measure JupyterLab in Chromium as well")
    arguments = parser.parse_args()
    print(f"The picker with {CONNECTIONS:,} connections, in seconds")
    for name, value in measure().items():
        print(f"  {name:<40}{value:8.3f}")
    if arguments.browser:
        test = "tests/browser/test_many_connections.py"
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", test],
            cwd=Path(__file__).resolve().parent.parent,
            check=True,
        )


if __name__ == "__main__":
    main()

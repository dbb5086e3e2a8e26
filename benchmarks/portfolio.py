"""Set-up time and peak memory of a load of all resources of thousands of small connections.

The API is a function in this process that answers each list with one page of two rows, so that the figures
are those of the client alone::

    python -m benchmarks.portfolio --connections 5000

The peak is over the memory after the imports and one small load.
"""

from __future__ import annotations

import argparse
import json
import time

import httpx

import rutterframe as rf
from benchmarks.memory import MEGABYTE, memory_bytes, settled_memory
from rutterframe.dialects import CONTRACT

_LIST_KEYS = {route.path: route.list_key for (route,) in CONTRACT.resources.values()}
_PREFIX = "token-of-"


class Answers:
    """Answers each list with one page, and notes when the first was requested."""

    def __init__(self) -> None:
        self.first: float | None = None
        self.first_cpu = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Return the only page of a list."""
        if self.first is None:
            self.first, self.first_cpu = time.perf_counter(), time.process_time()
        name = request.url.params["access_token"].removeprefix(_PREFIX)
        rows = [{"id": f"{name}-1"}, {"id": f"{name}-2"}]
        return httpx.Response(200, json={_LIST_KEYS[request.url.path]: rows, "next_cursor": None})


def measure(count: int) -> dict[str, float]:
    """Load all resources of so many connections; return seconds, rows and the peak in megabytes."""
    with rf.demo() as demo:
        rf.load_all(demo.connection("roaster-bank"), progress=False)
    before, answers = settled_memory(), Answers()
    names = [f"connection-{number:05d}" for number in range(count)]
    with rf.Client(
        client_id="id-of-client",
        client_secret="secret-of-client",
        environment="https://api.example.com",
        access_tokens={name: _PREFIX + name for name in names},
        transport=httpx.MockTransport(answers),
        rate_limit=None,
    ) as client:
        connections = [client.connection(name) for name in names]
        start, start_cpu = time.perf_counter(), time.process_time()
        frames = rf.load_all(connections, progress=False)
        seconds = time.perf_counter() - start
    return {
        "connections": count,
        "rows": sum(map(len, frames.values())),
        "seconds to the first request": round((answers.first or start) - start, 3),
        "CPU seconds to the first request": round(answers.first_cpu - start_cpu, 3),
        "seconds": round(seconds, 1),
        "peak MB": round((memory_bytes("VmHWM") - before) / MEGABYTE, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=5000)
    print(json.dumps(measure(parser.parse_args().connections)))


if __name__ == "__main__":
    main()

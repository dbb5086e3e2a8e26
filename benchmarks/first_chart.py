"""Time of the first chart of a session, in the kernel and each in a fresh process.

Run ``python -m benchmarks.load --only chart``, or ``make bench``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

from benchmarks.measure import Goal, Section

#: A report of four currencies and 40 customers, its chart twice, and what plotly itself takes to show it.
CODE = """if True:
    import json, time
    import pandas as pd
    import rutterframe as rf
    rows = range(400)
    invoices = pd.DataFrame({
        "id": [str(row) for row in rows],
        "customer_id": [f"customer {row % 10}" for row in rows],
        "currency": [("EUR", "GBP", "JPY", "USD")[row % 4] for row in rows],
        "status": "open",
        "amount_due": [float(100 + row) for row in rows],
        "due_date": [pd.Timestamp("2026-06-30") - pd.Timedelta(days=row % 120) for row in rows],
    })
    report = rf.reports.ar_aging(invoices, "2026-06-30")
    seconds, started = {}, time.perf_counter()

    def stop(name):
        global started
        seconds[name] = time.perf_counter() - started
        started = time.perf_counter()

    from rutterframe.views import charts
    stop("import of rutterframe.views.charts")
    figure = charts.aging(report)
    stop("first figure")
    figure._repr_mimebundle_()
    stop("first display")
    figure = charts.aging(report)
    stop("second figure")
    figure._repr_mimebundle_()
    stop("second display")
    import plotly.graph_objects as go
    go.Figure(figure)._repr_mimebundle_()
    stop("first display of a plotly figure that is not ours")
    print(json.dumps(seconds))
"""
FIRST = ("import of rutterframe.views.charts", "first figure", "first display")
SECOND = ("second figure", "second display")


def first_chart(rounds: int) -> Section:
    """Draw a first and a second chart in processes of their own."""
    times = [seconds_in_process() for _ in range(rounds)]
    medians = {name: statistics.median(each[name] for each in times) for name in times[0]}
    table = [[name, f"{median * 1000:.0f} ms"] for name, median in medians.items()]
    goals = [
        Goal("the first chart of a session", 1000 * sum(medians[name] for name in FIRST), 1500, unit="ms"),
        Goal("a chart after it", 1000 * sum(medians[name] for name in SECOND), 150, unit="ms"),
    ]
    title = "Charts in a notebook's kernel: an aging of four currencies, in a fresh process"
    return Section(title, ["what", "median"], table, goals, [])


def seconds_in_process() -> dict[str, float]:
    """Draw charts in a process of their own, and return the seconds of each step."""
    as_in_notebook = {**os.environ, "PLOTLY_RENDERER": "plotly_mimetype"}
    command = [sys.executable, "-c", CODE]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=as_in_notebook)
    seconds: dict[str, float] = json.loads(result.stdout)
    return seconds

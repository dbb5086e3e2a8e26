"""How long a table takes: the first of a session with its imports, and one after that.

Run from the root of the repository::

    python -m benchmarks.first_table

Each figure is the median of several processes, in milliseconds of the processor, which other work on the
machine does not lengthen; the goal is 100 for each.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

ROUNDS = 5
GOAL = 100.0
STEPS = ("import of views.tables", "first aging", "next aging", "open items, 80 rows", "two years by month")
#: The frames are there before the clock starts, as in a notebook where the cells above have loaded them.
PROGRAM = """
import json, time
import rutterframe as rf
with rf.demo() as client:
    ledgers = [client.connection(name) for name in ("roaster-quickbooks", "gear-xero")]
    shop = client.connection("roaster-shopify")
    invoices, customers = (load(ledgers, progress=False) for load in (rf.load_invoices, rf.load_customers))
    orders, products = (load(shop, progress=False) for load in (rf.load_orders, rf.load_products))
aging = rf.reports.ar_aging(invoices, "2026-06-30", customers=customers)
items = rf.reports.open_items(invoices, "2026-06-30")
revenue = rf.reports.revenue_by_product(orders, products, period="month")
times, started = [], time.process_time()
def stop():
    global started
    times.append(1000 * (time.process_time() - started))
    started = time.process_time()
from rutterframe.views import tables
stop()
for report in (aging, aging, items, revenue):
    tables.for_report(report)._repr_html_()
    stop()
print(json.dumps(times))
"""


def main() -> int:
    """Print the median of each step; return 1 if a table takes longer than the goal."""
    rounds = [json.loads(subprocess.check_output([sys.executable, "-c", PROGRAM])) for _ in range(ROUNDS)]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    for step, median in zip(STEPS, medians, strict=True):
        print(f"{step:28}{median:8.1f} ms")
    first = medians[0] + medians[1]
    print(f"{'first table of a session':28}{first:8.1f} ms")
    return int(max(first, *medians[2:]) > GOAL)


if __name__ == "__main__":
    sys.exit(main())

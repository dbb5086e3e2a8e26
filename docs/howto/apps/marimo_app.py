"""Receivables as a reactive notebook: `marimo edit marimo_app.py`, or `marimo run` for readers."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Receivables")


@app.cell
def _():
    import tempfile
    from pathlib import Path

    import marimo as mo

    import rutterframe as rf
    from rutterframe.views import tables

    return Path, mo, rf, tables, tempfile


@app.cell
def _(rf):
    with rf.demo() as client:  # rf.Client() with your own credentials
        loaded = rf.load_books(client, progress=False)
    return (loaded,)


@app.cell
def _(loaded, mo):
    business = mo.ui.dropdown(["All", *(loaded.businesses or {})], value="All", label="Business")
    as_of = mo.ui.date(value=loaded.as_of, label="As of")
    mo.hstack([business, as_of], justify="start")
    return as_of, business


@app.cell
def _(as_of, business, loaded):
    part = loaded if business.value == "All" else loaded.filter(business.value)
    books = part.replace(as_of=as_of.value)
    return (books,)


@app.cell
def _(books, mo):
    month_end = books.month_end()
    kind = "success" if month_end.agree and books.is_complete else "danger"
    mo.callout(mo.md("\n\n".join([month_end.verdict, *books.incomplete])), kind=kind)
    return (month_end,)


@app.cell
def _(books):
    aging = books.ar_aging()
    aging.rf.chart(max_rows=10)
    return (aging,)


@app.cell
def _(aging, mo):
    mo.ui.anywidget(aging.rf.browse())
    return


@app.cell
def _(month_end, tables):
    tables.summary(month_end.summary)
    return


@app.cell
def _(Path, books, mo, tempfile):
    def workbook() -> bytes:
        """Return the month-end workbook."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "month-end.xlsx"
            books.to_excel(path)
            return path.read_bytes()

    mo.download(workbook, filename=f"month-end-{books.as_of}.xlsx", label="Download the month end")
    return


if __name__ == "__main__":
    app.run()

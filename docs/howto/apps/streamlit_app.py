"""Receivables in a browser: who owes what as of a day, and whether the books agree."""

import tempfile
from datetime import date
from pathlib import Path

import streamlit as st

import rutterframe as rf
from rutterframe.views import tables

st.set_page_config(page_title="Receivables", layout="wide")


@st.cache_resource(ttl="1h", show_spinner="Loading the books …")
def load() -> rf.Books:
    """Load once an hour, for all visitors: books do not change."""
    with rf.demo() as client:  # rf.Client() with your own credentials
        return rf.load_books(client, progress=False)


def workbook(books: rf.Books) -> bytes:
    """Return the month-end workbook; Streamlit calls this when somebody presses the button."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "month-end.xlsx"
        books.to_excel(path)
        return path.read_bytes()


books = load()
with st.sidebar:
    business = st.selectbox("Business", ["All", *(books.businesses or {})])
    as_of = st.date_input("As of", date.fromisoformat(books.as_of))
    top = st.slider("Customers shown for each currency", 5, 30, 10)
if business != "All":
    books = books.filter(business)
books = books.replace(as_of=as_of)
aging, month_end = books.ar_aging(), books.month_end()

st.title("Receivables")
(st.success if month_end.agree else st.error)(month_end.verdict)
for reason in books.incomplete:
    st.warning(reason)
st.plotly_chart(aging.rf.chart(max_rows=top))
st.html(aging.rf.table(max_rows=top))
st.html(tables.summary(month_end.summary))
st.download_button(
    "Download the month end",
    data=lambda: workbook(books),
    file_name=f"month-end-{books.as_of}.xlsx",
    on_click="ignore",
)

"""Load the lists of books, and say which connections are left out of them, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from rutterframe.client import Connection
from rutterframe.loaders import LoadJob, Options
from rutterframe.loaders.requests import requests_of

# The lists of names, and the documents of the connections that they are loaded for.
_DOCUMENTS = {"customers": "invoices", "vendors": "bills"}
# The number of reasons for refused rows that a note lists.
_MAX_REASONS = 3


class Lists(NamedTuple):
    """Loaded frames, and what is missing from them.

    Attributes
    ----------
    frames : dict of str to DataFrame
        By resource, without the connections that have a list that could not be read.
    errors : dict of str to str
        Why a list of a connection could not be read, by connection: it is left out of all frames.
    unnamed : dict of str to str
        Why a list of names could not be read, by connection: only its names are missing.
    is_complete : bool
        Whether the receipts of all lists are.
    """

    frames: dict[str, pd.DataFrame]
    errors: dict[str, str]
    unnamed: dict[str, str]
    is_complete: bool

    def notes(self) -> list[str]:
        """Return a sentence on each connection that is left out, and on rows that were set aside."""
        lines = [
            f"Left out, since not all of its lists could be read: {connection_id}. {error}"
            for connection_id, error in self.errors.items()
        ]
        lines += [
            f"Without names of customers or vendors, since they could not be read: {connection_id}. {error}"
            for connection_id, error in self.unnamed.items()
        ]
        return [*lines, *refusal_notes(self.frames)]


def load_lists(
    resources: Sequence[str],
    connections: Sequence[Connection],
    options: Options,
    names: Sequence[str] = (),
) -> Lists:
    """Load lists together, since rows of one prove that a connection works; then those of names.

    Parameters
    ----------
    resources : sequence of str
        The lists.
    connections : sequence of Connection
        The connections.
    options : Options
        With ``on_error="skip"`` a connection with a list that could not be read is left out of all frames: a
        part of its books would look like all of them.
    names : sequence of str
        "customers" or "vendors", to load for connections with invoices or bills only: shops have many more
        customers, and those have no invoices.

    Raises
    ------
    ValueError
        If every connection has a list that could not be read.
    LoadError, InvalidRows
        As loaders do.
    """
    job = LoadJob(requests_of(resources, connections), options, tuple(resources))
    frames = job.run()
    errors = first_errors(frames)
    if set(errors) == {connection.id for connection in connections}:
        raise ValueError("\n".join(dict.fromkeys(errors.values())))
    unnamed: dict[str, str] = {}
    for name in names:
        ids = set(frames[_DOCUMENTS[name]]["connection_id"]) - set(errors)
        ledgers = [connection for connection in connections if connection.id in ids]
        if not ledgers:
            continue
        evidence = [state for state in job.lists if state.request.connection_id in ids]
        people = LoadJob(requests_of([name], ledgers), options, (name,), evidence=evidence).run()
        unnamed |= people[name].attrs["receipt"]["errors"]
        frames |= people
    is_complete = all(frame.attrs["receipt"]["complete"] for frame in frames.values())
    return Lists(
        {name: _without(frame, errors) for name, frame in frames.items()}, errors, unnamed, is_complete
    )


def first_errors(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Return the error of the first list that could not be read, by connection."""
    errors: dict[str, str] = {}
    for frame in frames.values():
        for connection_id, error in frame.attrs["receipt"]["errors"].items():
            errors.setdefault(connection_id, error)
    return errors


def refusal_notes(frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return notes with the number of rows that were set aside, and the first reasons."""
    notes = []
    for name, frame in frames.items():
        receipt = frame.attrs["receipt"]
        if receipt["rows_refused"]:
            reasons = "; ".join(
                f"{row['connection_id']}: {row['record_id'] or 'a row without an id'}, "
                f"{row['field'] or 'the row'}: {row['reason']}"
                for row in receipt["refused"][:_MAX_REASONS]
            )
            notes.append(f"Rows of {name} that were set aside: {receipt['rows_refused']:,} ({reasons}).")
    return notes


def _without(frame: pd.DataFrame, errors: Mapping[str, str]) -> pd.DataFrame:
    """Return the rows of the connections without an error."""
    return frame[~frame["connection_id"].isin(list(errors))] if errors else frame

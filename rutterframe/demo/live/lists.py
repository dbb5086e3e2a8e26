"""A list of the live dialect: records by key, the moments by which they are sorted, and their ids."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from rutterframe.demo.books.collection import Collection, Record
from rutterframe.demo.live.spelling import live_moment, synced_at

#: The fields by which a list can be sorted and filtered.
UPDATED_AT, SYNCED_AT, CREATED_AT = "updated_at", "last_synced_at", "created_at"
#: Returns a moment of a key.
Moment = Callable[[int], int]


class Entry(NamedTuple):
    """A record's place in a sorted list: the moment, and the key for equal moments."""

    moment: int
    key: int


class LiveList:
    """A list of one connection.

    Parameters
    ----------
    sources : sequence of Collection
        The lists of the contract from which it is derived; a change in them changes it.
    keys : callable
        Return the keys of all records.
    record, id_of : callable
        Return the record of a key, and its id.
    moments : dict of str to callable
        By field: return the moment of a key.
    find : callable or None
        Return the key of an id; None to look through all ids.
    """

    def __init__(
        self,
        sources: Sequence[Collection],
        keys: Callable[[], Iterable[int]],
        record: Callable[[int], Record],
        id_of: Callable[[int], str],
        moments: dict[str, Moment],
        find: Callable[[str], int | None] | None = None,
    ) -> None:
        self._sources = tuple(sources)
        self._keys = keys
        self.record = record
        self.moments = moments
        self._id_of = id_of
        self._finder = find
        self._version = -1
        self._sorted: dict[tuple[str, bool], list[Entry]] = {}
        self._ids: dict[str, int] = {}

    def entries(self, field: str, *, descending: bool = False) -> list[Entry]:
        """Return the records in the order of a field; the order is kept until a record changes."""
        self._refresh()
        if (field, descending) not in self._sorted:
            moment, sign = self.moments[field], -1 if descending else 1
            self._sorted[field, descending] = sorted(Entry(sign * moment(key), key) for key in self._keys())
        return self._sorted[field, descending]

    def position(self, field: str, entry: Entry, *, descending: bool = False) -> int:
        """Return where an entry is, or would be, in the order of a field."""
        return bisect_left(self.entries(field, descending=descending), entry)

    def find(self, record_id: str) -> int | None:
        """Return the key of a record, or None if the list has no such id."""
        if self._finder is not None:
            return self._finder(record_id)
        self._refresh()
        if not self._ids:
            self._ids = {self._id_of(key): key for key in self._keys()}
        return self._ids.get(record_id)

    def __len__(self) -> int:
        return len(self.entries(next(iter(self.moments))))

    def _refresh(self) -> None:
        version = sum(source.version for source in self._sources)
        if version != self._version:
            self._version = version
            self._sorted.clear()
            self._ids.clear()


def stamps(created: int | None, updated: int, number: int) -> Record:
    """Return the three moments of an accounting record."""
    return {
        CREATED_AT: None if created is None else live_moment(created),
        UPDATED_AT: live_moment(updated),
        SYNCED_AT: live_moment(synced_at(updated, number)),
    }


def moments(updated: Moment, created: Moment | None = None) -> dict[str, Moment]:
    """Return the moments by which a list is sorted; created_at is that of the change if there is no other."""
    return {
        UPDATED_AT: updated,
        SYNCED_AT: lambda key: synced_at(updated(key), key),
        CREATED_AT: created or updated,
    }


def collection_list(
    collection: Collection, record: Callable[[int], Record], more: Mapping[str, Moment] | None = None
) -> LiveList:
    """Return a list with the positions of a list of the contract as its keys, and maybe other moments."""
    return LiveList(
        (collection,),
        collection.positions,
        record,
        lambda position: str(collection.record(position)["id"]),
        {**moments(collection.changed_at), **(more or {})},
        collection.find,
    )


def empty_list() -> LiveList:
    """Return the list of objects that an organisation does not sync: it is empty, and not an error."""

    def nothing(key: int) -> Record:
        raise KeyError(key)

    return LiveList((), tuple, nothing, str, moments(int))

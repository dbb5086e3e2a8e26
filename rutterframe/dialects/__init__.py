"""Dialects of the API as data: base URLs, routes, keys and parameters."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rutterframe.dialects.contract import CONTRACT
from rutterframe.dialects.dialect import BASES, Dialect, Filter, Route
from rutterframe.dialects.extra_fields import EXTRA_FIELDS, ExtraField, extend_mapping
from rutterframe.dialects.own import OWN_DIALECTS
from rutterframe.entry_points import ExtensionWarning

if TYPE_CHECKING:
    from rutterframe.dialects.live import LIVE

__all__ = ["BASES", "CONTRACT", "DIALECTS", "LIVE", "Dialect", "ExtraField", "Filter", "Route"]


class _Dialects(Mapping[str, Dialect]):
    """Every dialect by its name, with the extra fields of its resources; each is read on first use."""

    def __init__(self) -> None:
        self._read: dict[str, Dialect] = {}
        for registry in (EXTRA_FIELDS, OWN_DIALECTS):
            registry.on_change(self._read.clear)

    def __getitem__(self, name: str) -> Dialect:
        if name not in self._read:
            self._read[name] = _with_fields(_plain(name))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*BASES, *OWN_DIALECTS.names))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _plain(name: str) -> Dialect:
    """Return a dialect by its name, without extra fields."""
    if name == CONTRACT.name:
        return CONTRACT
    if name == "live":  # most programs need one dialect
        from rutterframe.dialects.live import LIVE  # noqa: PLC0415 - see above

        return LIVE
    own = OWN_DIALECTS.find(name)
    if own is None:
        raise KeyError(name)
    return own


def _with_fields(dialect: Dialect) -> Dialect:
    """Return a dialect with its extra fields; of one that does not fit, warn."""
    fields: dict[str, tuple[ExtraField, ...]] = {}
    for field in EXTRA_FIELDS.all():
        if field.dialect != dialect.name:
            continue
        wider = {**fields, field.resource: (*fields.get(field.resource, ()), field)}
        try:
            _check_fit(replace(dialect, fields=wider), field)
        except ValueError as error:
            source = EXTRA_FIELDS.source(field.key)
            text = f"The field {field.key!r} of {source} does not fit, and is left out: {error}"
            warnings.warn(text, ExtensionWarning, stacklevel=3)
            continue
        fields = wider
    return replace(dialect, fields=fields) if fields else dialect


def _check_fit(dialect: Dialect, field: ExtraField) -> None:
    """Raise a ValueError if a field cannot be read beside the columns of its resource."""
    routes = dialect.resources.get(field.resource, ())
    if not routes:
        raise ValueError(f"the dialect {dialect.name!r} has no {field.resource}")
    if field.name in dialect.plain_record(field.resource).model_fields:
        raise ValueError(f"{field.resource} have a column {field.name!r} already")
    for route in routes:
        words = [each for each in route.filters if each.name == "expand"]
        for filters in ({}, *({each.name: ",".join(each.values or ())} for each in words)):
            extend_mapping(route.mapping, dialect.record(field.resource, filters))


#: Every dialect by its name.
DIALECTS: Mapping[str, Dialect] = _Dialects()


def __getattr__(name: str) -> Any:
    """Return the live dialect, which is read on first use."""
    if name == "LIVE":
        return _plain("live")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

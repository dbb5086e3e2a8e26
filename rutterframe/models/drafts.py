"""What is to be written, checked before anything is sent, and as JSON."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rutterframe.errors import InvalidDraft, Refusal
from rutterframe.models.base import Draft
from rutterframe.models.columns import unwrap
from rutterframe.models.fields import excerpt, field_path, plain_reason

D = TypeVar("D", bound=Draft)

# Every decimal of so many digits survives a float64 unharmed; what follows is noise of the arithmetic.
_DIGITS = 15


def draft(model: type[D], fields: Mapping[str, Any]) -> D:
    """Check what is to be written; a field that is None counts as left out.

    Parameters
    ----------
    model : type of Draft
        What it is.
    fields : mapping
        Its fields, nested lists as lists of mappings or of records.

    Raises
    ------
    InvalidDraft
        With every mistake: a field that does not exist (and which one was probably meant), that is missing,
        or that holds something else.

    Examples
    --------
    >>> from rutterframe.models import ProductCreate
    >>> draft(ProductCreate, {"title": "Tarp", "price": 49.5}).price
    49.5
    """
    given = {name: value for name, value in fields.items() if value is not None}
    refused = [*_unknown(model, given), *_blank(model, given)]
    named = {found.field for found in refused}
    try:
        checked = model.model_validate(given)
    except ValidationError as error:
        refused += [found for found in _mistakes(error) if found.field not in named]
    else:
        if not refused:
            return checked
    raise InvalidDraft(
        "Nothing was sent: " + "; ".join(map(in_words, refused)),
        refused=tuple(refused),
        hint="correct it and send it again.",
    )


def in_words(refusal: Refusal) -> str:
    """Say in one line what is wrong with a field."""
    got = f", got {refusal.value}" if refusal.value else ""
    return f"{refusal.field or 'the whole'} {refusal.reason}{got}"


def as_json(written: Draft) -> str:
    """Write a draft as the body of a request: fields that are None are left out, 12.34 is 12.34."""
    plain = _rounded(written.model_dump(mode="json", exclude_none=True))
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def no_such_field(name: str, known: Collection[str]) -> str:
    """Say that a field does not exist, which one was probably meant, and which there are."""
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"is no such field ({meant}there are {', '.join(known)})"


def _unknown(model: type[BaseModel], given: Mapping[str, Any], within: str = "") -> Iterator[Refusal]:
    """Find misspelt fields, also in nested records, where a reader would pass over them."""
    for name, value in given.items():
        if name not in model.model_fields:
            yield Refusal(None, f"{within}{name}", "", no_such_field(str(name), list(model.model_fields)))
            continue
        inner, _ = unwrap(model.model_fields[name].annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel) and isinstance(value, list | tuple):
            for place, row in enumerate(value):
                if isinstance(row, Mapping):
                    yield from _unknown(inner, row, f"{within}{name}[{place}].")


def _blank(model: type[Draft], given: Mapping[str, Any]) -> Iterator[Refusal]:
    for name, field in model.model_fields.items():
        value = given.get(name)
        if field.is_required() and isinstance(value, str) and not value.strip():
            yield Refusal(None, name, repr(value), "is needed, but empty")


def _mistakes(error: ValidationError) -> Iterator[Refusal]:
    for found in error.errors(include_url=False, include_context=False):
        if found["type"] == "missing":
            yield Refusal(None, field_path(found["loc"]), "", "is missing")
        else:
            reason = f"cannot be sent: {plain_reason(found['msg'])}"
            yield Refusal(None, field_path(found["loc"]), excerpt(found["input"]), reason)


def _rounded(value: Any) -> Any:
    """Take the noise of the arithmetic off: 3 * 4.1 is 12.299999999999999, and 12.3 for who reads it."""
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.{_DIGITS}g}") + 0.0 if isinstance(value, float) else value

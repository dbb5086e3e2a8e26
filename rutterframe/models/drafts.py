"""Drafts: check what is to be written before a request is sent, and format it as JSON."""

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

# float64 represents every decimal of 15 digits exactly; further digits are rounding noise of the arithmetic.
_DIGITS = 15


def validate_draft(model: type[D], fields: Mapping[str, Any]) -> D:
    """Check the fields of a draft; a field that is None counts as left out.

    Parameters
    ----------
    model : type of Draft
        The model of the draft.
    fields : mapping
        Its fields; nested lists as lists of mappings or of records.

    Raises
    ------
    InvalidDraft
        With every mistake: a field that does not exist (with the closest name), that is missing, or that has
        an invalid value.

    Examples
    --------
    >>> from rutterframe.models import ProductCreate
    >>> validate_draft(ProductCreate, {"title": "Tarp", "price": 49.5}).price
    49.5
    """
    values = {name: value for name, value in fields.items() if value is not None}
    mistakes = [*_unknown(model, values), *_blank(model, values)]
    reported = {mistake.field for mistake in mistakes}
    try:
        record = model.model_validate(values)
    except ValidationError as error:
        mistakes += [mistake for mistake in _invalid(error) if mistake.field not in reported]
    else:
        if not mistakes:
            return record
    raise InvalidDraft(
        "Nothing was sent: " + "; ".join(map(describe_refusal, mistakes)),
        refused=tuple(mistakes),
        hint="correct it and send it again.",
    )


def describe_refusal(refusal: Refusal) -> str:
    """Describe a mistake in a field in one line."""
    got = f", got {refusal.value}" if refusal.value else ""
    return f"{refusal.field or 'the whole'} {refusal.reason}{got}"


def draft_to_json(record: Draft) -> str:
    """Format a draft as the body of a request: without fields that are None, and 12.34 as 12.34."""
    return to_json(record.model_dump(mode="json", exclude_none=True))


def to_json(values: Mapping[str, Any]) -> str:
    """Format plain values as the body of a request: 12.34 as 12.34."""
    return json.dumps(_rounded(values), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def describe_unknown_field(name: str, known: Collection[str]) -> str:
    """Describe a field that does not exist, with the closest name and all valid names."""
    near = difflib.get_close_matches(name, known, n=1)
    suggestion = f"did you mean {near[0]!r}? " if near else ""
    return f"is not a valid field ({suggestion}expected one of {', '.join(known)})"


def _unknown(model: type[BaseModel], values: Mapping[str, Any], within: str = "") -> Iterator[Refusal]:
    """Find misspelt fields, also in nested records, where pydantic ignores them."""
    for name, value in values.items():
        if name not in model.model_fields:
            yield Refusal(
                None, f"{within}{name}", "", describe_unknown_field(str(name), list(model.model_fields))
            )
            continue
        inner, _ = unwrap(model.model_fields[name].annotation)
        if not isinstance(inner, type) or not issubclass(inner, BaseModel):
            continue
        if isinstance(value, Mapping):
            yield from _unknown(inner, value, f"{within}{name}.")
        for position, row in enumerate(value if isinstance(value, list | tuple) else ()):
            if isinstance(row, Mapping):
                yield from _unknown(inner, row, f"{within}{name}[{position}].")


def _blank(model: type[Draft], values: Mapping[str, Any]) -> Iterator[Refusal]:
    for name, field in model.model_fields.items():
        value = values.get(name)
        if field.is_required() and isinstance(value, str) and not value.strip():
            yield Refusal(None, name, repr(value), "is required, but empty")


def _invalid(error: ValidationError) -> Iterator[Refusal]:
    for detail in error.errors(include_url=False, include_context=False):
        if detail["type"] == "missing":
            yield Refusal(None, field_path(detail["loc"]), "", "is missing")
        else:
            reason = f"cannot be sent: {plain_reason(detail['msg'])}"
            yield Refusal(None, field_path(detail["loc"]), excerpt(detail["input"]), reason)


def _rounded(value: Any) -> Any:
    """Round the noise of float arithmetic away: 3 * 4.1 is 12.299999999999999, and is sent as 12.3."""
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return float(f"{value:.{_DIGITS}g}") + 0.0 if isinstance(value, float) else value

"""The tables of the live dialect: every column with its field, and those without a source."""

from __future__ import annotations

from collections.abc import Iterator

from rutterframe.dialects import CONTRACT, LIVE, Route
from rutterframe.dialects.mapping import (
    Absolute,
    Case,
    Concat,
    Constant,
    Envelope,
    Expression,
    Field,
    First,
    Joined,
    Negative,
    Null,
    Only,
    Quotient,
    Rows,
    Total,
    Tree,
    UTCDay,
    Words,
    WrittenDay,
)
from rutterframe.models import RECORDS
from rutterframe.models.columns import columns


def describe(  # noqa: C901, PLR0911, PLR0912 - one case for each kind of expression
    expression: Expression | str | None, within: str = ""
) -> str:
    """Describe what a column is worked out of; within is the list that rows are in."""
    match expression:
        case None:
            return "null"
        case str() | Constant():
            return f'"{expression if isinstance(expression, str) else expression.text}"'
        case Field(path):
            return f"`{within}{'.'.join(path)}`"
        case Envelope(path):
            return f"`{'.'.join(path)}` of the page"
        case WrittenDay(source):
            return f"{describe(source, within)}, the date as written"
        case UTCDay(source):
            return f"{describe(source, within)}, the day in UTC"
        case First(sources):
            return ", else ".join(describe(source, within) for source in sources)
        case Joined(sources):
            return " and ".join(describe(source, within) for source in sources)
        case Words(source, words):
            renamed = [f"{wire} → {ours}" for wire, ours in words.items() if wire.lower() != ours]
            return describe(source, within) + (f" ({', '.join(renamed)})" if renamed else "")
        case Total(source=name, path=path, negative=negative):
            return f"{'-' if negative else ''}Σ `{'.'.join((f'{name}[]', *path))}`"
        case Only(source=name, path=path):
            return f"`{'.'.join((f'{name}[]', *path))}`, if all are the same"
        case Negative(source):
            return f"-{describe(source, within)}"
        case Absolute(source):
            return f"abs({describe(source, within)})"
        case Quotient(dividend, divisor):
            return f"{describe(dividend, within)} ÷ {describe(divisor, within)}"
        case Case(cases, otherwise):
            texts = [f"{describe(result)} if {describe(test)} is {word}" for test, word, result in cases]
            return "; ".join([*texts, f"else {describe(otherwise)}"])
        case Tree(sources):
            return ", ".join(f"`{source}`" for source in sources) + ", with all that is below, depth first"
        case Null(reason):
            return f"null: {reason}"
    raise TypeError(f"{type(expression).__name__} has no description")


def lines_of(name: str, expression: Expression) -> Iterator[tuple[str, str]]:
    """Yield a column and, for nested rows, their columns, each with its description."""
    match expression:
        case Rows(fields=fields):
            within = ".".join(f"{key}[]" for key in expression.path)
            yield name, f"`{within}`"
            for inner, part in fields.items():
                yield f"{name}.{inner}", describe(part, f"{within}.")
        case Concat(parts):
            yield name, ", then ".join(f"`{part.path[0]}[]`" for part in parts)
            for inner in parts[0].fields:
                texts = dict.fromkeys(describe(p.fields[inner], f"{p.path[0]}[].") for p in parts)
                yield f"{name}.{inner}", ", then ".join(texts)
        case _:
            yield name, describe(expression)


def table_of(resource: str, route: Route) -> Iterator[str]:
    """Yield the lines of the table of a route."""
    if route.mapping is None:
        raise TypeError(f"{resource} has no mapping")
    query = "&".join(f"{key}={value}" for key, value in route.params.items())
    yield f"### {resource}{f' ({route.name})' if route.name else ''}"
    yield ""
    kinds = f", of {', '.join(sorted(route.kinds))} platforms" if route.kinds else ""
    yield f"`GET {route.path}{'?' if query else ''}{query}` → `{route.list_key}`{kinds}."
    yield ""
    yield "| column | in the contract | live |"
    yield "| --- | --- | --- |"
    contract = {column.name for column in columns(RECORDS[resource])} if resource in RECORDS else set()
    for column, expression in route.mapping.expressions.items():
        for name, text in lines_of(column, expression):
            yield f"| `{name}` | {'yes' if is_of_contract(resource, name, contract) else ''} | {text} |"
    yield ""


def is_of_contract(resource: str, name: str, contract: set[str]) -> bool:
    """Return whether the contract has a column, or a column of nested rows."""
    column, _, inner = name.partition(".")
    if column not in contract or not inner:
        return column in contract
    rows = next(item.rows for item in columns(CONTRACT.record(resource)) if item.name == column)
    return rows is not None and inner in rows.model_fields


def without_source() -> Iterator[str]:
    """Yield the columns of the contract that are null in the live dialect, with the reasons."""
    yield "| column | null, because |"
    yield "| --- | --- |"
    for resource in RECORDS:
        for route in LIVE.resources[resource]:
            if route.mapping is None:
                continue
            where = f"{resource}{f' ({route.name})' if route.name else ''}"
            for column, reason in route.mapping.nulls.items():
                if column in RECORDS[resource].model_fields:
                    yield f"| {where} `{column}` | {reason} |"
    yield ""


def columns_of_routes() -> str:
    """Return a section for each route, with every column and its live field."""
    return "\n".join(
        line
        for resource, routes in LIVE.resources.items()
        for route in routes
        for line in table_of(resource, route)
    )


def nulls() -> str:
    """Return the table of the contract's columns that are null in the live dialect."""
    return "\n".join(without_source())

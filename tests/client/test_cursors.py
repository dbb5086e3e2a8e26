"""The next cursor: the quick look at the end of a page sees what a real parser sees."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rutterframe.client.cursors import CursorReader
from rutterframe.dialects import CONTRACT
from rutterframe.errors import InvalidResponse

read = CursorReader(CONTRACT)


@pytest.mark.parametrize(
    ("body", "cursor"),
    [
        (b'{"bills":[],"next_cursor":"abc"}', "abc"),
        (b'{"bills": [], "next_cursor": "abc"} \n', "abc"),
        (b'{"bills":[],"next_cursor":null}', None),
        (b'{"bills":[],"next_cursor":""}', None),
        (b'{"bills":[]}', None),
        (b'{"next_cursor":"abc"}', "abc"),
        # anywhere but at the end, and with any character in it
        (b'{"next_cursor":"abc","bills":[]}', "abc"),
        (b'{"next_cursor":null,"bills":[]}', None),
        (b'{"bills":[],"next_cursor":"a b"}', "a b"),
        (b'{"bills":[],"next_cursor":"a\\u0062"}', "ab"),
        ('{"bills":[],"next_cursor":"é"}'.encode(), "é"),
        (b'{"bills":[],"next_cursor":"x\\"}"}', 'x"}'),
        (b'\xef\xbb\xbf{"next_cursor":"abc","bills":[]}', "abc"),
        # not the page's own
        (b'{"bills":[{"next_cursor":"inner"}]}', None),
        (b'{"bills":[{"id":"1","next_cursor":"inner"}],"next_cursor":null}', None),
        (b'{"bills":[{"memo":"\\"next_cursor\\":\\"x\\"}"}]}', None),
        (b'{"bills":[],"memo":",\\"next_cursor\\":\\"x\\"}"}', None),
        # longer than what is looked at first
        (b'{"bills":[],"next_cursor":"' + b"x" * 5000 + b'"}', "x" * 5000),
        (b'{"bills":[],"next_cursor":"abc"}' + b" " * 5000, "abc"),
    ],
)
def test_the_cursor_of_a_page(body: bytes, cursor: str | None) -> None:
    """The cursor is the page's own, wherever it stands; null, empty and absent mean the last page."""
    assert read(body) == cursor


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"bills":[],"next_cursor":17}', "The page's cursor is no text but 17"),
        (b'{"bills":[],"next_cursor":0}', "The page's cursor is no text but 0"),
        (b'{"bills":[],"next_cursor":false}', "The page's cursor is no text but False"),
        (b'{"bills":[],"next_cursor":{"id":1}}', "The page's cursor is no text but {'id': 1}"),
        (b'{"bills":[],"next_cursor":[]}', "The page's cursor is no text but []"),
    ],
)
def test_a_cursor_that_is_no_text_is_refused(body: bytes, message: str) -> None:
    """A number or anything else for a cursor is neither followed nor taken for the end."""
    with pytest.raises(InvalidResponse) as error:
        read(body)
    assert error.value.message == message


@pytest.mark.parametrize(
    "body", [b"<html></html>", b'{"bills":[{"id":"1"},{"i', b"[]", b'{"bills":[],"next_cursor":"abc', b"null"]
)
def test_a_page_that_is_no_object_is_refused(body: bytes) -> None:
    """HTML and half a page are refused, instead of being taken for the last page."""
    with pytest.raises(InvalidResponse):
        read(body)


TRAPS = [
    '"next_cursor":"x"}',
    ',"next_cursor":"x"}',
    '{"next_cursor":null}',
    '\\","next_cursor":"x"}',
    "\\",
    '"',
    "next_cursor",
]
texts = st.text(max_size=8) | st.sampled_from(TRAPS)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
        | st.fixed_dictionaries({"next_cursor": inner})
    ),
    max_leaves=8,
)
cursors = st.none() | texts | st.text(alphabet="abcXYZ019+/=_.:~-", max_size=12)
pages = st.builds(
    lambda before, after, cursor: {**before, **cursor, **after},
    st.dictionaries(texts, values, max_size=3),
    st.dictionaries(texts, values, max_size=1),
    st.just({}) | st.fixed_dictionaries({"next_cursor": cursors}),
)


@given(pages, st.sampled_from([None, 1]), st.booleans(), st.sampled_from([(",", ":"), (" , ", " : ")]))
@example({"bills": [{"memo": ',"next_cursor":"x"}'}]}, None, True, (",", ":"))
@example({"bills": [], "memo": '","next_cursor":"x"}'}, None, True, (",", ":"))
def test_the_quick_look_sees_what_a_parser_sees(
    page: dict[str, Any], indent: int | None, ascii_only: bool, separators: tuple[str, str]
) -> None:
    """For any page, in any layout and with any trap in its texts, the cursor is the parser's."""
    body = json.dumps(page, indent=indent, ensure_ascii=ascii_only, separators=separators)
    expected = page.get("next_cursor")
    if expected is not None and not isinstance(expected, str):
        with pytest.raises(InvalidResponse):
            read(body.encode())
    else:
        assert read(body.encode()) == (expected or None)


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    """Whatever a body is, its cursor is a text, the end, or an InvalidResponse."""
    refused = False
    cursor = None
    try:
        cursor = read(body)
    except InvalidResponse:
        refused = True
    assert refused or cursor is None or cursor != ""

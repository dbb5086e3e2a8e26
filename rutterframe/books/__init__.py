"""Books: loaded frames with a day to report on, names and businesses, and every report as a method."""

from rutterframe.books.books import Books
from rutterframe.books.load import load_books, open_books

__all__ = ["Books", "load_books", "open_books"]


def __dir__() -> list[str]:
    """List the public names only, not the modules that define them."""
    return __all__

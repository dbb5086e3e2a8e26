"""Controls for notebooks, of stock ipywidgets: no JavaScript of our own."""

from rutterframe.widgets.picker import ConnectionPicker
from rutterframe.widgets.token_field import TokenField

__all__ = ["ConnectionPicker", "TokenField"]


def __dir__() -> list[str]:
    """List the public names only, not the modules that define them."""
    return __all__

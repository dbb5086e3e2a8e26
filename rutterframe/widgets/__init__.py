"""What do I click? Controls for notebooks, of stock ipywidgets: no JavaScript of our own."""

from rutterframe.widgets.picker import ConnectionPicker
from rutterframe.widgets.token_field import TokenField

__all__ = ["ConnectionPicker", "TokenField"]

"""What a field of your own is made of.

See docs/howto/extend-field.md for an example, which is an installable package.
"""

from rutterframe.dialects.extra_fields import ExtraField
from rutterframe.models.fields import Kind

__all__ = ["ExtraField", "Kind"]

"""Files and objects of a bucket: addresses, keys, errors in words, and writes that appear whole."""

from rutterframe.storage.addresses import is_address, mask_address, refuse_mangled
from rutterframe.storage.options import StorageOptions, wrap_options
from rutterframe.storage.replace import check_target, replace_file, target_exists

__all__ = [
    "StorageOptions",
    "check_target",
    "is_address",
    "mask_address",
    "refuse_mangled",
    "replace_file",
    "target_exists",
    "wrap_options",
]

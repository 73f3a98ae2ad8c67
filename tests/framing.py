"""TFRecord files as bytes, for tests that damage them."""

from data.records import frame_record as frame

__all__ = ["frame"]

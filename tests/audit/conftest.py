"""Everything here holds on every kind of store."""

from __future__ import annotations

from support import on_every_kind

__all__ = ["on_every_kind"]

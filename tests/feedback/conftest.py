"""Everything here holds on every kind of store."""

from __future__ import annotations

from support import on_a_cluster_too

__all__ = ["on_a_cluster_too"]

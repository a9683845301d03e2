"""Tells a receiver of the operator's, by signed POSTs, what changed in the registry and what became of requests."""

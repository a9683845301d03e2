"""Activation requests: what members ask for on-demand modules, and what admins answer (the Feedback API)."""

"""The declaration: what registry.yaml may say, and what it says. Pure: no Flask, no Redis, no Click."""

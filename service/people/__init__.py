"""One person: what is told them on every page, and everything that is kept of them."""

"""Who is calling: accounts in Redis, and the links that sign one in."""

"""What is published in tests, and nginx's configuration for it."""

from pathlib import Path

from nginx import Nginx

#: The origin of what is published.
PUBLIC_URL = "https://registry.example.com"
SETTINGS = {"PUBLIC_URL": PUBLIC_URL, "SECURITY_CONTACT": "mailto:security@example.com"}


def serving_files(nginx: Nginx, published: Path) -> str:
    """The http block that `site.conf` has, where a test listens."""
    server = f"server {{ listen {nginx.address}; include {published}/nginx/server.conf; }}"
    return f"include {published}/nginx/http.conf;\n{server}"

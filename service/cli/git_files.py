"""A file as a revision of the git repository has it, by the name `git:REV:PATH`."""

from __future__ import annotations

import subprocess

from service.problems import UnreadableRegistry

PREFIX = "git:"


def read_git(name: str) -> bytes:
    """The bytes of `git:REV:PATH`, in the repository of the current folder. Raises UnreadableRegistry.

    PATH begins at the top of the repository, as git has it, unless it begins with ./.
    """
    revision, _, path = name.removeprefix(PREFIX).partition(":")
    if not revision or not path:
        raise UnreadableRegistry(name, "write git:REVISION:PATH, such as git:main:registry.yaml")
    if revision.startswith("-"):
        raise UnreadableRegistry(name, "a revision cannot begin with -")
    # Unlike `git show`, this refuses a folder, and leaves the bytes as they are stored.
    found = _git(name, "cat-file", "blob", f"{revision}:{path}")
    if found.returncode == 0:
        return found.stdout
    repository = _git(name, "rev-parse", "--git-dir")
    if repository.returncode != 0:
        raise UnreadableRegistry(name, f"git cannot read here: {_words(repository)}")
    if _git(name, "rev-parse", "--verify", "--quiet", f"{revision}^{{tree}}").returncode != 0:
        raise UnreadableRegistry(name, f"there is no revision {revision} here; `git fetch` it, or name another")
    if _git(name, "rev-parse", "--verify", "--quiet", f"{revision}:{path}").returncode != 0:
        raise UnreadableRegistry(name, f"there is no {path} in {revision} (the path begins at the repository's top)")
    raise UnreadableRegistry(name, f"cannot be read: {_words(found)}")


def _git(name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError:
        raise UnreadableRegistry(name, "git is not installed, or not on the PATH") from None
    except OSError as error:
        raise UnreadableRegistry(name, f"git cannot be run: {error.strerror}") from error


def _words(answer: subprocess.CompletedProcess[bytes]) -> str:
    """The first line that git says."""
    return answer.stderr.decode(errors="replace").strip().partition("\n")[0].removeprefix("fatal: ")

"""Threads as JSON, over HTTP and on the command line. Times are RFC 3339, in UTC."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from service.feedback.model import Message, Thread


def whole(thread: Thread) -> dict[str, Any]:
    """A thread with all its messages."""
    return _common(thread) | {"messages": list(map(_message, thread.messages))}


def listed(thread: Thread) -> dict[str, Any]:
    """A thread of a list, with its last message."""
    return _common(thread) | {
        "message_count": thread.message_count,
        "last_message": _message(thread.messages[-1]),
    }


def _common(thread: Thread) -> dict[str, Any]:
    return {
        "id": thread.id,
        "module": thread.module,
        "account": asdict(thread.account),
        "status": thread.status,
        "note": asdict(thread.note) if thread.note else None,
        "created": thread.created.isoformat(),
        "updated": thread.updated.isoformat(),
        "unread": thread.unread,
    }


def _message(message: Message) -> dict[str, Any]:
    return {"author": message.author, "name": message.name, "text": message.text, "at": message.at.isoformat()}

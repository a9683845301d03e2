"""An editor as a program: pygls' client, connected in memory to this service's server, or to a program by its pipes."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from lsprotocol import types
from pygls.io_ import run_async
from pygls.lsp.client import LanguageClient
from registry.checking import HERE as CURSOR
from registry.checking import VALID
from support import REPOSITORY, clean_environ, wait_until

from service.lsp.document import Document
from service.lsp.server import RegistryServer
from service.problems import Edit
from service.registry.lint.nodes import applied as made

T = TypeVar("T")
P = TypeVar("P")

#: Generous, in seconds: to import the protocol's types takes a second of an idle core.
PATIENCE = 60

SNIPPETS = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(configuration=True),
    text_document=types.TextDocumentClientCapabilities(
        completion=types.CompletionClientCapabilities(
            completion_item=types.ClientCompletionItemOptions(snippet_support=True)
        )
    ),
)


class Editor:
    """One session with a server; its methods wait for the answer."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.client = LanguageClient("tests", "1")
        self.diagnostics: dict[str, list[list[types.Diagnostic]]] = {}
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.versions = count(1)
        self.streams: list[asyncio.StreamReader] = []
        self.thread.start()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics.setdefault(params.uri, []).append(list(params.diagnostics))

        @self.client.feature(types.WORKSPACE_CONFIGURATION)
        def asked(params: types.ConfigurationParams) -> list[Any]:
            return [settings.get(item.section or "", {}) for item in params.items]

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(_: types.RegistrationParams) -> None:
            pass  # what it asks for is told anyway

    def wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(PATIENCE)

    def tell(self, message: Callable[[P], None], params: P) -> None:
        """Send what has no answer, from the thread of the loop: two that write at once are an error in asyncio."""

        async def send() -> None:
            message(params)

        self.wait(send())

    async def connect(self, rules_page: str | None) -> None:
        """Begin with this service's server, which runs beside the client: what one writes, the other reads."""
        self.server = RegistryServer(rules_page)
        for writes, reads in ((self.client, self.server), (self.server, self.client)):
            self.streams.append(stream := asyncio.StreamReader())
            writes.protocol.set_writer(SimpleNamespace(write=stream.feed_data, close=stream.feed_eof))
            reading = run_async(self.client._stop_event, stream, reads.protocol)
            self.client._async_tasks.append(asyncio.create_task(reading))

    def stop(self) -> None:
        """End the session as an editor does, and the program with it."""
        self.wait(self.client.shutdown_async(None))
        if program := self.client._server:
            self.tell(self.client.exit, None)
            assert self.wait(program.wait()) == 0
        for stream in self.streams:
            self.loop.call_soon_threadsafe(stream.feed_eof)
        self.wait(self.client.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def open(self, text: str, name: str = "registry.yaml") -> str:
        """Open a file of its own, and return its URI."""
        uri = (Path("/nowhere") / str(next(self.versions)) / name).as_uri()
        item = types.TextDocumentItem(uri, "yaml", 1, text)
        self.tell(self.client.text_document_did_open, types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, text: str) -> None:
        document = types.VersionedTextDocumentIdentifier(next(self.versions), uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.tell(self.client.text_document_did_change, types.DidChangeTextDocumentParams(document, [change]))

    def problems(self, uri: str, after: int = 0) -> list[types.Diagnostic]:
        """What the server says of a file, once it has said more than `after` times something."""
        wait_until(lambda: len(self.diagnostics.get(uri, [])) > after, PATIENCE)
        return self.diagnostics[uri][-1]

    def at(self, marked: str, name: str = "registry.yaml") -> dict[str, Any]:
        """Open a text with a cursor in it; the parameters of a request there."""
        text, place = unmarked(marked)
        return {"text_document": types.TextDocumentIdentifier(self.open(text, name)), "position": place}

    def complete(self, place: dict[str, Any]) -> list[types.CompletionItem]:
        """What is offered at a place."""
        answer = self.wait(self.client.text_document_completion_async(types.CompletionParams(**place)))
        return list(answer.items) if isinstance(answer, types.CompletionList) else list(answer or [])

    def completed(self, marked: str, label: str, name: str = "registry.yaml") -> str:
        """The text once a suggestion is taken, with its places to fill."""
        item = next(item for item in self.complete(self.at(marked, name)) if item.label == label)
        return applied(unmarked(marked)[0], [item.text_edit])

    def rename(self, marked: str, new: str) -> str:
        """The text after a rename."""
        place = self.at(marked)
        edit = self.wait(self.client.text_document_rename_async(types.RenameParams(new_name=new, **place)))
        return applied(unmarked(marked)[0], edit.changes[place["text_document"].uri])

    def actions(self, uri: str, where: types.Range) -> list[Any]:
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), where, types.CodeActionContext([]))
        return self.wait(self.client.text_document_code_action_async(params)) or []


@contextmanager
def editor(
    capabilities: types.ClientCapabilities = SNIPPETS,
    program: list[str] | None = None,
    settings: dict[str, Any] | None = None,
    rules_page: str | None = None,
    **options: Any,
) -> Iterator[Editor]:
    """A session that ends as one should: with this service's language server, or with a program."""
    session = Editor(settings or {})
    try:
        if program:
            session.wait(session.client.start_io(*program, cwd=REPOSITORY, env=clean_environ()))
        else:
            session.wait(session.connect(rules_page))
        params = types.InitializeParams(capabilities=capabilities, initialization_options=options or None)
        session.capabilities = session.wait(session.client.initialize_async(params)).capabilities
        session.tell(session.client.initialized, types.InitializedParams())
        yield session
    finally:
        session.stop()


def opened(marked: str) -> tuple[Document, int]:
    """A document of a text with a cursor in it, and the offset of that."""
    before, _, after = marked.partition(CURSOR)
    return Document("registry.yaml", before + after, "utf-16"), len(before)


def unmarked(marked: str) -> tuple[str, types.Position]:
    """A text without its mark, and where that was, in UTF-16."""
    assert CURSOR in marked
    document, offset = opened(marked)
    return document.text, types.Position(*document.place(offset))


def in_new_entry(text: str) -> str:
    """The documented registry, with an entry that is being typed behind the others."""
    before, legacy, after = VALID.partition("legacy_features:")
    return f"{before}  - slug: crm_suite\n    {text}\n\n{legacy}{after}"


def applied(text: str, edits: Iterable[Any]) -> str:
    """The text after edits of the protocol, in UTF-16."""
    place = Document("registry.yaml", text).offset
    return made(text, [Edit(place(each.range.start), place(each.range.end), each.new_text) for each in edits])

"""A real client of the language server, over the standard streams of a real process."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient
from pygls.uris import from_fs_path

T = TypeVar("T")
WAIT = 20.0
"""Seconds to wait for an answer before the test fails."""


class Editor:
    """What an editor does, one step after the other."""

    def __init__(self, root: Path, options: Any = None) -> None:
        self._runner = asyncio.Runner()
        self._client = LanguageClient("test-editor", "1")
        self._published: dict[str, list[lsp.PublishDiagnosticsParams]] = {}
        self._news = asyncio.Event()
        self.messages: list[str] = []
        self._versions: dict[str, int] = {}

        @self._client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def on_publish(params: lsp.PublishDiagnosticsParams) -> None:
            self._published.setdefault(params.uri, []).append(params)
            self._news.set()

        @self._client.feature(lsp.WINDOW_SHOW_MESSAGE)
        def on_message(params: lsp.ShowMessageParams) -> None:
            self.messages.append(params.message)

        environment = {**os.environ, "PYTHONPATH": os.getcwd()}
        start = self._client.start_io(
            sys.executable, "-m", "redislint", "lsp", "--stdio", cwd=root, env=environment
        )
        self.run(start)
        self.started = self.run(
            self._client.initialize_async(
                lsp.InitializeParams(
                    capabilities=lsp.ClientCapabilities(),
                    root_uri=from_fs_path(str(root)),
                    initialization_options=options,
                )
            )
        )
        self._client.initialized(lsp.InitializedParams())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(asyncio.wait_for(work, WAIT))

    def close(self) -> None:
        self.run(self._client.shutdown_async(None))
        self._client.exit(None)
        self.run(self._client.stop())  # type: ignore[no-untyped-call]
        self._runner.close()

    def open(self, path: Path, text: str) -> list[lsp.Diagnostic]:
        """Open a text under a path; what the server says of it."""
        uri = uri_of(path)
        self._versions[uri] = 1
        item = lsp.TextDocumentItem(uri=uri, language_id="redis-conf", version=1, text=text)
        self._client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return self._said(uri, 1)

    def replace(self, path: Path, old: lsp.Range, new: str) -> list[lsp.Diagnostic]:
        """Type `new` in the place of a range."""
        uri = uri_of(path)
        self._versions[uri] += 1
        version = self._versions[uri]
        self._client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(version=version, uri=uri),
                [lsp.TextDocumentContentChangePartial(range=old, text=new)],
            )
        )
        return self._said(uri, version)

    def shut(self, path: Path) -> list[lsp.Diagnostic]:
        """Close a text; what is still said of it."""
        uri = uri_of(path)
        self._published[uri].clear()
        self._client.text_document_did_close(
            lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri))
        )
        return self._said(uri, None)

    def said_again(self, path: Path) -> list[lsp.Diagnostic]:
        """What is said of a text after it was said once more without being changed."""
        uri = uri_of(path)

        async def wait() -> list[lsp.Diagnostic]:
            while len(self._published[uri]) < 2:
                self._news.clear()
                await self._news.wait()
            return list(self._published[uri][-1].diagnostics)

        return self.run(wait())

    def hover(self, path: Path, line: int, character: int) -> str:
        place = self._place(path, line, character)
        found = self.run(
            self._client.text_document_hover_async(
                lsp.HoverParams(place.text_document, place.position)
            )
        )
        if found is None:
            return ""
        assert isinstance(found.contents, lsp.MarkupContent)
        return found.contents.value

    def complete(self, path: Path, line: int, character: int) -> list[lsp.CompletionItem]:
        place = self._place(path, line, character)
        found = self.run(
            self._client.text_document_completion_async(
                lsp.CompletionParams(place.text_document, place.position)
            )
        )
        assert isinstance(found, lsp.CompletionList)
        return list(found.items)

    def definitions(self, path: Path, line: int, character: int) -> list[lsp.Location]:
        place = self._place(path, line, character)
        found = self.run(
            self._client.text_document_definition_async(
                lsp.DefinitionParams(place.text_document, place.position)
            )
        )
        assert isinstance(found, Sequence)
        return [one for one in found if isinstance(one, lsp.Location)]

    def actions(self, path: Path, place: lsp.Range, *kinds: str) -> list[lsp.CodeAction]:
        context = lsp.CodeActionContext(diagnostics=[], only=list(kinds) or None)
        found = self.run(
            self._client.text_document_code_action_async(
                lsp.CodeActionParams(lsp.TextDocumentIdentifier(uri_of(path)), place, context)
            )
        )
        return [one for one in found or () if isinstance(one, lsp.CodeAction)]

    def _place(self, path: Path, line: int, character: int) -> lsp.TextDocumentPositionParams:
        return lsp.TextDocumentPositionParams(
            lsp.TextDocumentIdentifier(uri_of(path)), lsp.Position(line, character)
        )

    def _said(self, uri: str, version: int | None) -> list[lsp.Diagnostic]:
        async def wait() -> list[lsp.Diagnostic]:
            while True:
                for found in self._published.get(uri, ()):
                    if found.version == version:
                        return list(found.diagnostics)
                self._news.clear()
                await self._news.wait()

        return self.run(wait())


def uri_of(path: Path) -> str:
    return str(from_fs_path(str(path)))


def at(line: int, start: int, end: int) -> lsp.Range:
    return lsp.Range(lsp.Position(line, start), lsp.Position(line, end))


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    one = Editor(tmp_path_factory.mktemp("workspace"))
    yield one
    one.close()

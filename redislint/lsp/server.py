"""The connection: open texts, and an answer to each question about them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from redislint.lsp.actions import FIX_ALL, actions
from redislint.lsp.check import Checked, Settings, check
from redislint.lsp.completion import complete
from redislint.lsp.definition import definitions
from redislint.lsp.diagnostics import diagnostics
from redislint.lsp.hover import hover
from redislint.lsp.settings import SettingsError, read_settings
from redislint.lsp.text import PROJECT, Text
from redislint.version import VERSION


class Server(LanguageServer):
    """Open texts with what was found in each, kept until the next change."""

    def __init__(self) -> None:
        super().__init__("redislint", VERSION)
        self.settings = Settings()
        self._checked: dict[str, Checked] = {}

    def refresh(self, uri: str) -> None:
        """Check a text that was opened or changed, and those that depend on it."""
        self._publish(uri)
        checked = self._checked[uri]
        path = os.path.realpath(checked.text.path) if checked.text.path else ""
        for other, known in list(self._checked.items()):
            if other != uri and (checked.text.kind == PROJECT or path in known.files):
                self._publish(other)

    def refresh_all(self) -> None:
        """Check every open text again, after something that they depend on changed."""
        for uri in list(self._checked):
            self._publish(uri)

    def forget(self, uri: str) -> None:
        """A text was closed: nothing is said about it any more."""
        self._checked.pop(uri, None)
        empty = lsp.PublishDiagnosticsParams(uri=uri, diagnostics=[])
        self.text_document_publish_diagnostics(empty)

    def checked(self, uri: str) -> Checked:
        """What was found in an open text."""
        if uri not in self._checked:
            self._publish(uri)
        return self._checked[uri]

    def report_server_error(self, error: Exception, source: Any) -> None:
        """A bug of ours: one line for the person, the rest of the session goes on."""
        text = f"redislint: internal error: {type(error).__name__} (please report it)"
        self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, text))

    def _publish(self, uri: str) -> None:
        document = self.workspace.get_text_document(uri)
        text = Text(uri, document.source, self.workspace.position_codec)
        checked = check(text, self._texts(), self.settings)
        self._checked[uri] = checked
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(
                uri=uri, version=document.version, diagnostics=diagnostics(checked)
            )
        )

    def _texts(self) -> Mapping[str, bytes]:
        """What open files hold, by their path with links resolved."""
        codec = self.workspace.position_codec
        texts = (
            Text(uri, document.source, codec)
            for uri, document in self.workspace.text_documents.items()
        )
        return {os.path.realpath(text.path): text.data for text in texts if text.path}


def make_server() -> Server:
    """A server with all it answers; `start_io` of it serves standard input and output."""
    server = Server()

    @server.feature(lsp.INITIALIZE)
    def initialize(_: Server, params: lsp.InitializeParams) -> None:
        try:
            server.settings = read_settings(params.initialization_options)
        except SettingsError as error:
            text = f"redislint: {error}"
            server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, text))

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(_: Server, params: lsp.DidOpenTextDocumentParams) -> None:
        server.refresh(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(_: Server, params: lsp.DidChangeTextDocumentParams) -> None:
        server.refresh(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(_: Server, params: lsp.DidSaveTextDocumentParams) -> None:
        server.refresh_all()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(_: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
        server.refresh_all()

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(_: Server, params: lsp.DidCloseTextDocumentParams) -> None:
        server.forget(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def on_hover(_: Server, params: lsp.HoverParams) -> lsp.Hover | None:
        return hover(server.checked(params.text_document.uri), params.position)

    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION,
        lsp.CompletionOptions(trigger_characters=[" ", ".", '"', "="]),
    )
    def on_completion(_: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
        return complete(server.checked(params.text_document.uri), params.position)

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, FIX_ALL]),
    )
    def on_action(_: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        checked = server.checked(params.text_document.uri)
        return actions(checked, params.range, params.context.only or (), server.settings)

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def on_definition(_: Server, params: lsp.DefinitionParams) -> list[lsp.Location]:
        return definitions(server.checked(params.text_document.uri), params.position)

    return server

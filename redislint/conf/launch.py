"""How a repository starts a server: configuration texts, then the words of a command.

Both stand in host files (a manifest, a compose file); `conf.passage` keeps their places.
The words become configuration text as the server of each version makes it.
"""

from __future__ import annotations

from typing import NamedTuple

from redislint import catalog
from redislint.conf import argv
from redislint.conf.document import Document, embed
from redislint.conf.include import IncludeReader
from redislint.conf.load import Loader
from redislint.conf.passage import Passage, Run
from redislint.conf.resolve import Configuration, finish
from redislint.model import Server

COMMAND_LINE = "command-line"
"""The origin of settings from the words of a command."""


class Launch(NamedTuple):
    """What a server reads when it starts, in its order.

    `texts`: of the configuration file, or of several that tools put together. `words`: the
    arguments after the program's name and the file's. `unseen`: why there may be more that
    nobody can see from here (a file that is not in the repository), "" for nothing. `off`:
    why none of it is in effect (a switch of a chart), "" where it is. `unset`: directives
    that certainly nothing else sets, in spite of `unseen`.
    """

    texts: tuple[Document, ...] = ()
    words: tuple[Passage, ...] = ()
    sentinel: bool = False
    unseen: str = ""
    off: str = ""
    unset: frozenset[str] = frozenset()

    def resolve(self, server: Server, reader: IncludeReader) -> Configuration:
        """What `server` makes of it. `reader` finds what the texts include."""
        loader = Loader(server, reader, sentinel=self.sentinel, builtin_save=True)
        loader.state.unseen = self.unseen
        loader.state.unset = self.unset
        texts = list(self.texts)
        read = argv.options([word.data for word in self.words], loader.rules, holes=True)
        if read.text:
            texts.append(embed(_passage(read, self.words), origin=COMMAND_LINE))
        for document in texts:
            _hide_secrets(document)
        given = bool(self.texts or self.words or self.unseen)
        outcome = finish(loader, texts, with_file=given, cwd=None)
        if self.off:
            loader.state.retire(self.off)
        return outcome


def _hide_secrets(document: Document) -> None:
    """Tell the host file which of its bytes are credentials: there, a password need not
    stand on the line of its directive."""
    if document.passage is None:
        return
    for line in document.directives:
        known = catalog.directive(line.name)
        words = line.words or ()
        if (known is None or known.secret) and len(words) > 1:
            host, start, end = document.passage.extent(words[1].start, words[-1].end)
            host.secrets.add((start, end))


def _passage(read: argv.Options, words: tuple[Passage, ...]) -> Passage:
    """The text that the words become, each byte at its place in the host file."""
    pieces = []
    for text, index, start, end in read.pieces:
        part = words[index].cut(start, end)
        if part.data == text:
            pieces.append(part)
        else:
            host, first, last = words[index].extent(start, end)
            slot = words[index].slot(start)
            pieces.append(Passage(text, (Run(len(text), host, first, last, slot),)))
    return Passage.join(pieces)

"""Feed random and mutated texts through the language; stop at the first surprise.

    python tests/fuzz/fuzz_conf.py --count 1000000 --jobs 2 --seed 1 [--corpus DIRECTORY]

Each input is parsed, written back, tokenised (on a sample also by the grammar), has its
places and excerpts made, its pragmas read, edits tried, and is resolved for a random
server. What must hold: no exception, every byte written back, the shortcut equal to the
grammar, columns within the shown line. Seeds are the project's examples; `--corpus` adds
the files of a directory. Not collected by pytest.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from redislint.catalog import SERVERS, specs  # noqa: E402
from redislint.conf import edit, grammar, words  # noqa: E402
from redislint.conf.document import Document, parse  # noqa: E402
from redislint.conf.pragma import read_pragmas  # noqa: E402
from redislint.conf.redact import excerpt  # noqa: E402

BATCH = 2000
LARGEST = 6000
"""Seeds are cut to this many bytes, so that an input costs about a millisecond."""

VALUES = [b"yes", b"no", b"0", b"-1", b"1gb", b"100%", b"everysec", b'""', b"''", b"900 1", b"x"]
VALUES += [b"a.conf", b"*.conf", b"127.0.0.1 -::1", b"normal 0 0 0", b"18446744073709551616"]
VALUES += [b"on >pw ~* +@all", b"mymaster 127.0.0.1 6379 2", b"0x10", b"1e9", b"K$lshzxeA", b"777"]
VALUES += [
    b"${X}",
    b"{{ x }}",
    b"redis://:p@h",
    b"\xff\xfe",
    "é".encode(),
    b"# c",
    b"=",
    b"a" * 1100,
]
NOISE = [b"\0", b"\n", b"\r", b"\r\n", b"\t", b"\v", b"\f", b" ", b'"', b"'", b"\\", b"\\x41", b"#"]
NOISE += [
    b"\xef\xbb\xbf",
    b"\x85",
    b"\xa0",
    b"\xe2\x82",
    b"\x1b[0m",
    b"# redislint: workload=queue\n",
]
NOISE += [
    b"include redis.conf\n",
    b"dir /nowhere\n",
    b'rename-command CONFIG ""\n',
    b"user default on",
]


def names() -> list[bytes]:
    """Every directive's name of any measured server, and those of the other forms."""
    known = {name.encode() for server in SERVERS for name in specs(server)}
    return sorted(
        known | {b"include", b"user", b"sentinel monitor", b"sentinel auth-pass", b"bogus"}
    )


def structured(rng: random.Random, known: Sequence[bytes]) -> bytes:
    """Lines of real names with values that may or may not fit."""
    lines = []
    for _ in range(rng.randint(0, 8)):
        value = b" ".join(rng.choices(VALUES, k=rng.randint(0, 3)))
        name = rng.choice(known)
        lines.append((name.upper() if rng.random() < 0.1 else name) + b" " + value)
    return rng.choice([b"\n", b"\n", b"\r\n"]).join(lines) + rng.choice([b"", b"\n"])


def mutated(rng: random.Random, data: bytes) -> bytes:
    """A text with a few bytes or pieces changed, cut out, doubled or put in."""
    for _ in range(rng.randint(0, 5)):
        at = rng.randint(0, len(data))
        end = min(len(data), at + rng.choice([0, 1, 1, 4, 40]))
        new = rng.choice(
            [b"", rng.choice(NOISE), rng.randbytes(rng.randint(1, 4)), data[at:end] * 2]
        )
        data = data[:at] + new + data[end:]
    return data


def inputs(rng: random.Random, seeds: Sequence[bytes], known: Sequence[bytes]) -> Iterator[bytes]:
    """An endless row of texts."""
    while True:
        kind = rng.random()
        if kind < 0.6:
            yield mutated(rng, structured(rng, known))
        elif kind < 0.8:
            seed = rng.choice(seeds)
            at = rng.randint(0, len(seed))
            yield mutated(rng, seed[at : at + rng.choice([100, 400, LARGEST // 4])])
        else:
            yield b"".join(rng.choices([*NOISE, *VALUES, *known[:20]], k=rng.randint(0, 30)))


def check_text(rng: random.Random, data: bytes) -> None:
    """What must hold of any text at all."""
    document = parse(data, "fuzz.conf")
    assert bytes(document) == data, "not written back"
    for line in document.directives:
        strict, lenient = words.split_tokens(line.raw), words.split_tokens(line.raw, lenient=True)
        if rng.random() < 0.02:
            assert strict == grammar.tokens(line.raw), "shortcut and grammar differ"
            assert lenient == grammar.tokens(line.raw, lenient=True), "lenient words differ"
        for word in (None, *(line.lenient_words or ())):
            span = line.span() if word is None else line.span(word)
            assert (span.line, span.column) <= (span.end_line, span.end_column), "span backwards"
            if rng.random() < 0.1:
                shown = excerpt(document, span)
                assert shown is None or 1 <= shown.start <= shown.end <= len(shown.text) + 1
    read_pragmas(document)
    check_edit(rng, document)


def check_edit(rng: random.Random, document: Document) -> None:
    """A changed directive reads back, and nothing else changed."""
    if b"\0" in document.data or not document.directives:
        return
    line = rng.choice(document.directives)
    try:
        change = edit.replace_value(line, [b"a b", b"#"])
    except edit.EditError:
        assert line.words is None, "a sound line is not editable"
        return
    after = parse(edit.apply(document, [change]))
    at = document.directives.index(line)
    assert len(after.directives) == len(document.directives), "an edit changed the lines"
    assert (after.directives[at].values or ())[1:] == (b"a b", b"#"), "an edit does not read back"


def check_resolve(rng: random.Random, data: bytes) -> None:
    """A server's verdict on any text comes without an exception."""
    configuration = parse(data, "fuzz.conf").resolve(
        rng.choice(SERVERS), cwd=str(ROOT / "examples")
    )
    assert configuration.accepted == (configuration.rejection is None), "verdict without a reason"
    for name in ("save", "maxmemory", "requirepass", "bogus"):
        configuration.config_get(name)


CHECKS: tuple[Callable[[random.Random, bytes], None], ...] = (check_text, check_resolve)


def run(seeds: Sequence[bytes], resolving: bool, job: tuple[int, int]) -> int:
    """One batch: `job` is its random seed and its size. Raises with the input on a surprise."""
    seed, count = job
    rng = random.Random(seed)
    row = inputs(rng, seeds, names())
    for _ in range(count):
        data = next(row)
        for check in CHECKS if resolving else CHECKS[:1]:
            try:
                check(rng, data)
            except Exception as error:
                raise RuntimeError(f"batch {seed}, input {data!r}: {error!r}") from error
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="how many inputs")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--seed", type=int, default=1, help="first random seed")
    parser.add_argument("--corpus", type=Path, help="directory with more files to start from")
    parser.add_argument("--no-resolve", action="store_true", help="parse only")
    options = parser.parse_args()
    folders = [ROOT / "examples", *([options.corpus] if options.corpus else [])]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    seeds = [path.read_bytes()[: LARGEST * 20] for path in files] or [b"port 6379\n"]
    sizes = [min(BATCH, options.count - at) for at in range(0, options.count, BATCH)]
    jobs = [(options.seed * 1_000_003 + n, size) for n, size in enumerate(sizes)]
    work = partial(run, seeds, not options.no_resolve)
    started = time.monotonic()
    done = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for count in pool.map(work, jobs):
            done += count
            rate = done / (time.monotonic() - started)
            print(f"\r{done} inputs, {rate:.0f} a second", end="", file=sys.stderr, flush=True)
    seconds = time.monotonic() - started
    print(f"\n{done} inputs in {seconds:.0f} s ({done / seconds:.0f} a second), no surprise")


if __name__ == "__main__":
    main()

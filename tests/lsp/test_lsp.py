"""The language server as an editor sees it: a real client, a real process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.lsp.conftest import Editor, at, uri_of

CONF = """\
# redislint: engine=redis version=7.2
appendonly yes
appendfsync allways
port 1
port 2
"""


def _codes(found: list[lsp.Diagnostic]) -> list[tuple[object, int]]:
    return [(one.code, one.range.start.line) for one in found]


def _apply(text: str, action: lsp.CodeAction, path: Path) -> str:
    """The text after an action, as an editor would carry it out."""
    assert action.edit is not None
    assert action.edit.changes is not None
    (edits,) = action.edit.changes.values()
    assert list(action.edit.changes) == [uri_of(path)]
    lines = text.split("\n")

    def offset(position: lsp.Position) -> int:
        return sum(len(line) + 1 for line in lines[: position.line]) + position.character

    for edit in sorted(edits, key=lambda one: one.range.start, reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


def test_what_is_wrong_shows_while_typing(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    found = editor.open(path, CONF)
    assert ("RL106", 2) in _codes(found)
    wrong = next(one for one in found if one.code == "RL106")
    assert wrong.range == at(2, 12, 19)
    assert wrong.severity is lsp.DiagnosticSeverity.Error
    assert "did you mean 'always'?" in wrong.message
    found = editor.replace(path, at(2, 12, 19), "always")
    assert "RL106" not in {one.code for one in found}


def test_a_line_without_effect_is_greyed_out(editor: Editor, tmp_path: Path) -> None:
    found = editor.open(tmp_path / "redis.conf", CONF)
    double = next(one for one in found if one.code == "RL110")
    assert list(double.tags or ()) == [lsp.DiagnosticTag.Unnecessary]
    assert double.range.start.line == 3


def test_characters_beyond_the_basic_plane_are_counted_as_the_editor_does(
    editor: Editor, tmp_path: Path
) -> None:
    found = editor.open(tmp_path / "redis.conf", 'requirepass "😀é"\nlogfile "😀é" extra\n')
    wrong = next(one for one in found if one.code == "RL102")
    assert wrong.range.start.line == 1
    assert wrong.range.end.character <= len('logfile "😀é" extra'.encode("utf-16-le")) // 2


def test_unsaved_texts_count_in_place_of_files(editor: Editor, tmp_path: Path) -> None:
    main, part = tmp_path / "redis.conf", tmp_path / "part.conf"
    main.write_text("include part.conf\n")
    part.write_text("appendonly yes\n")
    assert "included files" not in str(editor.open(main, main.read_text()))
    editor.open(part, "appendonly perhaps\n")
    said = [one for one in editor.said_again(main) if "in included files" in one.message]
    assert [one.range.start.line for one in said] == [0]
    assert said[0].severity is lsp.DiagnosticSeverity.Error
    related = said[0].related_information or []
    assert [one.location.uri for one in related] == [uri_of(part)] * len(related)


def test_a_closed_text_has_no_findings(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    assert editor.open(path, CONF)
    assert editor.shut(path) == []


def test_sentinel_and_acl_files(editor: Editor, tmp_path: Path) -> None:
    found = editor.open(tmp_path / "sentinel.conf", "sentinel down-after-milliseconds x 1\n")
    assert any(one.severity is lsp.DiagnosticSeverity.Error for one in found)
    found = editor.open(tmp_path / "users.acl", "user alice on +@reed\n")
    assert any("@reed" in one.message for one in found)


def test_policy_files(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "team.yaml"
    text = (
        "rules:\n  - id: ACME-1\n    name: aof\n    severity: error\n    summary: s\n"
        "    require: persistence.aoff\n    message: m\n    help: h\n"
        '    examples: [{fails: "appendonly no"}, {passes: "appendonly yes"}]\n'
    )
    found = editor.open(path, text)
    assert [one.range.start.line for one in found] == [5]
    assert "persistence.aof" in found[0].message
    assert editor.replace(path, at(5, 13, 29), "persistence.aof") == []


def test_project_file(editor: Editor, tmp_path: Path) -> None:
    found = editor.open(tmp_path / "redislint.yaml", "profile: strictt\n")
    assert len(found) == 1
    assert found[0].range.start.line == 0
    assert "strict" in found[0].message


def test_a_broken_project_shows_at_what_it_governs(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "redislint.yaml").write_text("profil: strict\n")
    found = editor.open(tmp_path / "redis.conf", "port 6379\n")
    assert ["redislint.yaml:1:1" in one.message for one in found] == [True]


def test_hover_explains_directive_and_rule(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    editor.open(path, CONF)
    text = editor.hover(path, 2, 3)
    assert "**appendfsync**" in text
    assert "default: everysec" in text
    assert "**RL106" in editor.hover(path, 2, 14)
    editor.replace(path, at(0, 0, 0), "# see RL210\n")
    assert "**RL210" in editor.hover(path, 0, 8)
    assert editor.hover(path, 0, 1) == ""


@pytest.mark.parametrize(
    ("text", "line", "character", "expected", "unexpected"),
    [
        ("appe", 0, 4, "appendonly", "port"),
        ("appendfsync ", 0, 12, "everysec", "appendonly"),
        ("appendonly y", 0, 12, "yes", "no"),
        ("# redislint: work", 0, 17, "workload=", "owner="),
        ("# redislint: workload=led", 0, 25, "ledger", "queue"),
        ("# redislint: server=redis-7", 0, 27, "redis-7.2", "valkey-8.0"),
        ("# redislint: disable=RL21", 0, 25, "RL210", "RL101"),
        ("# a plain comment app", 0, 21, None, "appendonly"),
    ],
)
def test_completion_in_redis_conf(
    editor: Editor,
    tmp_path: Path,
    text: str,
    line: int,
    character: int,
    expected: str | None,
    unexpected: str,
) -> None:
    path = tmp_path / "redis.conf"
    editor.open(path, text)
    labels = [item.label for item in editor.complete(path, line, character)]
    assert unexpected not in labels
    if expected is None:
        assert labels == []
    else:
        assert expected in labels


def test_completion_replaces_what_was_begun(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    editor.open(path, "  appendfs")
    (item,) = [one for one in editor.complete(path, 0, 10) if one.label == "appendfsync"]
    assert item.text_edit == lsp.TextEdit(at(0, 2, 10), "appendfsync")


def test_completion_offers_what_the_version_knows(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    editor.open(path, "# redislint: server=redis-4.0\n\n")
    labels = {item.label for item in editor.complete(path, 1, 0)}
    assert "slaveof" in labels
    assert "aclfile" not in labels
    assert "replicaof" not in labels


def test_completion_in_sentinel_and_acl_files(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "sentinel.conf"
    editor.open(path, "sentinel mon")
    assert "monitor" in {item.label for item in editor.complete(path, 0, 12)}
    path = tmp_path / "users.acl"
    editor.open(path, "user bob on ")
    assert "-@dangerous" in {item.label for item in editor.complete(path, 0, 12)}


def test_completion_in_policies(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "team.yaml"
    editor.open(
        path, 'rules:\n  - id: A-1\n    require: persistence.\n    when: config["app\n    se'
    )
    assert "persistence.aof" in {i.label for i in editor.complete(path, 2, 25)}
    assert "appendfsync" in {i.label for i in editor.complete(path, 3, 21)}
    assert "severity:" in {i.label for i in editor.complete(path, 4, 6)}


def test_fixes_mend_and_waivers_ask_for_a_reason(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    editor.open(path, CONF)
    found = {one.title: one for one in editor.actions(path, at(2, 12, 19))}
    mended = _apply(CONF, found["write 'always' (changes behaviour)"], path)
    assert "appendfsync always\n" in mended
    waived = _apply(CONF, found["Waive RL106 on this line (write the reason)"], path)
    assert '# redislint: disable-next-line=RL106 reason=""\nappendfsync allways' in waived
    said = editor.replace(path, lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0)), waived)
    assert "RL106" in {one.code for one in said}, "a waiver without a reason does not count"
    reasoned = waived.replace('reason=""', 'reason="told so"')
    said = editor.replace(path, lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0)), reasoned)
    assert "RL106" not in {one.code for one in said}


def test_all_safe_fixes_at_once(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    editor.open(path, CONF)
    (action,) = editor.actions(path, at(0, 0, 0), "source.fixAll")
    text = _apply(CONF, action, path)
    assert "port 1\n" not in text
    assert "port 2\n" in text
    assert "allways" in text, "what changes behaviour is not mended on its own"
    editor.replace(path, lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0)), text)
    assert editor.actions(path, at(0, 0, 0), "source.fixAll") == []


def test_go_to_includes_and_duplicates(editor: Editor, tmp_path: Path) -> None:
    part = tmp_path / "part.conf"
    part.write_text("port 3\n")
    path = tmp_path / "redis.conf"
    path.write_text("port 1\nport 2\ninclude part.conf\n")
    editor.open(path, path.read_text())
    assert [one.uri for one in editor.definitions(path, 2, 10)] == [uri_of(part)]
    (winner,) = editor.definitions(path, 0, 2)
    assert winner.uri == uri_of(part)
    assert winner.range.start == lsp.Position(0, 5)


def test_settings_of_the_editor(tmp_path: Path) -> None:
    one = Editor(tmp_path, {"server": "redis-6.0", "ignore": ["RL106"]})
    try:
        found = one.open(tmp_path / "redis.conf", "appendfsync allways\n")
        assert not {"RL106", "RL003"} & {item.code for item in found}
    finally:
        one.close()


def test_wrong_settings_are_one_clear_line(tmp_path: Path) -> None:
    one = Editor(tmp_path, {"profil": "strict"})
    try:
        one.open(tmp_path / "redis.conf", "port 6379\n")
        assert one.messages == [
            "redislint: settings: unknown key 'profil'; did you mean 'profile'?"
        ]
    finally:
        one.close()


def test_secrets_are_shown_nowhere(editor: Editor, tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    found = editor.open(path, "requirepass hunter2-canary\nrequirepass hunter2-canary # x\n")
    assert found
    assert "hunter2-canary" not in str(found)
    assert "hunter2-canary" not in editor.hover(path, 0, 15)


def test_what_is_no_protocol_ends_without_a_traceback(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "redislint", "lsp"],
        input=b"Content-Length: 5\r\n\r\nhello",
        capture_output=True,
        cwd=Path.cwd(),
        timeout=30,
        check=False,
    )
    assert b"Traceback" not in result.stderr

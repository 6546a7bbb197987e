"""Manifests that a tool fills in first: templates of charts, and Jinja's."""

from __future__ import annotations

import pytest

from redislint.conf.document import parse
from redislint.sources.iac.filled import documents, shape
from redislint.sources.iac.nodes import NodeError
from tests.sources.iac.conftest import Make

CONFIG_MAP = """\
{{- /*
  what people see of é
*/ -}}
{{- if .Values.redis.enabled }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "shop.fullname" . }}-redis
  labels: {{- include "shop.labels" ( dict "a" $ ) | nindent 4 }}
    part: redis
  {{- with .Values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
data:
  redis.conf: |-
{{- if .Values.redis.persistent }}
    appendonly yes
{{- else }}
    appendonly no
{{- end }}
    maxmemory {{ .Values.redis.memory }}
{{ tpl .Values.redis.extra . | indent 4 }}
    loglevel notice
{{ toYaml .Values.files | indent 2 }}
{{- end }}
"""
NAME = 'ConfigMap/{{ include "shop.fullname" . }}-redis/redis.conf'


def test_a_config_map_of_a_chart(repository: Make) -> None:
    found = repository({"templates/redis.yaml": CONFIG_MAP})
    assert found.report.errors == ()
    target = found.target(NAME)
    assert [(s.name, s.known, s.effective) for s in target.settings] == [
        ("appendonly", True, False),
        ("appendonly", True, True),
        ("maxmemory", False, True),
        ("loglevel", True, True),
    ]
    assert [text for _, text in found.spanned(NAME)] == [
        "yes",
        "no",
        "{{ .Values.redis.memory }}",
        "notice",
    ]
    assert target.unknown["config"] == "a template fills in further directives"


def test_what_is_written_beside_a_text_is_none_of_it(repository: Make) -> None:
    text = CONFIG_MAP.replace("{{ tpl .Values.redis.extra . | indent 4 }}\n", "")
    target = repository({"templates/redis.yaml": text}).target(NAME)
    assert "template" not in target.unknown["config"]


WORKLOAD = """\
kind: Deployment
apiVersion: apps/v1
metadata: {name: "{{ .Release.Name }}-redis"}
spec:
  template:
    spec:
      containers:
        - name: redis
          image: "redis:{{ .Values.tag }}"
          args:
            - redis-server
            {{- if .Values.password }}
            - --requirepass
            - {{ .Values.password | quote }}
            {{- end }}
            - --save
            - "{{ .Values.seconds }} 1"
            - --appendonly
            - yes
          resources: {{ toYaml .Values.resources | nindent 12 }}
          volumeMounts:
            - {name: {{ .Values.volume }}, mountPath: /data}
      volumes:
        - name: {{ .Values.volume }}
          emptyDir: {}
"""


@pytest.mark.parametrize("name", ["templates/redis.yaml", "redis.yaml.j2"])
def test_a_workload(repository: Make, name: str) -> None:
    found = repository({name: WORKLOAD})
    (target,) = found.report.targets
    assert target.id == name + "#Deployment/{{ .Release.Name }}-redis/redis"
    assert [(s.name, s.known, found.text_at(s)) for s in target.settings] == [
        ("requirepass", False, "{{ .Values.password | quote }}"),
        ("save", False, "{{ .Values.seconds }} 1"),
        ("appendonly", True, "yes"),
    ]
    assert target.facts["disk.volatile"].value is True


def test_the_text_of_each_branch_counts(repository: Make) -> None:
    text = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data:
{{- if .Values.large }}
  redis.conf: |
    maxmemory 4gb
    hz 20
{{- else }}
  redis.conf: |
    maxmemory 1gb
    # {{ .Values.note }}
{{- end }}
"""
    found = repository({"templates/conf.yaml": text})
    settings = found.target("ConfigMap/conf/redis.conf").settings
    assert [(found.text_at(s), s.effective) for s in settings] == [
        ("4gb", False),
        ("20", True),
        ("1gb", True),
    ]


def test_named_templates(repository: Make) -> None:
    text = """\
{{/* é */}}
{{- define "shop.redis.conf" -}}
    port {{ .Values.port }}
    appendonly yes
{{- end }}
{{ define "shop.init.sh" }}
    set -e
    redis-cli --version
{{ end }}
"""
    found = repository({"templates/_redis.tpl": text})
    (target,) = found.report.targets
    assert found.spanned("shop.redis.conf") == [
        ("port", "{{ .Values.port }}"),
        ("appendonly", "yes"),
    ]
    assert target.kind == "template"


def test_an_error_is_that_of_the_filled_file() -> None:
    with pytest.raises(NodeError) as error:
        documents(parse("{{ if x }}\na: [1\n{{ end }}\nb: 2\n", "x.yaml"))
    assert error.value.offset > len("{{ if x }}\na: [1\n")


@pytest.mark.parametrize(
    "text",
    ["a: {{ é }}\r\n{{- x }}\r\n", "{{ a\n b }}\n\n{{c}} {{d}}\nx: {{e}}{{f}} g", "{{", "{{ x", ""],
)
def test_the_shape_is_as_long_as_the_file(text: str) -> None:
    shaped = shape(text.encode())
    if shaped is None:
        assert "}}" not in text
    else:
        assert len(shaped) == len(text.encode())
        assert b"{{" not in shaped
        shaped.decode("utf-8")

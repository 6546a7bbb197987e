{{- define "shop.redis.conf" }}
dir "/data"
port {{ .Values.port }}
{{- range $key, $value := .Values.config }}
{{ $key }} {{ $value }}
{{- end }}
{{- if .Values.auth }}
requirepass replace-me
{{- end }}
{{- end }}
{{- define "shop.liveness.sh" }}
redis-cli -h localhost ping
{{- end }}

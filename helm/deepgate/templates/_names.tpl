{{- define "deepgate.name" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "deepgate.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gateway
{{- end -}}

{{- define "deepgate.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "deepgate.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- /* What the namespace's "restricted" policy asks for. */ -}}
{{- define "deepgate.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "deepgate.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- /* What application.yaml has of the chart, and then of the values: the later document counts. */ -}}
{{- define "deepgate.settings" -}}
server.port: 8080
management.server.port: 8081
gateway:
  access.tenants-file: config/tenants/tenants.yaml
  usage.directory: /app/data
  watch.drain-timeout: {{ .Values.stop.drainSeconds }}s
{{- if .Values.redis.host }}
  admission.store: redis
spring.data.redis:
  host: {{ .Values.redis.host | quote }}
  port: {{ .Values.redis.port }}
  ssl.enabled: {{ .Values.redis.tls }}
{{- end }}
{{- with .Values.postgres.url }}
spring.datasource.url: {{ . | quote }}
{{- end }}
{{- if .Values.sandbox }}
server.address: 0.0.0.0
management.server.address: 0.0.0.0
{{- end }}
{{- with .Values.settings }}
---
{{ toYaml . }}
{{- end }}
{{- end -}}

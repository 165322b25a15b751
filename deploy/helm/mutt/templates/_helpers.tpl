{{- define "mutt.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "mutt.selector" -}}
app.kubernetes.io/name: mutt
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mutt.labels" -}}
{{ include "mutt.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The doors that are open: the setting, the port in the container, the protocol, and the port outside. */}}
{{- define "mutt.doors" -}}
{{- $all := dict
  "syslogUdp" (dict "setting" "SYSLOG_UDP" "name" "syslog-udp" "inside" 5514 "protocol" "UDP")
  "syslogTcp" (dict "setting" "SYSLOG_TCP" "name" "syslog-tcp" "inside" 5514 "protocol" "TCP" "plain" true)
  "syslogTls" (dict "setting" "SYSLOG_TLS" "name" "syslog-tls" "inside" 6514 "protocol" "TCP")
  "relp" (dict "setting" "RELP" "name" "relp" "inside" 2514 "protocol" "TCP" "plain" true)
  "relpTls" (dict "setting" "RELP_TLS" "name" "relp-tls" "inside" 2515 "protocol" "TCP")
  "http" (dict "setting" "HTTP" "name" "http" "inside" 8514 "protocol" "TCP" "plain" true)
  "snmp" (dict "setting" "SNMP" "name" "snmp" "inside" 5162 "protocol" "UDP")
-}}
{{- $doors := list -}}
{{- range $key, $door := $all -}}
{{- $value := index $.Values.doors $key -}}
{{- $doors = append $doors (merge (dict "enabled" $value.enabled "outside" $value.port "allowed" (dig "allowPlaintext" false $value)) $door) -}}
{{- end -}}
{{- toJson (dict "doors" $doors) -}}
{{- end }}

{{/* A rule of a NetworkPolicy that lets out to a place of the values. */}}
{{- define "mutt.egress" -}}
- ports: {{- toYaml .ports | nindent 4 }}
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

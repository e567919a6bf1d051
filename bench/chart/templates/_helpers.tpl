{{- define "fleet.labels" -}}
app.kubernetes.io/name: {{ .app }}
app.kubernetes.io/instance: {{ .instance }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: {{ .values.name }}
app.kubernetes.io/managed-by: flotilla
flotilla.dev/fleet: {{ .values.namespace }}
{{- end }}

{{- define "fleet.selector" -}}
app.kubernetes.io/name: {{ .app }}
app.kubernetes.io/instance: {{ .instance }}
track: {{ .track }}
{{- end }}

{{- define "fleet.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "fleet.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
  - ALL
{{- end }}

{{- define "fleet.probes" -}}
startupProbe:
  httpGet:
    path: /health/ready
    port: http
  periodSeconds: 2
  failureThreshold: 30
  timeoutSeconds: 2
readinessProbe:
  httpGet:
    path: /health/ready
    port: http
  periodSeconds: 5
  failureThreshold: 3
  timeoutSeconds: 2
livenessProbe:
  httpGet:
    path: /health/live
    port: http
  periodSeconds: 10
  failureThreshold: 3
  timeoutSeconds: 2
lifecycle:
  preStop:
    sleep:
      seconds: 5
{{- end }}

{{- define "fleet.strategy" -}}
revisionHistoryLimit: 3
progressDeadlineSeconds: 300
strategy:
  type: RollingUpdate
  rollingUpdate:
    maxUnavailable: 0
    maxSurge: 25%
{{- end }}

{{- define "fleet.spread" -}}
topologySpreadConstraints:
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- $ | nindent 6 }}
{{- end }}
{{- end }}

{{- define "fleet.env" -}}
- name: PORT
  value: {{ . | quote }}
- name: TRACK
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['track']
- name: VERSION
  valueFrom:
    fieldRef:
      fieldPath: metadata.labels['version']
{{- end }}

{{- define "fleet.fromOutside" -}}
- from:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: {{ .values.traefik.namespace }}
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: {{ .values.monitoring.namespace }}
  ports:
  - protocol: TCP
    port: {{ .port }}
{{- end }}

{{- define "fleet.dns" -}}
- ports:
  - protocol: UDP
    port: 53
  - protocol: TCP
    port: 53
{{- end }}

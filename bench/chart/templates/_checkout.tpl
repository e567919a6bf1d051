{{- define "checkout.origins" -}}
{{- $domain := .Values.domain }}
{{- range .Values.variants -}}
https://{{ default (printf "%s.%s" .name $domain) .host }}
{{ end }}
{{- end }}

{{- define "checkout.database" -}}
- name: DATABASE_HOST
  value: {{ .database.host }}
- name: DATABASE_NAME
  value: {{ .database.database }}
- name: DATABASE_PASSWORD_FILE
  value: /run/secrets/flotilla/{{ .secret }}/password
- name: DATABASE_PORT
  value: {{ .database.port | quote }}
- name: DATABASE_USER
  value: {{ .database.user }}
{{- end }}

{{- define "checkout.env" -}}
- name: ALLOWED_ORIGINS_FILE
  value: /etc/flotilla/allowed-origins
{{ include "checkout.database" (dict "database" .Values.database.external "secret" "checkout-database") }}
- name: PUBLIC_URL
  value: https://checkout.{{ .Values.domain }}
- name: STRIPE_SECRET_KEY_FILE
  value: /run/secrets/flotilla/stripe/stripe-secret-key
- name: STRIPE_WEBHOOK_SECRET_FILE
  value: /run/secrets/flotilla/stripe/stripe-webhook-secret
{{- end }}

{{- define "checkout.podLabels" -}}
flotilla.dev/compartment: checkout
{{- end }}

{{- define "checkout.podAnnotations" -}}
flotilla.dev/generation.stripe: "1"
flotilla.dev/generation.checkout-database: "1"
{{- end }}

{{- define "checkout.mounts" -}}
volumeMounts:
- name: tmp
  mountPath: /tmp
- name: config
  mountPath: /etc/flotilla
  readOnly: true
- name: stripe
  mountPath: /run/secrets/flotilla/stripe
  readOnly: true
- name: checkout-database
  mountPath: /run/secrets/flotilla/checkout-database
  readOnly: true
{{- end }}

{{- define "checkout.volumes" -}}
volumes:
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
- name: config
  configMap:
    name: {{ . }}
- name: stripe
  secret:
    secretName: stripe
    defaultMode: 0440
- name: checkout-database
  secret:
    secretName: checkout-database
    defaultMode: 0440
{{- end }}

{{- define "checkout.migration" -}}
backoffLimit: 1
activeDeadlineSeconds: 600
template:
  metadata:
    labels:
      {{- include "fleet.labels" (dict "values" .values "app" "checkout-migrate" "instance" "checkout-migrate" "component" "job") | nindent 6 }}
      flotilla.dev/compartment: database
    annotations:
      flotilla.dev/generation.database: "1"
  spec:
    serviceAccountName: checkout
    automountServiceAccountToken: false
    terminationGracePeriodSeconds: 30
    securityContext:
      {{- include "fleet.podSecurity" . | nindent 6 }}
    restartPolicy: Never
    containers:
    - name: checkout-migrate
      image: {{ .values.registry.prefix }}/{{ .image }}
      imagePullPolicy: IfNotPresent
      args:
      - migrate
      env:
      {{- include "checkout.database" (dict "database" .values.database.external "secret" "database") | nindent 6 }}
      resources:
        {{- toYaml .values.checkout.resources | nindent 8 }}
      securityContext:
        {{- include "fleet.containerSecurity" . | nindent 8 }}
      volumeMounts:
      - name: tmp
        mountPath: /tmp
      - name: database
        mountPath: /run/secrets/flotilla/database
        readOnly: true
    volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    - name: database
      secret:
        secretName: database
        defaultMode: 0440
{{- end }}

{{- define "checkout.releases" -}}
{{- $checkout := .Values.checkout }}
{{- $canary := .Values.canary.checkout }}
{{- $weight := index .Values.plans $canary.plan (int $canary.step) }}
{{- $replicas := float64 $checkout.replicas }}
releases:
- name: checkout
  track: stable
  image: {{ $checkout.image }}
  weight: {{ sub 100 $weight }}
  replicas: {{ divf (mulf $replicas (sub 100 $weight)) 100 | ceil | int | max 1 }}
- name: checkout-canary
  track: canary
  image: {{ $canary.image }}
  weight: {{ $weight }}
  replicas: {{ divf (mulf $replicas $weight) 100 | ceil | int | max 1 }}
{{- end }}

{{- define "turboprop.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/* At most 50 characters: "-headless", "-executor" and the number of a pod follow. */}}
{{- define "turboprop.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := include "turboprop.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "turboprop.headless" -}}
{{ include "turboprop.fullname" . }}-headless
{{- end }}

{{- define "turboprop.secret" -}}
{{ default (include "turboprop.fullname" .) .Values.secrets.existingSecret }}
{{- end }}

{{- define "turboprop.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "turboprop.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* Labels that all pods of this release share, engines and executors: they are one cluster. */}}
{{- define "turboprop.selector" -}}
app.kubernetes.io/name: {{ include "turboprop.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Engines find each other by the label app (turboprop.cluster.service). */}}
{{- define "turboprop.podLabels" -}}
{{- with .Values.podLabels }}
{{- toYaml . }}
{{ end -}}
app: {{ include "turboprop.fullname" . }}
{{ include "turboprop.labels" . }}
{{- end }}

{{- define "turboprop.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "turboprop.selector" . }}
{{- end }}

{{/* Arguments: repository, tag, digest. */}}
{{- define "turboprop.imageName" -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag }}
{{- end }}
{{- end }}

{{- define "turboprop.image" -}}
{{- include "turboprop.imageName" (dict "repository" .Values.image.repository "tag" (default .Chart.AppVersion .Values.image.tag) "digest" .Values.image.digest) }}
{{- end }}

{{- define "turboprop.executorImage" -}}
{{- $own := .Values.executors.image }}
{{- if or $own.repository $own.tag $own.digest }}
{{- include "turboprop.imageName" (dict "repository" (default .Values.image.repository $own.repository) "tag" (coalesce $own.tag .Values.image.tag .Chart.AppVersion) "digest" $own.digest) }}
{{- else }}
{{- include "turboprop.image" . }}
{{- end }}
{{- end }}

{{- define "turboprop.roles" -}}
{{- if .Values.roles }}
{{- toJson .Values.roles }}
{{- else if .Values.executors.enabled -}}
["door","engine"]
{{- else -}}
["door","engine","executor"]
{{- end }}
{{- end }}

{{/* Names of the API's host header: of the services and of single pods, short and whole. */}}
{{- define "turboprop.hosts" -}}
{{- $service := include "turboprop.fullname" . }}
{{- $headless := include "turboprop.headless" . }}
{{- $namespace := .Release.Namespace }}
{{- $hosts := list $service (printf "%s.%s" $service $namespace) (printf "%s.%s.svc" $service $namespace) (printf "%s.%s.svc.%s" $service $namespace .Values.clusterDomain) }}
{{- $hosts = append $hosts (printf "*.%s" $headless) }}
{{- $hosts = append $hosts (printf "*.%s.%s.svc.%s" $headless $namespace .Values.clusterDomain) }}
{{- toJson (concat $hosts .Values.hosts) }}
{{- end }}

{{- define "turboprop.databaseUrl" -}}
{{- $parameters := list }}
{{- range $name, $value := .Values.database.parameters }}
{{- $parameters = append $parameters (printf "%s=%s" ($name | urlquery) ($value | toString | urlquery)) }}
{{- end }}
{{- printf "jdbc:postgresql://%s:%d/%s" (required "database.host must name the host of the PostgreSQL that all engines share" .Values.database.host) (int .Values.database.port) .Values.database.name }}
{{- if $parameters }}?{{ join "&" $parameters }}{{ end }}
{{- end }}

{{/* The pods of engines and executors differ in: component, file, image, javaOptions, resources, terminationGracePeriodSeconds. */}}
{{- define "turboprop.pod" -}}
{{- $root := .root -}}
serviceAccountName: {{ include "turboprop.serviceAccount" $root }}
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
# Pekko's discovery reads the pods of this namespace.
automountServiceAccountToken: true
# Otherwise each service of the namespace becomes an environment variable, and some of them begin with TURBOPROP_.
enableServiceLinks: false
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
terminationGracePeriodSeconds: {{ .terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if ne $root.Values.antiAffinity "none" }}
affinity:
  podAntiAffinity:
    {{- if eq $root.Values.antiAffinity "required" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "turboprop.selector" $root | nindent 12 }}
            app.kubernetes.io/component: {{ .component }}
    {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "turboprop.selector" $root | nindent 14 }}
              app.kubernetes.io/component: {{ .component }}
    {{- end }}
{{- end }}
{{- if $root.Values.topologySpread.enabled }}
topologySpreadConstraints:
  - maxSkew: {{ $root.Values.topologySpread.maxSkew }}
    topologyKey: {{ $root.Values.topologySpread.topologyKey }}
    whenUnsatisfiable: {{ $root.Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "turboprop.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
{{- end }}
containers:
  - name: turboprop
    image: {{ .image | quote }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: ["server", "--config", "/etc/turboprop/{{ .file }}"]
    env:
      - name: POD_IP
        valueFrom:
          fieldRef:
            fieldPath: status.podIP
      - name: JDK_JAVA_OPTIONS
        value: {{ .javaOptions | quote }}
      - name: TURBOPROP_LOG_LEVEL
        value: {{ $root.Values.log.level }}
      - name: TURBOPROP_LOG_OTHERS
        value: {{ $root.Values.log.others }}
      - name: TURBOPROP_LOG_FORMAT
        value: {{ $root.Values.log.format }}
      {{- with $root.Values.extraEnv }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    envFrom:
      - secretRef:
          name: {{ include "turboprop.secret" $root }}
    ports:
      - name: api
        containerPort: {{ $root.Values.ports.api }}
      - name: remoting
        containerPort: {{ $root.Values.ports.remoting }}
      - name: management
        containerPort: {{ $root.Values.ports.management }}
    startupProbe:
      httpGet:
        path: /alive
        port: api
      {{- toYaml $root.Values.probes.startup | nindent 6 }}
    readinessProbe:
      httpGet:
        path: /ready
        port: api
      {{- toYaml $root.Values.probes.readiness | nindent 6 }}
    livenessProbe:
      httpGet:
        path: /alive
        port: api
      {{- toYaml $root.Values.probes.liveness | nindent 6 }}
    {{- if gt (int $root.Values.preStopSeconds) 0 }}
    lifecycle:
      preStop:
        sleep:
          seconds: {{ $root.Values.preStopSeconds }}
    {{- end }}
    resources:
      {{- toYaml .resources | nindent 6 }}
    securityContext:
      allowPrivilegeEscalation: false
      privileged: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: ["ALL"]
    volumeMounts:
      - name: config
        mountPath: /etc/turboprop
        readOnly: true
      - name: data
        mountPath: /var/lib/turboprop
      - name: cache
        mountPath: /var/cache/turboprop
      - name: tmp
        mountPath: /tmp
      {{- with $root.Values.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: config
    configMap:
      name: {{ include "turboprop.fullname" $root }}
  - name: data
    emptyDir:
      sizeLimit: {{ $root.Values.storage.data }}
  - name: cache
    emptyDir:
      sizeLimit: {{ $root.Values.storage.cache }}
  - name: tmp
    emptyDir:
      sizeLimit: {{ $root.Values.storage.tmp }}
  {{- with $root.Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

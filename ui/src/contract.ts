/** What the server tells, as it is on the wire. A figure that nobody measured is null. */

export type ProviderAction = 'start' | 'stop' | 'install' | 'update' | 'rollback' | 'remove' | 'logs' | 'open'

export interface Helix {
  readonly version: string
  readonly release: string | null
  readonly address: string
  readonly monitor_address: string | null
  readonly pid: number
  readonly started: string
  readonly sandbox: string | null
  readonly notes: readonly string[]
  readonly uptime_target: number
  /** Names of the person's own for models; missing where an older daemon answers. */
  readonly aliases?: readonly string[]
}

export interface Provider {
  readonly id: string
  readonly name: string
  readonly order: number
  readonly category: string
  readonly description: string
  readonly state: string
  readonly reason: string
  readonly since: string
  readonly pid: number | null
  readonly model: string | null
  readonly release: string | null
  readonly previous: string | null
  readonly verified: string
  readonly attached: boolean
  readonly cloud: boolean
  readonly terms: string | null
  /** That its releases take; missing where an older daemon answers. */
  readonly disk_bytes?: number | null
  /** How far what is fetched for it has come, from 0 to 1. */
  readonly progress?: number | null
  readonly actions: readonly string[]
}

export interface HealthStep {
  readonly step: string
  readonly state: string
}

export interface Instance {
  readonly name: string
  readonly provider: string
  readonly model: string
  readonly state: string
  readonly reason: string
  readonly remedy: string | null
  readonly pid: number | null
  readonly restarts: number
  readonly since: string
  readonly fault: string | null
  readonly next_start: string | null
  readonly took_to_start_ms: number | null
  readonly took_to_recover_ms: number | null
  readonly reserved_bytes: number
  /** Of the GPUs' memory; missing where an older daemon answers. */
  readonly reserved_gpu_bytes?: number
  readonly measured_bytes: number | null
  readonly health: readonly HealthStep[]
}

export interface ServedModel {
  readonly id: string
  readonly order: number
  readonly state: string
  readonly detail: string | null
  readonly abilities: readonly string[]
  readonly context_tokens: number
  readonly self_test: boolean
  readonly origin: string
  readonly providers: readonly string[]
  readonly running: number
  readonly waiting: number
}

export interface Figures {
  readonly cpu: number | null
  readonly memory_bytes: number | null
  readonly in_flight: number
  readonly requests: number
  readonly faults: number
  readonly tokens_per_second: number | null
}

export interface Gpu {
  readonly name: string
  readonly memory_bytes: number | null
  readonly used_bytes: number | null
  readonly busy: number | null
  readonly celsius: number | null
  readonly watts: number | null
}

/** Each under its own key; any may be missing for a moment. */
export interface Machine {
  readonly cpu?: { readonly cores: number; readonly busy: number | null }
  readonly memory?: { readonly total_bytes: number; readonly available_bytes: number | null }
  readonly ledger?: { readonly budget_bytes: number; readonly reserved_bytes: number; readonly measured_bytes: number }
  readonly disk?: { readonly path: string; readonly total_bytes: number | null; readonly free_bytes: number | null; readonly low: boolean }
  readonly gpus?: { readonly gpus: readonly Gpu[] }
  readonly daemon?: { readonly cpu: number | null; readonly memory_bytes: number; readonly dashboards: number }
}

export interface Traffic {
  readonly in_flight: number
  readonly requests: number
  readonly errors: number
  readonly requests_per_second: number | null
  readonly tokens_per_second: number | null
}

export interface Minute {
  readonly requests: number
  readonly failed: number
  readonly refused: number
  readonly left: number
  readonly prompt_tokens: number
  readonly answer_tokens: number
  readonly cached_tokens: number
}

export interface Quantiles {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export interface Performance {
  readonly window: string
  readonly provider: string
  readonly model: string
  readonly first_token_ms: Quantiles | null
  readonly inter_token_ms: Quantiles | null
  /** Of streams that came to their end: so fast were half, 95 and 99 of a hundred, or faster. */
  readonly tokens_per_second?: Quantiles | null
}

/** The streams of one minute; a minute without any is not there. */
export interface PerformanceMinute {
  readonly first_token_ms: Quantiles | null
  readonly inter_token_ms: Quantiles | null
  readonly tokens_per_second?: Quantiles | null
  /** Those with the most of them, told apart. */
  readonly by?: readonly Omit<Performance, 'window'>[]
}

/** On average. */
export interface MachineMinute {
  readonly cpu: number | null
  readonly memory_bytes: number | null
  readonly engines_bytes: number | null
  readonly disk_free_bytes?: number | null
  /** In the order of the machine's; none where they were not asked. */
  readonly gpus?: readonly { readonly busy: number | null; readonly used_bytes: number | null }[]
}

export interface Automation {
  readonly id: string
  readonly order: number
  readonly does: string
  readonly on: boolean
  readonly every: string
  readonly setting: string
  readonly last: string | null
  readonly next: string | null
  readonly result: string | null
  readonly can_run: boolean
}

export interface Happening {
  readonly id: number
  readonly at: string
  readonly kind: string
  readonly severity: string
  readonly provider: string | null
  readonly subject: string | null
  readonly what: string
  readonly words: string
  readonly data?: Readonly<Record<string, unknown>> | null
}

/** As the history tells it; then nothing is known of what became of it. */
export interface PastAlert {
  readonly id: string
  readonly at: string
  readonly severity: string
  readonly provider: string | null
  readonly subject: string | null
  readonly what: string
  readonly words: string
}

/** As the room that keeps alerts tells it. */
export interface KeptAlert {
  readonly id: number
  /** pending, firing, acknowledged, silenced or resolved. */
  readonly state: string
  readonly type: string
  readonly severity: string
  readonly rule: string
  readonly cause: string
  readonly provider: string | null
  readonly subject: string | null
  readonly what: string
  readonly done: string | null
  readonly left: string | null
  readonly since: string
  readonly last_seen: string
  readonly count: number
  readonly flapping: boolean
  readonly resolved: string | null
  readonly end: string | null
  readonly acknowledged: string | null
  readonly by: string | null
  readonly actions?: readonly string[]
}

export interface Uptime {
  readonly id: string
  readonly today: number | null
  readonly month: number | null
  readonly down_seconds_today: number
  readonly down_seconds_month: number
  readonly days: readonly { readonly day: string; readonly uptime: number | null }[]
}

export interface Candidate {
  readonly instance: string
  readonly provider: string
  readonly in_flight: number
  readonly first_token_ms: number | null
  readonly answer_ms: number | null
  readonly kept_tokens: number
  readonly passed_over: string | null
  readonly chosen: boolean
}

export interface Route {
  readonly id: number
  readonly at: string
  readonly request: string
  readonly asked: string | null
  readonly model: string
  readonly provider: string
  readonly instance: string
  readonly attempt: number
  readonly why: string
  readonly candidates: readonly Candidate[]
}

/** Everything that is live: section, key, value. */
export interface Sections {
  helix: Helix
  providers: Provider
  instances: Instance
  models: ServedModel
  figures: Figures
  machine: NonNullable<Machine[keyof Machine]>
  traffic: Traffic
  minutes: Minute
  performance: Performance
  performance_minutes: PerformanceMinute
  machine_minutes: MachineMinute
  automations: Automation
  alerts: PastAlert | KeptAlert
  uptime: Uptime
  routes: Route
  events: Happening
}

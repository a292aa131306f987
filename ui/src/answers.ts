import type { Candidate } from './contract.ts'

// What is asked for once, as it is on the wire

export interface Session {
  readonly id: string
  readonly created: string
  readonly seen: string
  readonly expires: string
  readonly agent: string | null
  readonly current: boolean
}

export interface UsageRow {
  readonly at: string
  readonly key: string | null
  readonly provider: string | null
  readonly model: string | null
  readonly requests: number
  readonly failed: number
  readonly refused: number
  readonly left: number
  readonly prompt_tokens: number
  readonly answer_tokens: number
  readonly cached_tokens: number
  readonly first_token_ms: number | null
  readonly tokens_per_second: number | null
  readonly cost_usd: number
}

export interface Usage {
  readonly per: string
  readonly since: string
  readonly rows: readonly UsageRow[]
}

export interface Version {
  readonly version: string
  readonly use: string
  readonly installed: string
  readonly bytes: number
  readonly tested: string
}

export interface Versions {
  readonly provider: string
  readonly current: string | null
  readonly previous: string | null
  readonly pinned: string | null
  readonly versions: readonly Version[]
}

export interface UpdateCheck {
  readonly provider: string
  readonly installed: string | null
  readonly known: string | null
  readonly newest: string | null
  readonly asked: string | null
  readonly advice: string
  readonly problem: string | null
}

export interface LibraryModel {
  readonly id: string
  readonly path: string
  readonly bytes: number
  readonly sha256: string | null
  readonly architecture: string
  readonly quantization: string | null
  readonly parameters: number
  readonly context_tokens: number
  readonly abilities: readonly string[]
  readonly source: string
  readonly added: string
  readonly format: string
}

export interface Library {
  readonly models: readonly LibraryModel[]
  readonly problems: readonly { readonly file: string; readonly reason: string; readonly remedy: string }[] | null
}

export interface CatalogModel {
  readonly id: string
  readonly role: string
  readonly license: string
  readonly bytes: number
  readonly billions: number
  readonly context: number
  readonly need_bytes: number
  readonly in_library: boolean
  readonly fits: boolean
  readonly why: string
  readonly formats: readonly string[]
}

export interface PullEvent {
  readonly phase: string
  readonly detail: string | null
  readonly done_bytes: number
  readonly total_bytes: number | null
  readonly bytes_per_second: number | null
  readonly model: LibraryModel | null
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string | null } | null
}

export interface FoundModels {
  readonly models: readonly { readonly name: string; readonly program: string; readonly format: string; readonly bytes: number; readonly path: string; readonly library_id: string | null }[]
  readonly left_out: readonly { readonly name: string; readonly path: string; readonly reason: string }[]
}

export interface PlannedModel {
  readonly id: string
  readonly format: string
  readonly bytes: number
  readonly provider: string | null
  readonly placement: string
  readonly context: number | null
  readonly slots: number | null
  readonly reason: string
  readonly in_library: boolean
  readonly gpus: string | null
}

export interface Plan {
  readonly machine: string
  readonly model_memory_bytes: number
  readonly models: readonly PlannedModel[]
  readonly choice: string
  readonly note: string | null
  readonly threads: number
}

export interface Explanation {
  readonly asked: string | null
  readonly model: string | null
  readonly outcome: string
  readonly why: string
  readonly candidates: readonly (Candidate & {
    readonly context_tokens: number
    readonly failures: number
    readonly opens_in: number | null
    readonly guess_error: number | null
  })[]
}

export interface Setting {
  readonly path: string
  readonly section: string
  readonly key: string
  readonly meaning: string
  readonly kind: string
  readonly allowed: string
  readonly choices: readonly string[] | null
  readonly min: number | null
  readonly max: number | null
  readonly unit: string | null
  readonly default: string
  readonly value: string
  readonly source: string
  readonly effect: string
}

export interface Settings {
  readonly file: string
  readonly problems: readonly string[]
  readonly settings: readonly Setting[]
}

export interface Key {
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly string[]
  readonly created: string
  readonly last_used: string | null
  readonly private: boolean
}

export interface Silence {
  readonly id: number
  readonly from: string
  readonly until: string
  readonly by: string
  readonly comment: string | null
  readonly words: string
}

export interface Channel {
  readonly id: string
  readonly on: boolean
  /** It is told of this, and of what is worse; null where it is not set up. */
  readonly severity: string | null
  readonly hourly: number | null
  readonly waiting: number
  readonly failed: number
  readonly last_sent: string | null
  readonly next_try: string | null
  readonly trouble: string | null
  readonly where: string | null
}

export interface Rule {
  readonly name: string
  readonly on: boolean
  readonly type: string | null
  readonly severity: string | null
  readonly for_seconds: number
  readonly looks: string
  readonly left: string | null
}

export interface Rules {
  readonly rules: readonly Rule[]
  readonly file: string
  readonly own: string
  readonly shipped: string
  readonly problems: readonly string[]
}

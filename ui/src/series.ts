import type { UsageRow } from './answers.ts'

/** Rows of time to lines of a chart. */
export interface Lines {
  readonly times: readonly number[]
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[]
}

const STEP: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86400 }

/** Every step from `from` to `to`, in seconds since 1970; both are laid on the beginning of their step. */
export function steps(from: number, to: number, step: number): number[] {
  const [first, last] = [Math.floor(from / step) * step, Math.floor(to / step) * step]
  return last < first ? [] : Array.from({ length: (last - first) / step + 1 }, (_, at) => first + at * step)
}

/** What is told of every request, added up by each step. */
export interface Counted {
  readonly requests: number
  readonly failed: number
  readonly refused: number
  readonly left: number
  readonly prompt_tokens: number
  readonly answer_tokens: number
  readonly cached_tokens: number
}

export const NOTHING: Counted = { requests: 0, failed: 0, refused: 0, left: 0, prompt_tokens: 0, answer_tokens: 0, cached_tokens: 0 }

export const added = (all: readonly Counted[]): Counted => all.reduce((sum, each) => ({
  requests: sum.requests + each.requests,
  failed: sum.failed + each.failed,
  refused: sum.refused + each.refused,
  left: sum.left + each.left,
  prompt_tokens: sum.prompt_tokens + each.prompt_tokens,
  answer_tokens: sum.answer_tokens + each.answer_tokens,
  cached_tokens: sum.cached_tokens + each.cached_tokens,
}), NOTHING)

export type Line = readonly [name: string, of: (each: Counted) => number]

/** One line for each thing that is counted; what was not told of was not asked: it is 0. */
export function countedLines(rows: readonly (Counted & { readonly at: string })[], per: string, from: number, now: number, lines: readonly Line[]): Lines {
  const times = steps(from, now, STEP[per] ?? 60)
  const byTime = new Map<number, Counted>()
  for (const row of rows) {
    const at = Date.parse(row.at) / 1000
    byTime.set(at, added([byTime.get(at) ?? NOTHING, row]))
  }
  return { times, lines: lines.map(([name, of]) => ({ name, values: times.map(time => of(byTime.get(time) ?? NOTHING)) })) }
}

export interface Measured {
  readonly times: readonly number[]
  readonly lines: readonly { readonly name: string; readonly values: readonly (number | null)[] }[]
}

/** What was measured of each minute, by its beginning. Nothing is known of a minute that is missing: its lines have a gap there. */
export function measuredLines<T>(told: Readonly<Record<string, T>>, lines: readonly (readonly [name: string, of: (each: T) => number | null | undefined])[]): Measured {
  const byTime = new Map(Object.entries(told).map(([minute, each]) => [Date.parse(minute) / 1000, each] as const).filter(([at]) => Number.isFinite(at)))
  const times = byTime.size === 0 ? [] : steps(Math.min(...byTime.keys()), Math.max(...byTime.keys()), 60)
  return { times, lines: lines.map(([name, of]) => ({ name, values: times.map(time => (byTime.has(time) ? of(byTime.get(time)!) ?? null : null)) })) }
}

/** The largest by themselves, and what is left together. */
export function usageLines(rows: readonly UsageRow[], per: string, from: number, now: number, nameOf: (row: UsageRow) => string, of: (row: UsageRow) => number, most = 5): Lines {
  const times = steps(from, now, STEP[per] ?? 60)
  const place = new Map(times.map((time, at) => [time, at]))
  const all = new Map<string, number[]>()
  for (const row of rows) {
    const at = place.get(Date.parse(row.at) / 1000)
    if (at === undefined) continue
    const name = nameOf(row)
    if (!all.has(name)) all.set(name, times.map(() => 0))
    all.get(name)![at]! += of(row)
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const sorted = [...all].map(([name, values]) => ({ name, values })).sort((a, b) => sum(b.values) - sum(a.values) || (a.name < b.name ? -1 : 1))
  if (sorted.length <= most + 1) return { times, lines: sorted }
  const rest = sorted.slice(most)
  return { times, lines: [...sorted.slice(0, most), { name: `${rest.length} others`, values: times.map((_, at) => rest.reduce((total, each) => total + each.values[at]!, 0)) }] }
}

export interface Total {
  readonly name: string
  readonly requests: number
  readonly failed: number
  readonly refused: number
  readonly promptTokens: number
  readonly answerTokens: number
  readonly cost: number
}

/** Added up over all time, the most asked first. */
export function totals(rows: readonly UsageRow[], nameOf: (row: UsageRow) => string): readonly Total[] {
  const all = new Map<string, Total>()
  for (const row of rows) {
    const name = nameOf(row)
    const before = all.get(name) ?? { name, requests: 0, failed: 0, refused: 0, promptTokens: 0, answerTokens: 0, cost: 0 }
    all.set(name, {
      name,
      requests: before.requests + row.requests,
      failed: before.failed + row.failed,
      refused: before.refused + row.refused,
      promptTokens: before.promptTokens + row.prompt_tokens,
      answerTokens: before.answerTokens + row.answer_tokens,
      cost: before.cost + row.cost_usd,
    })
  }
  return [...all.values()].sort((a, b) => b.requests - a.requests || (a.name < b.name ? -1 : 1))
}

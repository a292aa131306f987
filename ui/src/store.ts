import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals'
import { alertOf, type Alert, byUrgency } from './alerts.ts'
import type { Automation, Figures, Happening, Helix, Instance, Machine, Minute, Performance, Provider, Route, Sections, ServedModel, Traffic, Uptime } from './contract.ts'
import { know, when } from './format.ts'
import { link } from './live.ts'
import { applied, type Change, type Snapshot, type State } from './mirror.ts'
import { announce } from './parts/announce.tsx'
import { now, setServerTime } from './parts/clock.tsx'
import { providerLook } from './parts/state.tsx'

/** The last that the server told; null before the first. */
export const state = signal<State | null>(null)

/** Whether it told anything yet: what asks only for that is not drawn anew with everything that it tells. */
export const isTold = computed(() => state.value !== null)

/** When that was. */
export const heard = signal(0)

/** What the database has to be asked for comes a moment after the first snapshot: before that, nothing there means nothing. */
export const settled = signal(false)

type Values<K extends keyof Sections> = Readonly<Record<string, Sections[K]>>

/** A section changes only when something in it does. */
const section = <K extends keyof Sections>(name: K): ReadonlySignal<Values<K>> => computed(() => (state.value?.[name] ?? NOTHING) as Values<K>)

const NOTHING: Readonly<Record<string, never>> = {}

const providersOf = section('providers')
const instancesOf = section('instances')
const modelsOf = section('models')
const automationsOf = section('automations')
const alertsOf = section('alerts')
const eventsOf = section('events')
const routesOf = section('routes')
const performanceOf = section('performance')
const helixOf = section('helix')
const machineOf = section('machine')
const trafficOf = section('traffic')

export const figures: ReadonlySignal<Readonly<Record<string, Figures>>> = section('figures')
export const uptime: ReadonlySignal<Readonly<Record<string, Uptime>>> = section('uptime')
export const minutes: ReadonlySignal<Readonly<Record<string, Minute>>> = section('minutes')

const byOrder = (a: { order: number }, b: { order: number }): number => a.order - b.order

export const helix = computed<Helix | null>(() => helixOf.value['self'] ?? null)
export const machine = computed<Machine>(() => machineOf.value as Machine)
export const traffic = computed<Traffic | null>(() => trafficOf.value['now'] ?? null)
export const providers = computed<readonly Provider[]>(() => Object.values(providersOf.value).sort(byOrder))
export const instances = computed<readonly Instance[]>(() => Object.values(instancesOf.value).sort((a, b) => (a.name < b.name ? -1 : 1)))
export const models = computed<readonly ServedModel[]>(() => Object.values(modelsOf.value).sort(byOrder))
export const automations = computed<readonly Automation[]>(() => Object.values(automationsOf.value).sort(byOrder))
export const alerts = computed<readonly Alert[]>(() => Object.values(alertsOf.value).map(alertOf).filter(alert => alert.state !== 'resolved').sort(byUrgency))
export const events = computed<readonly Happening[]>(() => Object.values(eventsOf.value).sort((a, b) => b.id - a.id))
export const routes = computed<readonly Route[]>(() => Object.values(routesOf.value).sort((a, b) => b.id - a.id))
export const performances = computed<readonly Performance[]>(() => Object.values(performanceOf.value))

effect(() => know([...Object.keys(providersOf.value), ...Object.keys(modelsOf.value)]))

export const providerName = (id: string): string => providersOf.value[id]?.name ?? id

export const listener = {
  snapshot({ at, state: whole }: Snapshot): void {
    const date = when(at)
    if (!settled.peek()) {
      setTimeout(() => { settled.value = true }, 1200)
      setTimeout(notePace, 300)
    }
    batch(() => {
      if (date) setServerTime(date)
      tell(state.peek(), whole)
      state.value = whole
      heard.value = Date.now()
    })
  },
  change(change: Change): void {
    const before = state.peek()
    if (!before) return
    batch(() => {
      const next = applied(before, change)
      tell(before, next)
      state.value = next
      heard.value = Date.now()
    })
  },
}

/** What a screen reader hears of by itself: providers that came to another state, and what somebody should know of. */
function tell(before: State | null, after: State): void {
  if (!before) return
  const [old, fresh] = [before['providers'] as Values<'providers'> | undefined, after['providers'] as Values<'providers'> | undefined]
  if (old !== fresh && old && fresh)
    for (const [id, provider] of Object.entries(fresh))
      if (old[id] && old[id].state !== provider.state) announce(`${provider.name} is now ${providerLook(provider.state).word.toLowerCase()}: ${provider.reason}`)
  const [known, current] = [before['alerts'], after['alerts'] as Values<'alerts'> | undefined]
  if (known !== current && known && current)
    for (const [id, told] of Object.entries(current)) if (!Object.hasOwn(known, id)) announce(`${told.severity} alert: ${alertOf(told).words}`)
}

/** What was seen of figures since this page was opened, once a second; null where nothing was told. */
export interface Sample {
  readonly at: number
  readonly tokens: number | null
  readonly requests: number | null
  readonly cpu: number | null
  readonly memory: number | null
}

const KEPT = 900

export const samples = signal<readonly Sample[]>([])

setInterval(() => {
  if (!state.peek()) return
  const isLive = link.peek().is === 'live'
  const [load, flow] = [machine.peek(), traffic.peek()]
  const memory = load.memory && load.memory.available_bytes !== null ? load.memory.total_bytes - load.memory.available_bytes : null
  samples.value = [...samples.peek().slice(1 - KEPT), {
    at: Math.floor(now.peek() / 1000),
    tokens: isLive ? (flow?.tokens_per_second ?? null) : null,
    requests: isLive ? (flow?.requests_per_second ?? null) : null,
    cpu: isLive ? (load.cpu?.busy ?? null) : null,
    memory: isLive ? memory : null,
  }]
}, 1000)

/** What performance was told, every five seconds since this page was opened. */
export const paces = signal<readonly { readonly at: number; readonly told: Values<'performance'> }[]>([])

function notePace(): void {
  if (state.peek()) paces.value = [...paces.peek().slice(-179), { at: Math.floor(now.peek() / 1000), told: link.peek().is === 'live' ? performanceOf.peek() : NOTHING }]
}

setInterval(notePace, 5000)

export const performanceMinutes: ReadonlySignal<Values<'performance_minutes'>> = section('performance_minutes')
export const machineMinutes: ReadonlySignal<Values<'machine_minutes'>> = section('machine_minutes')

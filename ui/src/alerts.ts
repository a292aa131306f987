import type { KeptAlert, PastAlert } from './contract.ts'

/** An alert, wherever it is told of. */
export interface Alert {
  readonly id: string
  readonly severity: string
  /** pending, firing, acknowledged, silenced or resolved; past where only the history knows of it. */
  readonly state: string
  readonly provider: string | null
  readonly subject: string | null
  readonly words: string
  /** What helix did about it. */
  readonly done: string | null
  /** What is left for somebody to do. */
  readonly left: string | null
  readonly at: string
  readonly count: number
  readonly isFlapping: boolean
  readonly by: string | null
  readonly end: string | null
  readonly resolved: string | null
  readonly actions: readonly string[]
}

const isKept = (told: PastAlert | KeptAlert): told is KeptAlert => 'cause' in told

export function alertOf(told: PastAlert | KeptAlert): Alert {
  const { severity, provider, subject } = told
  return isKept(told)
    ? {
      id: String(told.id), severity, provider, subject, state: told.state, words: told.what, done: told.done, left: told.left, at: told.since, count: told.count,
      isFlapping: told.flapping, by: told.by, end: told.end, resolved: told.resolved, actions: told.actions ?? actionsOf(told.state),
    }
    : { id: told.id, severity, provider, subject, state: 'past', words: told.words, done: null, left: null, at: told.at, count: 1, isFlapping: false, by: null, end: null, resolved: null, actions: [] }
}

function actionsOf(state: string): readonly string[] {
  return state === 'firing' ? ['acknowledge', 'silence'] : state === 'pending' || state === 'acknowledged' ? ['silence'] : []
}

/** It goes on, and nobody said that he knows. */
export const isFiring = (alert: Alert): boolean => alert.state === 'firing'

/** Helix does not do it alone. */
export const needsSomebody = (alert: Alert): boolean => isFiring(alert) && (alert.severity === 'critical' || alert.severity === 'error')

const RANKS = ['critical', 'error', 'warning', 'info']
const PLACES = ['firing', 'pending', 'acknowledged', 'past', 'silenced', 'resolved']

const rank = (all: readonly string[], word: string): number => (all.includes(word) ? all.indexOf(word) : all.length)

/** What goes on before what somebody knows of; the worst first, then the newest. */
export function byUrgency(a: Alert, b: Alert): number {
  return rank(PLACES, a.state) - rank(PLACES, b.state) || rank(RANKS, a.severity) - rank(RANKS, b.severity) || Date.parse(b.at) - Date.parse(a.at)
}

/** How many there are of each severity that fire, the worst first. */
export function firingBySeverity(alerts: readonly Alert[]): readonly (readonly [severity: string, many: number])[] {
  return RANKS.map(severity => [severity, alerts.filter(alert => isFiring(alert) && alert.severity === severity).length] as const).filter(([, many]) => many > 0)
}

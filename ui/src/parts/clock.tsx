import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { duration, exact, relative, when } from '../format.ts'

/** The present, once a second while somebody looks. Corrected by what the server's clock is ahead. */
export const now = signal(Date.now())

let ahead = 0

/** The present of this moment, also while nobody looks. */
export const present = (): number => Date.now() + ahead

/** @param at The server's present. */
export function setServerTime(at: Date): void {
  const difference = at.getTime() - Date.now()
  // less than that is the way here
  ahead = Math.abs(difference) > 2000 ? difference : 0
  now.value = present()
}

setInterval(() => {
  if (document.visibilityState === 'visible') now.value = present()
}, 1000)
document.addEventListener('visibilitychange', () => {
  now.value = present()
})

type Moment = string | number | null | undefined

/**
 * "3 min ago", with the exact time for whoever asks.
 * @param late What is said instead once the time is over, of what should have come by then.
 */
export function Ago({ at, none, late }: { readonly at: Moment; readonly none?: string; readonly late?: string }): JSX.Element {
  const date = when(at)
  if (!date) return <span class="dim">{none ?? '–'}</span>
  return <time dateTime={date.toISOString()} title={exact(date)}>{late !== undefined && date.getTime() < now.value ? late : relative(date, now.value)}</time>
}

/** How long it has lasted. */
export function Lasting({ since }: { readonly since: Moment }): JSX.Element {
  const date = when(since)
  if (!date) return <span class="dim">–</span>
  return <time dateTime={date.toISOString()} title={`since ${exact(date)}`}>{duration(Math.max(0, (now.value - date.getTime()) / 1000))}</time>
}

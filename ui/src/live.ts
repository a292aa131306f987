import { signal } from '@preact/signals'
import { Problem, signedIn } from './api.ts'
import { earlyStream } from './early.ts'
import { pause, readChange, readSnapshot } from './mirror.ts'
import type { Change, Snapshot } from './mirror.ts'
import { pieces, StreamReader } from './sse.ts'

/** A connection over which nothing came for so long is dead: the server says something every 15 s. */
const SILENCE = 45_000

export type Link =
  | { readonly is: 'connecting' }
  | { readonly is: 'live' }
  /** Nobody looks: browsers open few connections to one host, over all tabs. */
  | { readonly is: 'resting' }
  /** Since when, and when it is tried again; null: now. */
  | { readonly is: 'lost'; readonly since: number; readonly next: number | null; readonly why: string }
  | { readonly is: 'signed-out' }

export const link = signal<Link>({ is: 'connecting' })

interface Listener {
  snapshot(snapshot: Snapshot): void
  change(change: Change): void
}

let abort: AbortController | null = null
let wake: (() => void) | null = null
let lastId = ''

/** Tries at once, where it waits. */
export function tryNow(): void {
  wake?.()
}

/** Listens until {@link stop}, over however many connections. */
export async function listen(listener: Listener): Promise<void> {
  stop()
  const mine = (abort = new AbortController())
  link.value = { is: 'connecting' }
  let failures = 0
  let retry = 500
  let since = 0
  while (!mine.signal.aborted) {
    if (await hidden(mine.signal)) {
      since = 0
      failures = 0
    }
    if (mine.signal.aborted) return
    if (since > 0) link.value = { is: 'lost', since, next: null, why: whyOf(link.peek()) }
    const ended = await once(listener, mine.signal, () => {
      failures = 0
      since = 0
      link.value = { is: 'live' }
    }, ms => {
      retry = ms
    })
    if (mine.signal.aborted) return
    if (ended === 'signed-out') {
      lastId = ''
      signedIn.value = false
      link.value = { is: 'signed-out' }
      return
    }
    if (document.visibilityState === 'hidden') continue
    since ||= Date.now()
    const wait = pause(retry, failures++, Math.random())
    link.value = { is: 'lost', since, next: Date.now() + wait, why: ended }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, wait)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    wake = null
  }
}

export function stop(): void {
  abort?.abort()
  abort = null
  wake?.()
}

/** Waits until somebody looks. @returns Whether it had to. */
async function hidden(until: AbortSignal): Promise<boolean> {
  if (document.visibilityState !== 'hidden') return false
  earlyStream()?.abort.abort()
  if (link.peek().is === 'live') link.value = { is: 'resting' }
  await shown(until)
  return true
}

/** Completes as soon as the page can be seen. */
export async function shown(until: AbortSignal): Promise<void> {
  if (document.visibilityState !== 'hidden' || until.aborted) return
  await new Promise<void>(resolve => {
    const look = (): void => {
      if (document.visibilityState === 'hidden' && !until.aborted) return
      document.removeEventListener('visibilitychange', look)
      until.removeEventListener('abort', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    until.addEventListener('abort', look)
  })
}

const whyOf = (before: Link): string => (before.is === 'lost' ? before.why : '')

/** One connection. @returns Why it ended. */
async function once(listener: Listener, until: AbortSignal, opened: () => void, told: (retry: number) => void): Promise<'signed-out' | string> {
  const early = earlyStream()
  const own = early?.abort ?? new AbortController()
  const end = (): void => own.abort()
  const hide = (): void => {
    if (document.visibilityState === 'hidden') own.abort()
  }
  until.addEventListener('abort', end)
  document.addEventListener('visibilitychange', hide)
  let watch = setTimeout(end, SILENCE)
  try {
    const response = (await early?.response) ?? await fetch('/helix/v1/live', {
      headers: { accept: 'text/event-stream', ...(lastId ? { 'last-event-id': lastId } : {}) },
      signal: own.signal,
      cache: 'no-store',
    })
    if (response.status === 401) return 'signed-out'
    if (!response.ok || !response.body) return (await Problem.from(response)).message
    const reader = new StreamReader()
    for await (const piece of pieces(response.body)) {
      clearTimeout(watch)
      watch = setTimeout(end, SILENCE)
      for (const event of reader.push(piece)) {
        if (event.type === 'signed-out') return 'signed-out'
        if (!take(listener, event.type, event.data)) {
          // what cannot be read leaves a gap: begin anew, with a whole state
          lastId = ''
          return 'what it sent could not be read'
        }
        if (event.id) lastId = event.id
        opened()
      }
      if (reader.retry !== null) told(reader.retry)
    }
    return 'it ended the connection'
  } catch {
    return navigator.onLine === false ? 'this device is offline' : 'it does not answer'
  } finally {
    clearTimeout(watch)
    until.removeEventListener('abort', end)
    document.removeEventListener('visibilitychange', hide)
    own.abort()
  }
}

function take(listener: Listener, type: string, data: string): boolean {
  try {
    if (type === 'snapshot') {
      const snapshot = readSnapshot(data)
      if (snapshot) listener.snapshot(snapshot)
      return snapshot !== null
    }
    if (type === 'change') {
      const change = readChange(data)
      if (change) listener.change(change)
      return change !== null
    }
    // a newer server may tell more
    return true
  } catch {
    return false
  }
}

window.addEventListener('online', tryNow)
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') tryNow()
})

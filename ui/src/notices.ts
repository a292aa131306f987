import { effect, signal } from '@preact/signals'
import { Problem, signedIn } from './api.ts'
import { pause } from './mirror.ts'
import { type Told, wordsOf } from './noticetext.ts'
import { present } from './parts/clock.tsx'
import { href } from './router.ts'
import { pieces, StreamReader } from './sse.ts'

/** Whether this browser tells of alerts by notices of its own, also while nobody looks at the page. */
export type Notices = 'on' | 'off' | 'refused' | 'impossible'

const PLACE = 'helix.notices'
const LAST = 'helix.notices.last'

/** The server says something every 15 s. */
const SILENCE = 45_000

/** Who was away for longer finds it in the list. */
const OLD = 15 * 60_000

const has = (): boolean => window.isSecureContext && 'Notification' in window && 'locks' in navigator

function kept(place: string): string | null {
  try {
    return localStorage.getItem(place)
  } catch {
    return null
  }
}

function keep(place: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(place)
    else localStorage.setItem(place, value)
  } catch {
    // then it lasts as long as this page
  }
}

function found(): Notices {
  if (!has()) return 'impossible'
  if (Notification.permission === 'denied') return 'refused'
  return kept(PLACE) === 'on' && Notification.permission === 'granted' ? 'on' : 'off'
}

export const notices = signal<Notices>(found())

/** Begun by a click: only then a browser asks its user. Throws a {@link Problem} where he, or it, says no. */
export async function tellHere(on: boolean): Promise<void> {
  if (!has()) throw new Problem(0, 'impossible', 'this browser shows notices only for pages of its own machine, or over https', 'Open the dashboard by its address of 127.0.0.1, or put a proxy with TLS before it.')
  if (on && await Notification.requestPermission() !== 'granted') {
    notices.value = found()
    throw new Problem(0, 'refused', 'this browser does not let the page show notices', 'Allow notifications for this address in its settings, then try again.')
  }
  keep(PLACE, on ? 'on' : null)
  if (!on) keep(LAST, null)
  notices.value = on ? 'on' : found()
}

function show(told: Told): void {
  if (present() - Date.parse(told.at) > OLD) return
  const [only, ...others] = told.alerts
  try {
    const notice = new Notification(told.title, { body: wordsOf(told), tag: told.key, requireInteraction: told.severity === 'critical' })
    notice.addEventListener('click', () => {
      window.focus()
      location.hash = href(only === undefined || others.length > 0 ? ['alerts'] : ['alerts', String(only)])
      notice.close()
    })
  } catch {
    // some, on phones, have the word for it and nothing behind it
    keep(PLACE, null)
    notices.value = 'impossible'
  }
}

/** One connection. @returns Whether anything was heard. */
async function once(until: AbortSignal): Promise<boolean> {
  const own = new AbortController()
  const end = (): void => own.abort()
  until.addEventListener('abort', end)
  let watch = setTimeout(end, SILENCE)
  let isHeard = false
  try {
    const last = kept(LAST)
    const response = await fetch('/helix/v1/alerts/watch', { headers: { accept: 'text/event-stream', ...(last ? { 'last-event-id': last } : {}) }, signal: own.signal, cache: 'no-store' })
    if (response.status === 401) signedIn.value = false
    // what was kept is no number: begin with what comes from now on
    if (response.status === 400) keep(LAST, null)
    if (!response.ok || !response.body) return false
    const reader = new StreamReader()
    for await (const piece of pieces(response.body)) {
      clearTimeout(watch)
      watch = setTimeout(end, SILENCE)
      isHeard = true
      for (const event of reader.push(piece)) {
        if (event.type === 'signed-out') {
          signedIn.value = false
          return true
        }
        if (event.type === 'message') show(JSON.parse(event.data) as Told)
        if (event.id) keep(LAST, event.id)
      }
    }
  } catch {
    // it is tried again
  } finally {
    clearTimeout(watch)
    until.removeEventListener('abort', end)
    own.abort()
  }
  return isHeard
}

async function listen(until: AbortSignal): Promise<void> {
  for (let failures = 0; !until.aborted;) {
    failures = await once(until) ? 0 : failures + 1
    if (until.aborted) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, pause(500, failures, Math.random()))
      until.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve()
      }, { once: true })
    })
  }
}

/** One page of this browser listens, and another one when that is closed: nobody is told twice. */
async function listenAlone(until: AbortSignal): Promise<void> {
  try {
    await navigator.locks.request(PLACE, { signal: until }, () => listen(until))
  } catch {
    // it is not wanted any more
  }
}

let abort: AbortController | null = null
effect(() => {
  const isWanted = notices.value === 'on' && signedIn.value !== false
  if (isWanted === (abort !== null)) return
  abort?.abort()
  abort = null
  if (!isWanted) return
  abort = new AbortController()
  void listenAlone(abort.signal)
})

// another page of this browser has switched it
window.addEventListener('storage', event => {
  if (event.key === PLACE) notices.value = found()
})

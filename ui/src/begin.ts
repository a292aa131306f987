import type { Begun } from './early.ts'

// Runs before everything else, and by itself: asks for what the page shows while the code that shows it is still on its way. What comes of it is taken
// up in early.ts; where nothing does, the page asks itself, as it does later on.
{
  const abort = new AbortController()
  const live = (): Promise<Response | null> => fetch('/helix/v1/live', { headers: { accept: 'text/event-stream' }, signal: abort.signal, cache: 'no-store' })
  // a link works once: what it gave stays with this browser also where the rest of the code does not come. The same place as in api.ts
  const keep = (answer: Response): Response => {
    if (answer.ok) answer.clone().json().then(({ csrf }) => { localStorage.setItem('helix.csrf', csrf) }).catch(() => {})
    return answer
  }
  const isLink = /^#\/*sign-in\//.test(location.hash)
  const link = /^#\/sign-in\/([\w-]+)$/.exec(location.hash)?.[1] ?? null
  const signed = link === null ? null : fetch('/helix/v1/session', { method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/json' }, body: JSON.stringify({ link }), cache: 'no-store' }).then(keep).catch(() => null)
  const isWanted = document.visibilityState !== 'hidden' && (signed !== null || !isLink)
  const begun: Begun = {
    link, signed, abort,
    live: !isWanted ? null : (signed === null ? live() : signed.then(answer => (answer?.ok ? live() : null))).catch(() => null),
  }
  globalThis.helixBegun = begun
}

import { signal } from '@preact/signals'
import { Problem } from './api.ts'

/** What the first look does not need; null until it is here. */
export const rest = signal<typeof import('./rest.ts') | null>(null)

/** Why it will not be here: what was read of the page lies at a server that is another by now, or away. */
export const missing = signal<Problem | null>(null)

let isAsked = false

/** Once it is here, the page needs no further file of the server. */
export function askForRest(): void {
  if (isAsked) return
  isAsked = true
  import('./rest.ts').then(
    here => { rest.value = here },
    () => { missing.value = new Problem(0, 'unreachable', 'The rest of this page could not be loaded', 'helix does not answer, or was updated meanwhile. Load the page again.') },
  )
}

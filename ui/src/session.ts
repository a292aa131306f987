import { signal } from '@preact/signals'
import { accepted, change, get, keepToken, Problem, signedIn } from './api.ts'
import type { Session } from './answers.ts'
import { earlyAnswer, earlyStream } from './early.ts'
import { listen, stop } from './live.ts'
import { replace } from './router.ts'
import { listener, state } from './store.ts'

/** Signing in: what goes on, and what was the matter. */
export const signingIn = signal<'no' | 'busy' | Problem>('no')

/** How somebody signs in, in the server's words. */
export const how = signal('Run `helix dashboard` on the machine where helix runs, and open the link that it prints.')

const PATH = '/helix/v1/session'

interface Told {
  readonly signed_in: boolean
  readonly session: Session | null
  readonly how: string | null
}

/** Listens, and finds out how to sign in where it may not. */
export async function begin(): Promise<void> {
  await listen(listener)
  if (signedIn.peek() !== false) return
  state.value = null
  const told = await get<Told>(PATH).catch(() => null)
  if (told?.how) how.value = told.how
}

/** With the one-time token of a link. The token leaves the address at once, whatever comes of it. */
export async function signIn(link: string): Promise<void> {
  signingIn.value = 'busy'
  replace([])
  try {
    const asked = earlyAnswer(link)
    // a stream that did not wait for this link is of whoever was signed in before
    if (!asked) earlyStream()?.abort.abort()
    const early = await asked
    const { csrf } = early ? ((await (await accepted(early, PATH)).json()) as { csrf: string }) : await change<{ csrf: string }>('POST', PATH, { link })
    keepToken(csrf)
    signedIn.value = true
    signingIn.value = 'no'
  } catch (error) {
    // whoever has a session already goes on with it
    const told = await get<Told>(PATH).catch(() => null)
    if (told?.how) how.value = told.how
    if (told) signedIn.value = told.signed_in
    signingIn.value = Problem.of(error)
  }
}

export async function signOut(): Promise<void> {
  await change('DELETE', PATH)
  stop()
  keepToken(null)
  state.value = null
  signedIn.value = false
}

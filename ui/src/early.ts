/** What `begin.ts` has asked for before the rest of the page's code was here. Each answer is taken once: whoever comes again asks himself. */
export interface Begun {
  /** The one-time token of the link with which the page was opened; null where it was opened without. */
  readonly link: string | null
  /** What the server says to it; null for no answer. */
  readonly signed: Promise<Response | null> | null
  /** The stream of what is live; null where it cannot be had, or nobody looks. */
  readonly live: Promise<Response | null> | null
  /** Ends the stream. */
  readonly abort: AbortController
}

declare global {
  var helixBegun: Begun | undefined
}

const begun = globalThis.helixBegun
let signed = begun?.signed ?? null
let live = begun?.live ?? null

/** The answer to a link, where that was sent already. */
export function earlyAnswer(link: string): Promise<Response | null> | null {
  const answer = begun?.link === link ? signed : null
  signed = null
  return answer
}

/** The stream, where it was asked for already, and what ends it. */
export function earlyStream(): { readonly response: Promise<Response | null>; readonly abort: AbortController } | null {
  const response = live
  live = null
  return begun && response ? { response, abort: begun.abort } : null
}

/**
 * Does something as soon as the browser has nothing else to do, each thing in a task of its own: a click is answered between two.
 * @param within After so many milliseconds in any case.
 * @returns Takes it back.
 */
export function whenIdle(act: () => void, within = 300): () => void {
  if ('requestIdleCallback' in globalThis) {
    const id = requestIdleCallback(act, { timeout: within })
    return () => cancelIdleCallback(id)
  }
  const id = setTimeout(act, 1)
  return () => clearTimeout(id)
}

import type { Visit } from './visit.ts'

interface Seen {
  readonly state: string
  readonly at: number
}

/** Notes from now on when each state of a provider is painted, by the clock that this machine's programs share. */
export async function watchState(visit: Visit, id: string): Promise<void> {
  await visit.page.evaluate(provider => {
    const seen: Seen[] = []
    Object.assign(globalThis, { seen })
    const row = document.querySelector(`tr[data-provider="${provider}"]`)!
    new MutationObserver(() => {
      const state = row.getAttribute('data-state')!
      // after the frame in which it is drawn
      requestAnimationFrame(() => setTimeout(() => seen.push({ state, at: Date.now() })))
    }).observe(row, { attributes: true, attributeFilter: ['data-state'] })
  }, id)
}

/** When it was painted that the provider is none of this any more, or is one of it; in milliseconds since 1970. */
export async function paintedAt(visit: Visit, is: boolean, state: string): Promise<number> {
  const found = await visit.page.waitForFunction(([wanted, name]) => (globalThis as unknown as { seen: Seen[] }).seen.find(each => (each.state === name) === wanted)?.at, [is, state] as const)
  return (await found.jsonValue())!
}

interface Moves {
  readonly moved: number
  readonly what: readonly string[]
}

/** Counts from the next page on what moves by itself: the sum of the browser's layout shifts, and what they were. */
export async function watchMoves(visit: Visit): Promise<void> {
  await visit.page.addInitScript(() => {
    const seen = { moved: 0, what: [] as string[] }
    Object.assign(globalThis, { moves: seen })
    const named = (node: Node | null | undefined): string => (node instanceof Element ? `${node.tagName}.${node.getAttribute('class')}` : node ? `"${node.textContent}" in ${named(node.parentNode)}` : 'what is gone')
    new PerformanceObserver(list => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean; sources: { node?: Node; previousRect: DOMRect; currentRect: DOMRect }[] }[]) {
        if (entry.hadRecentInput) continue
        seen.moved += entry.value
        for (const { node, previousRect: was, currentRect: is } of entry.sources) seen.what.push(`${entry.value.toFixed(4)} ${named(node)}: ${was.x},${was.y} ${was.width}x${was.height} to ${is.x},${is.y} ${is.width}x${is.height}`)
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

export const movesOf = (visit: Visit): Promise<Moves> => visit.page.evaluate(() => (globalThis as unknown as { moves: Moves }).moves)

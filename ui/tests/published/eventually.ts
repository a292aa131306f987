/** Waits for a condition instead of a time. The deadline is a safety net, never the expected way out. @returns What the condition gave. */
export async function eventually<T>(condition: () => T | Promise<T>, what: string, { within = 60_000, otherwise }: { within?: number; otherwise?: () => string } = {}): Promise<NonNullable<T>> {
  for (const until = performance.now() + within; ;) {
    const found = await condition()
    if (found) return found
    if (performance.now() > until) throw new Error(`not within ${within / 1000} s: ${what}${otherwise ? `\n${otherwise()}` : ''}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

import { signal } from '@preact/signals'
import type { JSX } from 'preact'

/** What a screen reader is told by itself. What comes within a second is told together, and no more than five things of it. */
const polite = signal('')
let waiting: string[] = []
let timer = 0

export function announce(words: string): void {
  if (!waiting.includes(words)) waiting.push(words)
  if (timer) return
  timer = window.setTimeout(() => {
    timer = 0
    const [said, rest] = [waiting.slice(0, 5), waiting.length - 5]
    waiting = []
    polite.value = said.join('. ') + (rest > 0 ? `. And ${rest} more` : '')
  }, 1000)
}

export function Announcer(): JSX.Element {
  return <div class="sr" aria-live="polite" aria-atomic="true">{polite}</div>
}

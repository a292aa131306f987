import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Problem } from '../api.ts'
import { sentence } from '../format.ts'
import * as Icons from './icons.tsx'

interface Toast {
  readonly id: number
  readonly tone: 'ok' | 'bad'
  readonly words: string
  readonly remedy?: string | undefined
}

const toasts = signal<readonly Toast[]>([])
let last = 0

const drop = (id: number): void => {
  toasts.value = toasts.value.filter(toast => toast.id !== id)
}

/** What was done goes by itself; what went wrong stays until it was read. */
export function done(words: string): void {
  const id = ++last
  toasts.value = [...toasts.value.slice(-3), { id, tone: 'ok', words: sentence(words) }]
  setTimeout(() => drop(id), 9000)
}

export function failed(problem: Problem): void {
  toasts.value = [...toasts.value.slice(-3), { id: ++last, tone: 'bad', words: sentence(problem.message), remedy: problem.remedy }]
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="region" aria-label="Messages">
      <div class="stack tight" aria-live="polite">
        {toasts.value.map(toast => (
          <div key={toast.id} class={`note tone-${toast.tone}`}>
            {toast.tone === 'ok' ? <Icons.Tick /> : <Icons.Octagon />}
            <div class="words">{toast.words}{toast.remedy && <small>{toast.remedy}</small>}</div>
            <button type="button" class="button plain icon small" aria-label="Close this message" onClick={() => drop(toast.id)}><Icons.Cross /></button>
          </div>
        ))}
      </div>
    </div>
  )
}

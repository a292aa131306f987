import type { ComponentChildren, JSX } from 'preact'
import * as Icons from './icons.tsx'
import type { Problem } from '../api.ts'

interface CardProps {
  /** Of the section; also what an address can jump to. */
  readonly id: string
  readonly title: string
  /** Beside the title: a choice, a button, a few words. */
  readonly side?: ComponentChildren
  readonly flush?: boolean
  readonly class?: string
  readonly children: ComponentChildren
}

export function Card({ id, title, side, flush, class: name, children }: CardProps): JSX.Element {
  return (
    <section class={`card ${name ?? ''}`} id={`panel-${id}`} aria-labelledby={`title-${id}`}>
      <header class="card-head">
        <h2 id={`title-${id}`} tabIndex={-1}>{title}</h2>
        {side}
      </header>
      <div class={`card-body ${flush ? 'flush' : ''}`}>{children}</div>
    </section>
  )
}

export function Empty({ icon: Icon = Icons.Ring, children }: { readonly icon?: (props: { size?: number }) => JSX.Element; readonly children: ComponentChildren }): JSX.Element {
  return <div class="empty"><Icon size={26} />{children}</div>
}

/** What went wrong, why, and what to do. */
export function Trouble({ problem, again }: { readonly problem: Problem; readonly again?: () => void }): JSX.Element {
  return (
    <div class="note tone-bad" role="alert">
      <Icons.Octagon />
      <div class="words">{problem.message}{problem.remedy && <small>{problem.remedy}</small>}</div>
      {again && <button type="button" class="button small" onClick={again}>Try again</button>}
    </div>
  )
}

export function Loading({ what, rows = 3 }: { readonly what: string; readonly rows?: number }): JSX.Element {
  return (
    <div class="stack tight" aria-busy="true">
      <span class="sr" role="status">Loading {what}</span>
      {Array.from({ length: rows }, (_, at) => <div key={at} class="skeleton tall" />)}
    </div>
  )
}

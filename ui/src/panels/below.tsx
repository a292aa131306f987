import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { askForRest, missing, rest } from '../later.ts'
import { isPanel } from '../places.ts'
import { path } from '../router.ts'
import { Trouble } from '../parts/card.tsx'
import { whenIdle } from '../parts/idle.ts'

type Rest = NonNullable<typeof rest.value>

interface Panel {
  readonly id: string
  readonly title: string
  readonly of: (here: Rest) => () => JSX.Element
}

/** Two beside each other, where there is room. */
const PAIRS: readonly (readonly Panel[])[] = [
  [{ id: 'performance', title: 'Performance', of: here => here.PerformanceCard }, { id: 'throughput', title: 'Throughput', of: here => here.Throughput }],
  [{ id: 'health', title: 'Health', of: here => here.Health }, { id: 'alerts', title: 'Alerts', of: here => here.Alerts }],
  [{ id: 'resources', title: 'Resources', of: here => here.Resources }, { id: 'automation', title: 'Automation', of: here => here.Automations }],
]

const ALL = PAIRS.flat()

/** How many of them are drawn, from above. */
const drawn = signal(0)

/**
 * What the first look does not show: drawn once that can be used, one panel at a time, so that a click never waits for more than one of them. Until then
 * its room is kept.
 */
export function Below(): JSX.Element {
  const here = rest.value
  const box = useRef<HTMLDivElement>(null)
  // whoever is led to one of them finds all above it in its place
  const many = here === null ? 0 : isPanel(path.value) ? ALL.length : drawn.value
  useEffect(() => {
    noteReady(box.current)
    if (here === null) return whenIdle(askForRest)
    if (many >= ALL.length) {
      drawn.value = many
      noteOnce('helix-whole')
      // a chart that is looked at later on needs nothing of the server then
      return whenIdle(here.askForPlots)
    }
    return whenIdle(() => { drawn.value++ })
  }, [here, many])
  return (
    <div class="stack below" ref={box}>
      {missing.value && <Trouble problem={missing.value} again={() => location.reload()} />}
      {PAIRS.map(pair => (
        <div key={pair[0]!.id} class="pair">
          {pair.map(panel => {
            const Shown = here !== null && ALL.indexOf(panel) < many ? panel.of(here) : null
            return Shown ? <Shown key={panel.id} /> : <Coming key={panel.id} id={panel.id} title={panel.title} />
          })}
        </div>
      ))}
    </div>
  )
}

/** Keeps the room of a panel. */
function Coming({ id, title }: Pick<Panel, 'id' | 'title'>): JSX.Element {
  return (
    <section class="card coming" id={`panel-${id}`} data-coming aria-busy={missing.value === null} aria-labelledby={`title-${id}`}>
      <header class="card-head"><h2 id={`title-${id}`} tabIndex={-1}>{title}</h2></header>
      {missing.value === null && <div class="skeleton" />}
    </section>
  )
}

// For whoever measures how long it took

function noteOnce(name: string): void {
  if (performance.getEntriesByName(name).length === 0) performance.mark(name)
}

/** The page can be used once all that is seen of it without scrolling is drawn with what is live. */
function noteReady(box: Element | null): void {
  const next = box?.querySelector('[data-coming]')
  if (!next || next.getBoundingClientRect().top >= innerHeight) noteOnce('helix-ready')
}

import { computed, signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import { clock, exact, NONE } from '../format.ts'
import { whenIdle } from './idle.ts'
import { paint } from './theme.tsx'

export interface Series {
  readonly name: string
  /** One for each time; null where nothing was measured. */
  readonly values: readonly (number | null)[]
  /** Which colour, from 0; the same as its place where it is not given. */
  readonly hue?: number
}

interface ChartProps {
  /** What is shown, for whoever cannot see it, and over the table. */
  readonly title: string
  /** In seconds since 1970, growing. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly format: (value: number | null | undefined) => string
  readonly height?: number
  /** Areas on top of each other. */
  readonly stacked?: boolean
  /** Shown where there is nothing to draw. */
  readonly none: string
}

/** Lines differ by their dashes too, not by colour alone. */
const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 4], [10, 3, 2, 3], [4, 4], [1, 3]]

const COLOURS = 6

/** What draws: asked for when somebody comes near a chart, and null before it is here. */
const plots = signal<typeof uPlot | null>(null)
const isWithout = signal(false)
let isAsked = false

export function askForPlots(): void {
  if (isAsked) return
  isAsked = true
  import('uplot').then(({ default: found }) => { plots.value = found }, () => { isWithout.value = true })
}

/** As the style sheet has them, for all charts at once: whoever asks makes the browser compute its styles. */
const palette = computed(() => {
  // others with each change of colours
  void paint.value
  const style = getComputedStyle(document.documentElement)
  const of = (name: string): string => style.getPropertyValue(name).trim()
  return { font: of('--font'), ink: of('--ink-3'), line: of('--line'), series: Array.from({ length: COLOURS }, (_, at) => of(`--series-${at + 1}`)) }
})

export function Chart(props: ChartProps): JSX.Element {
  const { title, times, series, format, height = 190, none } = props
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const at = useSignal<number | null>(null)
  const open = useSignal(false)
  const isNear = useSignal(false)
  const names = series.map(each => each.name).join('\n')
  const isEmpty = times.length === 0 || series.every(each => each.values.every(value => value === null))
  const newest = useRef(props)
  newest.current = props
  const width = useRef(0)

  // what is far below is drawn when somebody comes near it
  useEffect(() => {
    if (!box.current) return
    const watch = new IntersectionObserver(seen => {
      const near = seen.find(each => each.isIntersecting)
      if (!near) return
      askForPlots()
      width.current = near.boundingClientRect.width
      isNear.value = true
      watch.disconnect()
    }, { rootMargin: '300px' })
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [])

  // drawn anew where lines, sizes or colours are others; else only the numbers are
  useEffect(() => {
    const [parent, Plot] = [box.current, plots.value]
    if (!parent || !Plot || isEmpty || !isNear.value) return
    const watch = new ResizeObserver(([entry]) => {
      width.current = Math.floor(entry?.contentRect.width ?? 0)
      if (plot.current && width.current > 0 && width.current !== plot.current.width) plot.current.setSize({ width: width.current, height })
    })
    const takeBack = whenIdle(() => {
      plot.current = draw(Plot, parent, newest.current, { width: Math.max(120, Math.floor(width.current)), height }, index => {
        at.value = index
      })
      watch.observe(parent)
    })
    return () => {
      takeBack()
      watch.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [names, isEmpty, height, paint.value, props.stacked, isNear.value, plots.value])

  useEffect(() => {
    plot.current?.setData(dataOf(props))
  }, [times, series])

  const index = at.value !== null && at.value < times.length ? at.value : times.length - 1
  return (
    <figure class="chart">
      <ul class="legend">
        {series.map((each, place) => (
          <li key={each.name}><Sample hue={each.hue ?? place} dash={props.stacked ? 0 : place} isArea={props.stacked} /><span class="name">{each.name}</span> <span class="value">{format(each.values[index])}</span></li>
        ))}
        {at.value !== null && times[index] !== undefined && <li class="dim">at {clock(new Date(times[index] * 1000))}</li>}
      </ul>
      <div class="chart-box" ref={box} role="img" aria-label={spoken(props, isEmpty)} style={{ height: `${height}px` }}>
        {isEmpty ? <div class="chart-none">{none}</div> : isWithout.value && <div class="chart-none">It cannot be drawn, for what draws it could not be loaded. Its numbers are in the table below.</div>}
      </div>
      <details open={open.value} onToggle={event => { open.value = event.currentTarget.open }}>
        <summary>{title} as a table</summary>
        {open.value && <AsTable {...props} />}
      </details>
    </figure>
  )
}

/** The sum of it, for a screen reader: where each line stands, and between what it moved. */
function spoken({ title, series, format, none }: ChartProps, isEmpty: boolean): string {
  if (isEmpty) return `${title}. ${none}`
  return `${title}. ${series.map(each => {
    const seen = each.values.filter((value): value is number => value !== null)
    return seen.length === 0 ? `${each.name}: nothing measured` : `${each.name}: last ${format(seen[seen.length - 1])}, between ${format(Math.min(...seen))} and ${format(Math.max(...seen))}`
  }).join('. ')}.`
}

function AsTable({ title, times, series, format }: ChartProps): JSX.Element {
  const newest = [...times.keys()].reverse().slice(0, 120)
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`${title}, table`}>
      <table class="grid-table">
        <caption class="sr">{title}, the newest first</caption>
        <thead><tr><th scope="col">Time</th>{series.map(each => <th key={each.name} scope="col" class="num">{each.name}</th>)}</tr></thead>
        <tbody>{newest.map(row => (
          <tr key={times[row]}><th scope="row" class="nowrap">{exact(new Date(times[row]! * 1000))}</th>{series.map(each => <td key={each.name} class="num">{each.values[row] === null ? NONE : format(each.values[row])}</td>)}</tr>
        ))}</tbody>
      </table>
    </div>
  )
}

function Sample({ hue, dash, isArea }: { readonly hue: number; readonly dash: number; readonly isArea?: boolean | undefined }): JSX.Element {
  return (
    <svg width="22" height="10" viewBox="0 0 22 10" aria-hidden="true" class={`hue-${(hue % COLOURS) + 1}`}>
      {isArea ? <rect x="4" y="0" width="14" height="10" rx="2" fill="currentColor" /> : <path d="M1 5h20" stroke="currentColor" stroke-width="2" stroke-dasharray={DASHES[dash % DASHES.length]!.join(' ')} />}
    </svg>
  )
}

/** Stacked: each line stands on those before it. */
function dataOf({ times, series, stacked }: ChartProps): uPlot.AlignedData {
  if (!stacked) return [times as number[], ...series.map(each => each.values as (number | null)[])]
  const sums = times.map(() => 0)
  const layers = series.map(each => each.values.map((value, index) => (sums[index]! += value ?? 0)))
  // the tallest is drawn first, and the others over it
  return [times as number[], ...layers.reverse()]
}

function draw(Plot: typeof uPlot, parent: HTMLElement, props: ChartProps, size: { readonly width: number; readonly height: number }, look: (index: number | null) => void): uPlot {
  const colours = palette.peek()
  const axis = { stroke: colours.ink, font: `11px ${colours.font}`, grid: { stroke: colours.line, width: 1 }, ticks: { show: false } }
  const order = props.stacked ? [...props.series.keys()].reverse() : [...props.series.keys()]
  return new Plot({
    ...size,
    padding: [8, 6, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    // one measurement alone has a minute around it
    scales: { x: { range: (u, low, high) => (u.data[0].length === 1 ? [low - 60, low] : high - low < 60 ? [high - 60, high] : [low, high]) }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.08 : 1] } },
    axes: [
      { ...axis, size: 26, gap: 4, space: 70, values: (_, splits, __, ___, step) => splits.map(at => timeLabel(at, step)) },
      { ...axis, size: 62, gap: 4, space: 32, values: (_, splits) => splits.map(at => props.format(at)) },
    ],
    series: [
      {},
      ...order.map(place => {
        const each = props.series[place]!
        const paintOf = colours.series[(each.hue ?? place) % COLOURS]!
        return {
          label: each.name,
          stroke: paintOf,
          width: 1.75,
          dash: props.stacked ? [] : [...DASHES[place % DASHES.length]!],
          points: { show: (u: uPlot, at: number) => isLonely(u.data[at] ?? []), size: 5, fill: paintOf },
          spanGaps: false,
          ...(props.stacked ? { fill: paintOf } : {}),
        }
      }),
    ],
    hooks: { setCursor: [u => look(u.cursor.idx ?? null)] },
  }, dataOf(props), parent)
}

/** One measurement alone makes no line. */
const isLonely = (values: ArrayLike<number | null | undefined>): boolean => Array.from(values).some((value, at, all) => value != null && all[at - 1] == null && all[at + 1] == null)

function timeLabel(at: number, step: number): string {
  const text = exact(new Date(at * 1000))
  return step >= 86400 ? text.slice(5, 10) : step < 60 ? text.slice(11) : text.slice(11, 16)
}

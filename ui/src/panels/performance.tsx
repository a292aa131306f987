import { computed, signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Performance, PerformanceMinute, Quantiles } from '../contract.ts'
import { count, millis, NONE, number, perSecond } from '../format.ts'
import { measuredLines } from '../series.ts'
import { paces, performanceMinutes, performances, providerName } from '../store.ts'
import { Card, Empty } from '../parts/card.tsx'
import { Chart, type Series } from '../parts/chart.tsx'
import { Choice, Pick } from '../parts/choice.tsx'
import * as Icons from '../parts/icons.tsx'

type Window = '5m' | '1h'
type Metric = 'first_token_ms' | 'inter_token_ms' | 'tokens_per_second'

const ALL = ''

const over = signal<Window>('5m')
const metric = signal<Metric>('first_token_ms')
const chosen = signal<string>(ALL)

interface Whose {
  readonly provider: string
  readonly model: string
}

const keyOf = (each: Whose): string => `${each.provider}|${each.model}`
const nameOf = (each: Whose): string => `${providerName(each.provider)}, ${each.model}`

const rows = computed(() => performances.value.filter(each => each.window === over.value).sort((a, b) => (b.first_token_ms?.count ?? 0) - (a.first_token_ms?.count ?? 0) || (keyOf(a) < keyOf(b) ? -1 : 1)))

const METRICS: readonly (readonly [Metric, string])[] = [['first_token_ms', 'First token'], ['inter_token_ms', 'Between tokens'], ['tokens_per_second', 'Speed']]

const TITLES: Readonly<Record<Metric, string>> = { first_token_ms: 'Time to the first token', inter_token_ms: 'Time between two tokens', tokens_per_second: 'Tokens a second, reached by half, 95 and 99 of a hundred streams' }

const speed = (value: number | null | undefined): string => perSecond(value, 't')

interface Drawn {
  readonly times: readonly number[]
  readonly series: readonly Series[]
}

const quantiles = ['p50', 'p95', 'p99'] as const

/** By minutes, where they are told; else as long as somebody has looked. */
const drawn = computed<Drawn>(() => {
  const key = whose.value
  const minutes = performanceMinutes.value
  if (Object.keys(minutes).length > 0) {
    const { times, lines } = measuredLines(minutes, quantiles.map(name => [name, (minute: PerformanceMinute) => of(minute, key)?.[name]] as const))
    return { times, series: lines }
  }
  const points: readonly (readonly [number, Quantiles | null])[] = paces.value.map(({ at, told }) => [at, (key === ALL ? busiest(Object.values(told)) : told[`5m|${key}`])?.[metric.value] ?? null] as const)
  return { times: points.map(([at]) => at), series: quantiles.map(name => ({ name, values: points.map(([, told]) => told?.[name] ?? null) })) }
})

const of = (minute: PerformanceMinute, key: string): Quantiles | null | undefined => (key === ALL ? minute : minute.by?.find(each => keyOf(each) === key))?.[metric.value]

/** Whoever had a stream in the last hour. */
const asked = computed(() => performances.value.filter(each => each.window === '1h').sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)))

/** What is chosen, while it is among them; else all of them, as the choice then says. */
const whose = computed(() => (asked.value.some(each => keyOf(each) === chosen.value) ? chosen.value : ALL))

const busiest = (all: readonly Performance[]): Performance | undefined => all.filter(each => each.window === '5m').sort((a, b) => (b.first_token_ms?.count ?? 0) - (a.first_token_ms?.count ?? 0))[0]

export function PerformanceCard(): JSX.Element {
  const hasMinutes = Object.keys(performanceMinutes.value).length > 0
  const options = [[ALL, hasMinutes ? 'All streams, by minute' : 'The most asked'], ...asked.value.map(each => [keyOf(each), nameOf(each)] as const)] as (readonly [string, string])[]
  return (
    <Card id="performance" title="Performance" class="fixed-chart" side={<Choice<Metric> label="What is drawn" value={metric.value} options={METRICS} onChange={value => { metric.value = value }} />}>
      <div class="stack tight">
        <Pick label="Whose latency is drawn" hidden options={options} value={whose.value} onChange={value => { chosen.value = value }} />
        <Chart
          title={TITLES[metric.value]} times={drawn.value.times} series={drawn.value.series} format={metric.value === 'tokens_per_second' ? speed : millis}
          none="No stream in the last hour: it is drawn as soon as one is asked for."
        />
        <div class="row wrap spread"><h3>By provider and model</h3><Choice<Window> label="Of the last" value={over.value} options={[['5m', '5 min'], ['1h', '1 h']]} onChange={value => { over.value = value }} /></div>
        <Table />
      </div>
    </Card>
  )
}

function Table(): JSX.Element {
  return (
    <div class="scroll list-box" tabIndex={0} role="region" aria-label="Latency by provider and model, table">
      {rows.value.length === 0
        ? <Empty icon={Icons.Clock}><p>No stream was answered in the last {over.value === '5m' ? 'five minutes' : 'hour'}. Ask something in the <a href="#/playground">playground</a> to see how fast it is.</p></Empty>
        : (
          <table class="grid-table tight-table">
            <caption class="sr">Time to the first token and between tokens: median, 95th and 99th percentile; and tokens a second, median</caption>
            <thead>
              <tr><td rowSpan={2} /><th scope="colgroup" colSpan={3} class="num">First token</th><th scope="colgroup" colSpan={3} class="num">Between tokens</th><th scope="col" rowSpan={2} class="num" title="Tokens a second of a stream, median">Tokens/s</th><th scope="col" rowSpan={2} class="num">Streams</th></tr>
              <tr>{[0, 1].flatMap(half => quantiles.map(name => <th key={`${half}${name}`} scope="col" class="num">{name}</th>))}</tr>
            </thead>
            <tbody>{rows.value.map(each => (
              <tr key={keyOf(each)} data-performance={keyOf(each)}>
                <th scope="row"><span class="clip block" title={nameOf(each)}>{each.model}</span><small class="dim">{providerName(each.provider)}</small></th>
                {[each.first_token_ms, each.inter_token_ms].flatMap((told, half) => quantiles.map(name => <td key={`${half}${name}`} class="num">{told ? millis(told[name]) : NONE}</td>))}
                <td class="num">{number(each.tokens_per_second?.p50)}</td>
                <td class="num">{count(each.first_token_ms?.count)}</td>
              </tr>
            ))}</tbody>
          </table>
        )}
    </div>
  )
}

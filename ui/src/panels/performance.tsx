import { computed, signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Performance, Quantiles } from '../contract.ts'
import { count, millis, NONE } from '../format.ts'
import { paces, performanceMinutes, performances, providerName } from '../store.ts'
import { Card, Empty } from '../parts/card.tsx'
import { Chart, type Series } from '../parts/chart.tsx'
import { Choice, Pick } from '../parts/choice.tsx'
import * as Icons from '../parts/icons.tsx'

type Window = '5m' | '1h'
type Metric = 'first_token_ms' | 'inter_token_ms'

const ALL = ''

const over = signal<Window>('5m')
const metric = signal<Metric>('first_token_ms')
const chosen = signal<string>(ALL)

const keyOf = (each: Performance): string => `${each.provider}|${each.model}`
const nameOf = (each: Performance): string => `${providerName(each.provider)}, ${each.model}`

const rows = computed(() => performances.value.filter(each => each.window === over.value).sort((a, b) => (b.first_token_ms?.count ?? 0) - (a.first_token_ms?.count ?? 0) || (keyOf(a) < keyOf(b) ? -1 : 1)))

const METRICS: readonly (readonly [Metric, string])[] = [['first_token_ms', 'First token'], ['inter_token_ms', 'Between tokens']]

interface Drawn {
  readonly times: readonly number[]
  readonly series: readonly Series[]
}

const quantiles = ['p50', 'p95', 'p99'] as const

/** Of all by minutes, where they are told; else of one, as long as somebody has looked. */
const drawn = computed<Drawn>(() => {
  const key = chosen.value
  const points: readonly (readonly [number, Quantiles | null])[] = key === ALL && Object.keys(performanceMinutes.value).length > 0
    ? Object.entries(performanceMinutes.value).map(([minute, told]) => [Date.parse(minute) / 1000, told[metric.value]] as const).sort(([a], [b]) => a - b)
    : paces.value.map(({ at, told }) => [at, (key === ALL ? busiest(Object.values(told)) : told[`5m|${key}`])?.[metric.value] ?? null] as const)
  return { times: points.map(([at]) => at), series: quantiles.map(name => ({ name, values: points.map(([, told]) => told?.[name] ?? null) })) }
})

const busiest = (all: readonly Performance[]): Performance | undefined => all.filter(each => each.window === '5m').sort((a, b) => (b.first_token_ms?.count ?? 0) - (a.first_token_ms?.count ?? 0))[0]

export function PerformanceCard(): JSX.Element {
  const hasMinutes = Object.keys(performanceMinutes.value).length > 0
  const options = [[ALL, hasMinutes ? 'All streams, by minute' : 'The most asked'], ...performances.value.filter(each => each.window === '5m').map(each => [keyOf(each), nameOf(each)] as const)] as (readonly [string, string])[]
  return (
    <Card id="performance" title="Performance" class="fixed-chart" side={<Choice<Metric> label="What is drawn" value={metric.value} options={METRICS} onChange={value => { metric.value = value }} />}>
      <div class="stack tight">
        <Pick label="Whose latency is drawn" hidden options={options} value={options.some(([key]) => key === chosen.value) ? chosen.value : ALL} onChange={value => { chosen.value = value }} />
        <Chart
          title={metric.value === 'first_token_ms' ? 'Time to the first token' : 'Time between two tokens'} times={drawn.value.times} series={drawn.value.series} format={millis}
          none={hasMinutes ? 'No stream in the last hour.' : 'Drawn from when this page is opened, as soon as streams are asked for.'}
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
            <caption class="sr">Time to the first token and between tokens: median, 95th and 99th percentile</caption>
            <thead>
              <tr><td rowSpan={2} /><th scope="colgroup" colSpan={3} class="num">First token</th><th scope="colgroup" colSpan={3} class="num">Between tokens</th><th scope="col" rowSpan={2} class="num">Streams</th></tr>
              <tr>{[0, 1].flatMap(half => quantiles.map(name => <th key={`${half}${name}`} scope="col" class="num">{name}</th>))}</tr>
            </thead>
            <tbody>{rows.value.map(each => (
              <tr key={keyOf(each)} data-performance={keyOf(each)}>
                <th scope="row"><span class="clip block" title={nameOf(each)}>{each.model}</span><small class="dim">{providerName(each.provider)}</small></th>
                {[each.first_token_ms, each.inter_token_ms].flatMap((told, half) => quantiles.map(name => <td key={`${half}${name}`} class="num">{told ? millis(told[name]) : NONE}</td>))}
                <td class="num">{count(each.first_token_ms?.count)}</td>
              </tr>
            ))}</tbody>
          </table>
        )}
    </div>
  )
}

import { computed, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Usage, UsageRow } from '../answers.ts'
import { useFetched } from '../fetched.ts'
import { count, money, number, short } from '../format.ts'
import { added, type Counted, countedLines, type Line, totals, usageLines } from '../series.ts'
import { minutes, providerName, samples, traffic } from '../store.ts'
import { Card, Empty, Trouble } from '../parts/card.tsx'
import { Chart } from '../parts/chart.tsx'
import { Choice } from '../parts/choice.tsx'
import * as Icons from '../parts/icons.tsx'

type Span = 'live' | '1h' | '24h' | '30d'
type What = 'tokens' | 'requests'
type By = 'all' | 'model' | 'provider' | 'key'

const span = signal<Span>('1h')
const what = signal<What>('tokens')
const by = signal<By>('all')

const SPANS: Readonly<Record<Exclude<Span, 'live'>, { readonly per: string; readonly seconds: number; readonly words: string }>> = {
  '1h': { per: 'minute', seconds: 59 * 60, words: 'a minute, last hour' },
  '24h': { per: 'hour', seconds: 23 * 3600, words: 'an hour, last day' },
  '30d': { per: 'day', seconds: 29 * 86400, words: 'a day, last 30 days' },
}

const TOKENS: readonly Line[] = [['in', each => each.prompt_tokens], ['out', each => each.answer_tokens]]
const REQUESTS: readonly Line[] = [['answered', each => each.requests - each.failed - each.refused - each.left], ['refused', each => each.refused], ['failed', each => each.failed], ['left by their client', each => each.left]]
const NO_ROWS: readonly UsageRow[] = []

/** Changes when a minute is over: then what was added up is asked for again. */
const newestMinute = computed(() => Object.keys(minutes.value).sort().at(-1) ?? '')
const minuteOf = computed(() => Math.floor((samples.value.at(-1)?.at ?? Date.now() / 1000) / 60) * 60)

export function Throughput(): JSX.Element {
  return (
    <Card
      id="throughput" title="Throughput" class="fixed-chart"
      side={<>
        <Choice<What> label="What is counted" value={what.value} options={[['tokens', 'Tokens'], ['requests', 'Requests']]} onChange={value => { what.value = value }} />
        <Choice<Span> label="Over which time" value={span.value} options={[['live', 'Live'], ['1h', '1 h'], ['24h', '24 h'], ['30d', '30 d']]} onChange={value => { span.value = value }} />
      </>}
    >
      {span.value === 'live' ? <Live /> : <Past span={span.value} />}
    </Card>
  )
}

function Live(): JSX.Element {
  const times = samples.value.map(sample => sample.at)
  const isTokens = what.value === 'tokens'
  return (
    <div class="stack tight">
      <Chart
        title={`${isTokens ? 'Tokens' : 'Requests'} a second`} times={times} format={number} none="It is drawn from when this page is opened."
        series={[{ name: isTokens ? 'Tokens a second' : 'Requests a second', values: samples.value.map(sample => (isTokens ? sample.tokens : sample.requests)) }]}
      />
      <dl class="facts">
        <div><dt>Answering now</dt><dd>{count(traffic.value?.in_flight)}</dd></div>
        <div><dt>Requests a second</dt><dd>{number(traffic.value?.requests_per_second)}</dd></div>
        <div><dt>Tokens a second</dt><dd>{number(traffic.value?.tokens_per_second)}</dd></div>
        <div><dt>Requests since helix began</dt><dd>{count(traffic.value?.requests)}</dd></div>
        <div><dt>Errors since helix began</dt><dd>{count(traffic.value?.errors)}</dd></div>
      </dl>
    </div>
  )
}

const NO_KEY = 'without a key'

const nameOf = (part: By) => (row: UsageRow): string => {
  switch (part) {
    case 'model': return row.model || 'no model'
    case 'provider': return row.provider ? row.provider === 'cache' ? 'answered from memory' : providerName(row.provider) : 'sent to none'
    case 'key': return row.key || NO_KEY
    default: return 'all'
  }
}

function Past({ span: over }: { readonly span: Exclude<Span, 'live'> }): JSX.Element {
  const { per, seconds, words } = SPANS[over]
  const part = by.value
  // the last hour of all together is told live
  const isAsked = part !== 'all' || over !== '1h'
  const { value, problem, isLoading, again } = useFetched<Usage>(!isAsked ? null : `/helix/v1/usage?per=${per}&since=${over}&by=${part === 'all' ? '' : part}`, [newestMinute.value])
  const isTokens = what.value === 'tokens'
  const end = minuteOf.value
  const usage = value.value
  const counted = over === '1h' && part === 'all' ? Object.entries(minutes.value).map(([at, minute]) => ({ at, ...minute })) : usage && usage.per === per ? usage.rows : NO_ROWS
  const drawn = useMemo(
    () => part === 'all' ? countedLines(counted, per, end - seconds, end, isTokens ? TOKENS : REQUESTS) : usageLines(usage && usage.per === per ? usage.rows : NO_ROWS, per, end - seconds, end, nameOf(part), row => (isTokens ? row.prompt_tokens + row.answer_tokens : row.requests)),
    [usage, minutes.value, part, isTokens, end, over],
  )
  const isNothing = drawn.lines.every(line => line.values.every(value => value === 0))
  const sums = usage && part !== 'all' ? totals(usage.rows, nameOf(part)) : []
  return (
    <div class="stack tight">
      <Choice<By> label="Told apart by" value={part} options={[['all', 'All'], ['model', 'By model'], ['provider', 'By provider'], ['key', 'By key']]} onChange={value => { by.value = value }} />
      <Chart
        title={`${isTokens ? 'Tokens' : 'Requests'} ${words}`} times={isNothing ? [] : drawn.times} format={short} stacked
        series={drawn.lines.map((line, hue) => ({ name: line.name, values: line.values, hue }))} none={isAsked && isLoading.value && usage === null ? 'Adding up' : `Nothing was asked in the last ${over === '1h' ? 'hour' : over === '24h' ? 'day' : '30 days'}.`}
      />
      {problem.value && <Trouble problem={problem.value} again={() => void again()} />}
      <div class="scroll list-box" tabIndex={0} role="region" aria-label="Sums, table">
        {part === 'all'
          ? <All counted={counted} />
          : sums.length === 0 ? <Empty icon={Icons.Lines}><p>Nothing to add up.</p></Empty> : (
            <table class="grid-table tight-table">
              <caption class="sr">Sums {part === 'key' ? 'by key' : part === 'model' ? 'by model' : 'by provider'}</caption>
              <thead><tr><td /><th scope="col" class="num">Requests</th><th scope="col" class="num">Failed</th><th scope="col" class="num">Refused</th><th scope="col" class="num">Tokens in</th><th scope="col" class="num">Tokens out</th><th scope="col" class="num">Cost</th></tr></thead>
              <tbody>{sums.map(sum => (
                <tr key={sum.name}><th scope="row"><span class="clip block" title={sum.name}>{sum.name}</span></th><td class="num">{count(sum.requests)}</td><td class="num">{count(sum.failed)}</td><td class="num">{count(sum.refused)}</td><td class="num">{short(sum.promptTokens)}</td><td class="num">{short(sum.answerTokens)}</td><td class="num">{sum.cost > 0 ? money(sum.cost) : <span class="dim">none</span>}</td></tr>
              ))}</tbody>
            </table>
          )}
      </div>
    </div>
  )
}

function All({ counted }: { readonly counted: readonly Counted[] }): JSX.Element {
  const sum = added(counted)
  return (
    <dl class="facts pad-block">
      <div><dt>Requests</dt><dd>{count(sum.requests)}</dd></div>
      <div><dt>Failed</dt><dd>{count(sum.failed)}</dd></div>
      <div><dt>Refused</dt><dd>{count(sum.refused)}</dd></div>
      <div><dt>Left by their client</dt><dd>{count(sum.left)}</dd></div>
      <div><dt>Tokens in</dt><dd>{count(sum.prompt_tokens)}</dd></div>
      <div><dt>Tokens out</dt><dd>{count(sum.answer_tokens)}</dd></div>
      <div><dt>Not computed again</dt><dd>{count(sum.cached_tokens)}</dd></div>
    </dl>
  )
}

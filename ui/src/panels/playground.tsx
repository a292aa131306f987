import { signal, useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { ask } from '../chat.ts'
import { Problem } from '../api.ts'
import { millis, NONE, perSecond, plural } from '../format.ts'
import { models } from '../store.ts'
import { readOnly } from '../parts/action.tsx'
import { announce } from '../parts/announce.tsx'
import { Empty, Trouble } from '../parts/card.tsx'
import { Pick } from '../parts/choice.tsx'
import * as Icons from '../parts/icons.tsx'
import { PageHead } from '../parts/page.tsx'
import { modelOptions } from './routing.tsx'

interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

interface Measured {
  readonly model: string
  readonly provider: string
  readonly firstMs: number | null
  readonly totalMs: number
  readonly tokens: number | null
  readonly promptTokens: number | null
}

/** One conversation with one model. Outlives the page, not the tab. */
interface Side {
  /** Another with each new beginning: what still comes of an answer from before has no place in it. */
  readonly talk: number
  readonly model: string
  readonly turns: readonly Turn[]
  readonly measured: Measured | null
  readonly problem: Problem | null
  readonly isBusy: boolean
}

let talks = 0

const fresh = (model: string): Side => ({ talk: ++talks, model, turns: [], measured: null, problem: null, isBusy: false })
const sides = signal<readonly Side[]>([fresh('auto')])
const system = signal('')
const temperature = signal('0.7')
const most = signal('512')
const question = signal('')

/** What ends the answers that are under way, by their conversation. */
const aborts = new Map<number, AbortController>()

const change = (talk: number, part: Partial<Side>): void => {
  sides.value = sides.value.map(side => (side.talk === talk ? { ...side, ...part } : side))
}

/** What cannot be read is as if nothing was written. */
function within(text: string, least: number, greatest: number, usual: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isNaN(value) ? usual : Math.min(greatest, Math.max(least, value))
}

async function send(side: Side, text: string): Promise<void> {
  if (side.isBusy) return
  const { talk } = side
  const turns: readonly Turn[] = [...side.turns, { role: 'user', text }]
  change(talk, { turns: [...turns, { role: 'assistant', text: '' }], isBusy: true, problem: null, measured: null })
  const abort = new AbortController()
  aborts.set(talk, abort)
  const began = performance.now()
  let [firstMs, said]: [number | null, string] = [null, '']
  let pending = false
  const show = (): void => {
    pending = false
    change(talk, { turns: [...turns, { role: 'assistant', text: said }] })
  }
  try {
    const told = await ask(
      { model: side.model, messages: [...(system.peek().trim() ? [{ role: 'system', content: system.peek() }] : []), ...turns.map(turn => ({ role: turn.role, content: turn.text }))], temperature: within(temperature.peek(), 0, 2, 0.7), maxTokens: Math.round(within(most.peek(), 1, 100_000, 512)) },
      piece => {
        firstMs ??= performance.now() - began
        said += piece
        if (!pending) {
          pending = true
          requestAnimationFrame(show)
        }
      },
      abort.signal,
    )
    show()
    change(talk, { measured: { model: told.model ?? side.model, provider: told.provider ?? '', firstMs, totalMs: performance.now() - began, tokens: told.answerTokens, promptTokens: told.promptTokens } })
    announce(`${told.model ?? side.model} has answered`)
  } catch (error) {
    show()
    if (!abort.signal.aborted) change(talk, { problem: Problem.of(error) })
  } finally {
    aborts.delete(talk)
    change(talk, { isBusy: false })
  }
}

export function Playground(): JSX.Element {
  const isBusy = useComputed(() => sides.value.some(side => side.isBusy))
  const options = useComputed(() => modelOptions().filter(([id]) => models.value.find(model => model.id === id)?.abilities.includes('chat') ?? true))
  const not = readOnly()

  function submit(): void {
    const text = question.peek().trim()
    if (text === '' || isBusy.peek() || not) return
    question.value = ''
    sides.peek().forEach(side => void send(side, text))
  }

  return (
    <>
      <PageHead title="Playground" words="Chat with any model, or with two at once to compare them. Nothing of it is kept: it ends with this tab." />
      <div class={`sides ${sides.value.length > 1 ? 'two' : ''}`}>
        {sides.value.map((side, at) => (
          <section key={at} class="card side-card" aria-label={sides.value.length > 1 ? `Conversation ${at + 1}` : 'Conversation'}>
            <div class="card-head">
              <div class="grow"><Pick label={sides.value.length > 1 ? `Model ${at + 1}` : 'Model'} options={options.value} value={side.model} onChange={model => change(side.talk, { model })} /></div>
              {at > 0 && <button type="button" class="button plain icon" aria-label="Close the second conversation" onClick={() => { aborts.get(side.talk)?.abort(); sides.value = sides.value.slice(0, 1) }}><Icons.Cross /></button>}
            </div>
            <Talk side={side} at={at} />
          </section>
        ))}
      </div>
      <form
        class="card ask" noValidate
        onSubmit={event => {
          event.preventDefault()
          submit()
        }}
      >
        <div class="field">
          <label for="question">Message</label>
          <textarea
            id="question" class="area" rows={3} value={question.value} maxLength={200_000} aria-describedby="question-hint"
            onInput={event => { question.value = event.currentTarget.value }}
            onKeyDown={event => {
              if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
              event.preventDefault()
              submit()
            }}
          />
          <span id="question-hint" class="hint">Enter sends, Shift and Enter begins a new line.</span>
        </div>
        <div class="row wrap">
          <button type="submit" class="button main" title={not ?? undefined} aria-disabled={not || isBusy.value || question.value.trim() === '' ? 'true' : undefined}>Send</button>
          <button type="button" class="button" aria-disabled={isBusy.value ? undefined : 'true'} onClick={() => aborts.forEach(abort => abort.abort())}>Stop answering</button>
          <button type="button" class="button" onClick={() => { aborts.forEach(abort => abort.abort()); sides.value = sides.value.map(side => fresh(side.model)) }}>Begin anew</button>
          {sides.value.length < 2 && <button type="button" class="button" onClick={() => { sides.value = [...sides.value, fresh(options.value.find(([id]) => id !== sides.value[0]?.model)?.[0] ?? 'auto')] }}>Compare with a second model</button>}
        </div>
        <details>
          <summary class="quiet-summary">Instructions, temperature and length</summary>
          <div class="knobs">
            <div class="field wide"><label for="system">Instructions for the model</label><textarea id="system" class="area" rows={2} value={system.value} onInput={event => { system.value = event.currentTarget.value }} /></div>
            <div class="field"><label for="temperature">Temperature, 0 to 2</label><input id="temperature" class="input" type="number" min="0" max="2" step="0.1" value={temperature.value} onInput={event => { temperature.value = event.currentTarget.value }} /></div>
            <div class="field"><label for="most">Longest answer, in tokens</label><input id="most" class="input" type="number" min="1" max="100000" step="1" value={most.value} onInput={event => { most.value = event.currentTarget.value }} /></div>
          </div>
        </details>
      </form>
    </>
  )
}

function Talk({ side, at }: { readonly side: Side; readonly at: number }): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const follow = useSignal(true)
  const last = side.turns[side.turns.length - 1]?.text
  useEffect(() => {
    if (box.current && follow.peek()) box.current.scrollTop = box.current.scrollHeight
  }, [last, side.turns.length])
  return (
    <>
      <div
        ref={box} class="talk" tabIndex={0} role="region" aria-label={`What was said, ${side.model}${at > 0 ? ', second conversation' : ''}`} aria-busy={side.isBusy}
        onScroll={event => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget
          follow.value = scrollHeight - scrollTop - clientHeight < 40
        }}
      >
        {side.turns.length === 0 && <Empty icon={Icons.Speech}><p>Nothing was said yet.</p></Empty>}
        {side.turns.map((turn, place) => (
          <div key={place} class={`turn ${turn.role}`}>
            <h3>{turn.role === 'user' ? 'You' : 'Answer'}</h3>
            <p class="said">{turn.text}{side.isBusy && place === side.turns.length - 1 && <span class="caret" aria-hidden="true" />}</p>
          </div>
        ))}
        {side.problem && <Trouble problem={side.problem} />}
      </div>
      <dl class="facts timings">
        <div><dt>First token</dt><dd>{millis(side.measured?.firstMs)}</dd></div>
        <div><dt>Speed after it</dt><dd>{speed(side.measured)}</dd></div>
        <div><dt>In all</dt><dd>{millis(side.measured?.totalMs)}</dd></div>
        <div><dt>Tokens</dt><dd>{side.measured?.tokens == null ? NONE : `${plural(side.measured.promptTokens ?? 0, 'token')} in, ${side.measured.tokens} out`}</dd></div>
        <div class="whole"><dt>Answered by</dt><dd>{side.measured ? [side.measured.model, side.measured.provider].filter(Boolean).join(' at ') : NONE}</dd></div>
      </dl>
    </>
  )
}

function speed(measured: Measured | null): string {
  if (!measured || measured.firstMs === null || measured.tokens === null || measured.tokens < 2) return NONE
  const seconds = (measured.totalMs - measured.firstMs) / 1000
  return seconds > 0 ? perSecond((measured.tokens - 1) / seconds, 'tokens') : NONE
}

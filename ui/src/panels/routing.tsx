import { signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { change, Problem } from '../api.ts'
import type { Explanation } from '../answers.ts'
import type { Candidate, Route } from '../contract.ts'
import { useFetched } from '../fetched.ts'
import { count, millis, NONE, percent, plural, sentence } from '../format.ts'
import { helix, models, providerName, routes } from '../store.ts'
import { readOnly } from '../parts/action.tsx'
import { Card, Empty, Trouble } from '../parts/card.tsx'
import { Pick } from '../parts/choice.tsx'
import { Ago } from '../parts/clock.tsx'
import * as Icons from '../parts/icons.tsx'
import { PageHead } from '../parts/page.tsx'

const model = signal('auto')
const prompt = signal('Why is the sky blue?')

export function Routing(): JSX.Element {
  return (
    <>
      <PageHead title="Routing" words="Why a request went where it went, and where one would go now. Texts of requests are never kept." />
      <div class="stack">
        <Explain />
        <Recent />
      </div>
    </>
  )
}

/** What a request may name. */
export function modelOptions(): readonly (readonly [string, string])[] {
  const own = models.value.map(each => [each.id, each.state === 'ready' ? each.id : `${each.id} (${each.state})`] as const)
  const names = (helix.value?.aliases ?? []).filter(alias => !models.value.some(each => each.id === alias)).map(alias => [alias, `${alias} (a name of yours)`] as const)
  return [['auto', 'auto: helix chooses'], ...own, ...names]
}

function Explain(): JSX.Element {
  const found = useSignal<Explanation | null>(null)
  const problem = useSignal<Problem | null>(null)
  const busy = useSignal(false)
  const not = readOnly()

  async function ask(): Promise<void> {
    if (busy.peek() || not) return
    busy.value = true
    try {
      found.value = await change<Explanation>('POST', '/helix/v1/route/explain?path=/v1/chat/completions', { model: model.peek(), messages: [{ role: 'user', content: prompt.peek() }] })
      problem.value = null
    } catch (error) {
      problem.value = Problem.of(error)
    } finally {
      busy.value = false
    }
  }

  return (
    <Card id="explain" title="Where would it go?">
      <div class="stack">
        <form class="explain-form" onSubmit={event => { event.preventDefault(); void ask() }}>
          <Pick label="Model" options={modelOptions()} value={model.value} onChange={value => { model.value = value }} />
          <div class="field"><label for="explain-text">Question</label><input id="explain-text" class="input" value={prompt.value} onInput={event => { prompt.value = event.currentTarget.value }} /></div>
          <button type="submit" class="button main" aria-disabled={not || busy.value ? 'true' : undefined} title={not ?? undefined}>Explain</button>
        </form>
        <div aria-live="polite">
          {problem.value && <Trouble problem={problem.value} />}
          {found.value && !problem.value && (
            <div class="stack tight">
              <p class={`note tone-${found.value.outcome === 'send' ? 'ok' : found.value.outcome === 'wait' ? 'busy' : 'warn'}`}>
                {found.value.outcome === 'send' ? <Icons.Tick /> : found.value.outcome === 'wait' ? <Icons.HalfDisc /> : <Icons.Dash />}
                <span class="words">
                  {found.value.outcome === 'send' ? `It would go to ${found.value.candidates.find(each => each.chosen)?.instance ?? NONE} as ${found.value.model ?? NONE}: ` : found.value.outcome === 'wait' ? `It would wait for ${found.value.model ?? NONE}: ` : 'It would be refused: '}{found.value.why}
                </span>
              </p>
              {found.value.candidates.length > 0 && <Candidates of={`the question to ${found.value.asked ?? 'auto'}`} candidates={found.value.candidates} />}
            </div>
          )}
        </div>
      </div>
    </Card>
  )
}

function Candidates({ candidates, of }: { readonly candidates: readonly (Candidate & { readonly context_tokens?: number; readonly failures?: number; readonly guess_error?: number | null })[]; readonly of: string }): JSX.Element {
  const isFull = candidates.some(each => each.context_tokens !== undefined)
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Candidates for ${of}`}>
      <table class="grid-table tight-table">
        <caption class="sr">Candidates for {of}</caption>
        <thead><tr><th scope="col">Candidate</th><th scope="col" class="num">Answers now</th><th scope="col" class="num">First token in</th><th scope="col" class="num">Then done in</th><th scope="col" class="num">Kept tokens</th>{isFull && <><th scope="col" class="num">Context</th><th scope="col" class="num">Failures</th><th scope="col" class="num">Guesses off by</th></>}<th scope="col">Outcome</th></tr></thead>
        <tbody>{candidates.map(each => (
          <tr key={each.instance} class={each.chosen ? 'chosen' : ''}>
            <th scope="row">{each.instance}<small class="dim block">{providerName(each.provider)}</small></th>
            <td class="num">{count(each.in_flight)}</td><td class="num">{millis(each.first_token_ms)}</td><td class="num">{millis(each.answer_ms)}</td><td class="num">{count(each.kept_tokens)}</td>
            {isFull && <><td class="num">{each.context_tokens ? count(each.context_tokens) : NONE}</td><td class="num">{count(each.failures)}</td><td class="num">{percent(each.guess_error, 0)}</td></>}
            <td>{each.chosen ? <span class="row tone-ok"><Icons.Tick size={14} /> taken</span> : each.passed_over ? sentence(each.passed_over) : <span class="dim">another was better</span>}</td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  )
}

function Recent(): JSX.Element {
  const earlier = useFetched<{ decisions: readonly Route[] }>('/helix/v1/route/recent')
  const known = new Set(routes.value.map(each => each.id))
  const all = [...routes.value, ...(earlier.value.value?.decisions ?? []).filter(each => !known.has(each.id))].sort((a, b) => b.id - a.id).slice(0, 200)
  return (
    <Card id="decisions" title="Decisions" flush side={<span class="dim">{plural(all.length, 'newest decision')}</span>}>
      {earlier.problem.value && <div class="pad"><Trouble problem={earlier.problem.value} again={() => void earlier.again()} /></div>}
      {all.length === 0 ? <Empty icon={Icons.Fork}><p>No request was sent to an engine yet. Ask something in the <a href="#/playground">playground</a>.</p></Empty>
        : <ul class="lines">{all.map(each => <Decision key={each.id} route={each} />)}</ul>}
    </Card>
  )
}

function Decision({ route }: { readonly route: Route }): JSX.Element {
  return (
    <li data-route={route.id}>
      <details>
        <summary class="decision">
          <span class="dim nowrap"><Ago at={route.at} /></span>
          <span><strong>{route.asked ?? 'no model named'}</strong> {route.asked !== route.model && <>became <strong>{route.model}</strong> </>}at <strong>{providerName(route.provider)}</strong>{route.attempt > 1 && <span class="tone-warn"> (try {route.attempt})</span>}: {route.why}</span>
        </summary>
        <p class="dim pad-block">Request <code>{route.request}</code>, answered by {route.instance}.</p>
        <Candidates of={`request ${route.request}`} candidates={route.candidates} />
      </details>
    </li>
  )
}

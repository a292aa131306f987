import { signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Rule, Rules as Told } from '../answers.ts'
import { change, Problem } from '../api.ts'
import { useFetched } from '../fetched.ts'
import { duration, plural, sentence } from '../format.ts'
import { readOnly } from '../parts/action.tsx'
import { Card, Loading, Trouble } from '../parts/card.tsx'
import { Dialog } from '../parts/dialog.tsx'
import * as Icons from '../parts/icons.tsx'
import { Badge, severityLook } from '../parts/state.tsx'
import { done } from '../parts/toast.tsx'

/** Grows when they were changed here. */
const changed = signal(0)

/** By which rules helix raises alerts, and one's own. */
export function Rules(): JSX.Element {
  const { value, problem, again } = useFetched<Told>('/helix/v1/alerts/rules', [changed.value])
  const isEditing = useSignal(false)
  // a text that took a while to write is not lost where somebody clicks beside it
  const draft = useSignal<string | null>(null)
  const told = value.value
  const not = readOnly()
  return (
    <Card
      id="rules" title="Rules of alerts" flush
      side={told && <button type="button" class="button small" aria-label="Edit your own rules" aria-disabled={not ? 'true' : undefined} title={not ?? undefined} onClick={() => { if (!not) isEditing.value = true }}>Edit</button>}
    >
      <div class="scroll tall-list" tabIndex={0} role="region" aria-label="Rules of alerts, list">
        {problem.value ? <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
          : !told ? <div class="pad"><Loading what="rules of alerts" rows={8} /></div>
            : (
              <>
                {told.problems.map(each => <div key={each} class="note tone-bad" role="alert"><Icons.Octagon /><span class="words">{each}<small>Your file is not taken; the rules before it hold.</small></span></div>)}
                <ul class="lines">{told.rules.map(rule => <One key={rule.name} rule={rule} />)}</ul>
              </>
            )}
      </div>
      {isEditing.value && told && <Edit told={told} draft={draft.value ?? told.own} onType={text => { draft.value = text }} onClose={isOver => {
        isEditing.value = false
        if (isOver) draft.value = null
      }} />}
    </Card>
  )
}

function One({ rule }: { readonly rule: Rule }): JSX.Element {
  return (
    <li data-rule={rule.name} data-on={rule.on}>
      <div class="row wrap">
        <strong class="mono grow">{rule.name}</strong>
        {!rule.on ? <Badge look={{ word: 'Off', tone: 'idle', icon: Icons.Dash }} /> : rule.severity ? <Badge look={severityLook(rule.severity)} /> : <span class="dim">as bad as what happened</span>}
      </div>
      <p>{rule.looks}</p>
      <p class="dim">{rule.type ? sentence(rule.type) : 'Each of its own type'}{rule.for_seconds > 0 && `; when it lasts for ${duration(rule.for_seconds)}`}{rule.left && `; ${rule.left}`}</p>
    </li>
  )
}

interface EditProps {
  readonly told: Told
  readonly draft: string
  readonly onType: (text: string) => void
  /** @param isOver What was typed is of no use any more. */
  readonly onClose: (isOver: boolean) => void
}

function Edit({ told, draft, onType, onClose }: EditProps): JSX.Element {
  const wrong = useSignal<Problem | null>(null)
  const busy = useSignal(false)

  async function save(): Promise<void> {
    if (busy.peek()) return
    busy.value = true
    wrong.value = null
    try {
      const { rules } = await change<Told>('PUT', '/helix/v1/alerts/rules', { text: draft.trim() === '' ? '' : draft })
      changed.value++
      done(`${plural(rules.length, 'rule')} of alerts hold now`)
      onClose(true)
    } catch (error) {
      wrong.value = Problem.of(error)
    } finally {
      busy.value = false
    }
  }

  return (
    <Dialog title="Your own rules of alerts" onClose={() => onClose(false)}>
      <p>A rule with the name of one of helix’s says only what is to be otherwise, as <span class="mono">on: false</span>; one with another name comes besides. An empty text leaves those of helix.</p>
      <form
        class="stack"
        onSubmit={event => {
          event.preventDefault()
          void save()
        }}
      >
        <div class="field">
          <label for="rules-own" class="said">In YAML; kept in {told.file}</label>
          <textarea id="rules-own" class="area mono" rows={12} spellcheck={false} value={draft} aria-invalid={wrong.value ? 'true' : undefined} onInput={event => onType(event.currentTarget.value)} />
        </div>
        {wrong.value && <Trouble problem={wrong.value} />}
        <details>
          <summary>Rules that come with helix</summary>
          <pre class="data" tabIndex={0} role="region" aria-label="Rules that come with helix">{told.shipped}</pre>
        </details>
        <div class="ends">
          <button type="button" class="button" onClick={() => onClose(true)}>Cancel</button>
          <button type="submit" class="button main" aria-busy={busy.value}>Save</button>
        </div>
      </form>
    </Dialog>
  )
}

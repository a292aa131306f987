import { type ReadonlySignal, signal, useSignal } from '@preact/signals'
import type { JSX, TargetedInputEvent } from 'preact'
import type { Channel } from '../answers.ts'
import { change, Problem } from '../api.ts'
import { channelName, PARTS, type Part, setupOf } from '../channeltext.ts'
import { useFetched } from '../fetched.ts'
import { plural, sentence } from '../format.ts'
import { alerts } from '../store.ts'
import { Act, readOnly } from '../parts/action.tsx'
import { Card, Loading, Trouble } from '../parts/card.tsx'
import { Ago } from '../parts/clock.tsx'
import { Dialog } from '../parts/dialog.tsx'
import * as Icons from '../parts/icons.tsx'
import { Badge } from '../parts/state.tsx'
import { done } from '../parts/toast.tsx'

/** Grows when a channel was set up, removed or tried here. */
const changed = signal(0)

/** Where alerts are told, and how it goes with that. */
export function Channels(): JSX.Element {
  const { value, problem, again } = useFetched<{ channels: readonly Channel[] }>('/helix/v1/alerts/channels', [changed.value, alerts.value.length])
  return (
    <Card id="channels" title="Where alerts are told" flush>
      {problem.value ? <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
        : !value.value ? <div class="pad"><Loading what="channels of alerts" rows={6} /></div>
          : <ul class="lines">{value.value.channels.map(channel => <One key={channel.id} channel={channel} />)}</ul>}
      <p class="hint pad">How bad an alert has to be for a channel, and how many messages it gets in an hour, are settings: search for <span class="mono">alerts</span> below.</p>
    </Card>
  )
}

function One({ channel }: { readonly channel: Channel }): JSX.Element {
  const settingUp = useSignal(false)
  const name = channelName(channel.id)
  const parts = PARTS[channel.id]
  const not = readOnly()
  const key = `channel ${channel.id}`
  return (
    <li data-channel={channel.id} data-on={channel.on}>
      <div class="row wrap">
        <strong class="grow">{name}</strong>
        <Badge look={!channel.on ? { word: 'Not set up', tone: 'idle', icon: Icons.DottedRing } : channel.trouble ? { word: 'Fails', tone: 'bad', icon: Icons.Octagon } : { word: 'On', tone: 'ok', icon: Icons.Disc }} />
        {channel.on && <Act word="Test" name={`Send a test message: ${name}`} class="small" deed={{ key, doing: 'Sending a test message', act: () => tried(channel.id) }} />}
        {parts && <button type="button" class="button small" aria-label={`${channel.on ? 'Change' : 'Set up'}: ${name}`} aria-disabled={not ? 'true' : undefined} title={not ?? undefined} onClick={() => { if (!not) settingUp.value = true }}>{channel.on ? 'Change' : 'Set up'}</button>}
        {parts && channel.on && (
          <Act
            word="Remove" name={`Remove: ${name}`} class="small danger"
            deed={{
              key, doing: 'Removing', ask: { title: `Tell ${name} nothing more?`, words: 'What it was set up with is forgotten, and messages that wait for it are not sent.', yes: 'Remove it', danger: true },
              act: () => change('DELETE', pathOf(channel.id)).finally(() => changed.value++),
            }}
          />
        )}
      </div>
      {channel.on && <p class="dim">{channel.where && `${sentence(channel.where)}; `}told of {channel.severity ?? 'info'}{channel.severity === 'critical' ? '' : ' and worse'}{channel.hourly != null && `, ${plural(channel.hourly, 'message')} in an hour at most`}; last <Ago at={channel.last_sent} none="never" />{channel.waiting > 0 && `; ${channel.waiting} waiting`}{channel.failed > 0 && `; ${channel.failed} given up`}</p>}
      {channel.on && channel.trouble && <p class="wrong">{sentence(channel.trouble)}{channel.next_try && <>; tried again <Ago at={channel.next_try} late="now" /></>}</p>}
      {settingUp.value && parts && <SetUp channel={channel.id} parts={parts} onClose={() => { settingUp.value = false }} />}
    </li>
  )
}

const pathOf = (channel: string): string => `/helix/v1/alerts/channels/${encodeURIComponent(channel)}`

async function tried(channel: string): Promise<string> {
  try {
    const { state, message } = await change<{ state: string; message: string }>('POST', `/helix/v1/alerts/test/${encodeURIComponent(channel)}`)
    if (state === 'failed') throw new Problem(0, 'failed', message, 'See what it was set up with, and change that.')
    return message
  } finally {
    changed.value++
  }
}

interface SetUpProps {
  readonly channel: string
  readonly parts: readonly Part[]
  readonly onClose: () => void
}

function SetUp({ channel, parts, onClose }: SetUpProps): JSX.Element {
  const typed = useSignal<Readonly<Record<string, string>>>({})
  const wrong = useSignal<Problem | null>(null)
  const busy = useSignal(false)

  async function save(): Promise<void> {
    if (busy.peek()) return
    busy.value = true
    wrong.value = null
    try {
      const { message } = await change('PUT', pathOf(channel), setupOf(typed.peek()))
      changed.value++
      done(message)
      onClose()
    } catch (error) {
      wrong.value = Problem.of(error)
    } finally {
      busy.value = false
    }
  }

  return (
    <Dialog title={`Set up: ${channelName(channel)}`} onClose={onClose}>
      <form
        class="stack"
        onSubmit={event => {
          event.preventDefault()
          void save()
        }}
      >
        {parts.map(part => <Field key={part.id} part={part} typed={typed} onType={text => { typed.value = { ...typed.peek(), [part.id]: text } }} />)}
        <p class="hint">What is secret is kept encrypted on this machine, and no page and no answer shows it again. All of it is given anew each time.</p>
        {wrong.value && <Trouble problem={wrong.value} />}
        <div class="ends">
          <button type="button" class="button" onClick={onClose}>Cancel</button>
          <button type="submit" class="button main" aria-busy={busy.value}>Set it up</button>
        </div>
      </form>
    </Dialog>
  )
}

interface FieldProps {
  readonly part: Part
  readonly typed: ReadonlySignal<Readonly<Record<string, string>>>
  readonly onType: (text: string) => void
}

function Field({ part, typed, onType }: FieldProps): JSX.Element {
  const id = `channel-${part.id}`
  const value = typed.value[part.id] ?? ''
  const said = { id, class: 'input', value, spellcheck: false, 'aria-describedby': part.hint ? `${id}-hint` : undefined, onInput: (event: TargetedInputEvent<HTMLInputElement>) => onType(event.currentTarget.value) }
  return (
    <div class="field">
      <label for={id}>{part.label}</label>
      {part.choices
        ? <select id={id} class="select" value={value} onChange={event => onType(event.currentTarget.value)}>{part.choices.map(([choice, word]) => <option key={choice} value={choice}>{word}</option>)}</select>
        : part.isSecret ? <input {...said} type="password" autocomplete="new-password" /> : <input {...said} type="text" autocomplete="off" />}
      {part.hint && <span id={`${id}-hint`} class="hint">{part.hint}</span>}
    </div>
  )
}

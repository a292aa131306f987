import { computed, effect, signal, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { type Alert, alertOf, firingBySeverity } from '../alerts.ts'
import { change } from '../api.ts'
import type { Silence } from '../answers.ts'
import type { KeptAlert } from '../contract.ts'
import { useFetched } from '../fetched.ts'
import { plural, sentence } from '../format.ts'
import { notices, tellHere } from '../notices.ts'
import { href, path } from '../router.ts'
import { alerts, providerName, settled } from '../store.ts'
import { Act, perform, readOnly } from '../parts/action.tsx'
import { Card, Empty, Loading, Trouble } from '../parts/card.tsx'
import { Choice } from '../parts/choice.tsx'
import { Ago } from '../parts/clock.tsx'
import { Dialog } from '../parts/dialog.tsx'
import * as Icons from '../parts/icons.tsx'
import { Badge, severityLook } from '../parts/state.tsx'

type Which = 'now' | 'silences' | 'past'

const which = signal<Which>('now')

/** Which one the address names; null where it names none. */
const named = computed(() => (path.value[0] === 'alerts' ? path.value[1] ?? null : null))

// what is over already is among those of the past
effect(() => {
  const id = named.value
  if (id !== null && settled.value) which.value = alerts.peek().some(alert => alert.id === id) ? 'now' : 'past'
})

/** Grows when a silence was ended or begun here. */
const changed = signal(0)

const LABELS: Readonly<Record<Which, string>> = { now: 'Alerts of now', silences: 'What is silenced', past: 'Alerts of the past' }

export function Alerts(): JSX.Element {
  return (
    <Card
      id="alerts" title="Alerts" class="fixed-tall" flush
      side={<>
        <span class="row wrap">{firingBySeverity(alerts.value).map(([severity, many]) => <Badge key={severity} look={{ ...severityLook(severity), word: `${many} ${severityLook(severity).word.toLowerCase()}` }} />)}</span>
        <NoticesButton />
        <Choice<Which> label="Which alerts" value={which.value} options={[['now', 'Now'], ['silences', 'Silences'], ['past', 'History']]} onChange={value => { which.value = value }} />
      </>}
    >
      <div class="scroll tall-list" tabIndex={0} role="region" aria-label={LABELS[which.value]}>
        {which.value === 'past' ? <Past /> : which.value === 'silences' ? <Silences />
          : alerts.value.length === 0 ? !settled.value ? <div class="pad"><Loading what="alerts" /></div> : <Empty icon={Icons.Tick}><p>There is nothing to see to. What helix mends by itself is told in the <a href="#/history">history</a>.</p></Empty>
            : <ul>{alerts.value.map(alert => <One key={alert.id} alert={alert} />)}</ul>}
      </div>
    </Card>
  )
}

/** Switches whether this browser tells of alerts while nobody looks at the page. Also for whoever may change nothing here: it is his own browser. */
function NoticesButton(): JSX.Element {
  const isOn = notices.value === 'on'
  const words = `Notices of alerts by this browser: ${isOn ? 'on' : 'off'}`
  return (
    <button
      type="button" class="button icon small" aria-label="Notices of alerts by this browser" aria-pressed={isOn} title={words}
      onClick={() => void perform({
        key: 'notices', doing: isOn ? 'Switching notices off' : 'Asking this browser',
        act: async () => {
          await tellHere(!isOn)
          return isOn ? 'This browser tells of alerts no more while nobody looks' : 'This browser tells of alerts as long as the dashboard is open in it; try it with: helix alerts test web'
        },
      })}
    ><Icons.Bell /></button>
  )
}

function Past(): JSX.Element {
  const { value, problem, again } = useFetched<{ alerts: readonly KeptAlert[] }>('/helix/v1/alerts?state=resolved&limit=200', [alerts.value.length])
  if (problem.value) return <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
  if (!value.value) return <div class="pad"><Loading what="alerts of the past" /></div>
  if (value.value.alerts.length === 0) return <Empty icon={Icons.Clock}><p>No alert is over yet.</p></Empty>
  return <ul>{value.value.alerts.map(alert => <One key={alert.id} alert={alertOf(alert)} />)}</ul>
}

function Silences(): JSX.Element {
  const silenced = alerts.value.filter(alert => alert.state === 'silenced').length
  const { value, problem, again } = useFetched<{ silences: readonly Silence[] }>('/helix/v1/alerts/silences', [changed.value, silenced])
  if (problem.value) return <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
  if (!value.value) return <div class="pad"><Loading what="silences" /></div>
  if (value.value.silences.length === 0) return <Empty icon={Icons.Clock}><p>Nothing is silenced.</p></Empty>
  return (
    <ul>{value.value.silences.map(silence => (
      <li key={silence.id} class="alert-one" data-silence={silence.id}>
        <div class="row">
          <p class="said grow">{sentence(silence.words)}</p>
          <Act
            word="End" name={`End the silence of ${silence.words}`} class="small"
            deed={{
              key: `silence ${silence.id}`, doing: 'Ending the silence',
              act: async () => {
                const told = await change('DELETE', `/helix/v1/alerts/silences/${silence.id}`)
                changed.value++
                return told
              },
            }}
          />
        </div>
        <p class="dim">Ends <Ago at={silence.until} />, begun <Ago at={silence.from} /> by {silence.by}{silence.comment && `: ${silence.comment}`}</p>
      </li>
    ))}</ul>
  )
}

const STATES: Readonly<Record<string, string>> = { pending: 'not for long yet', acknowledged: 'acknowledged', silenced: 'silenced', resolved: 'over', past: 'from the history' }

function One({ alert }: { readonly alert: Alert }): JSX.Element {
  const silencing = useSignal(false)
  const key = `alert ${alert.id}`
  const line = useRef<HTMLLIElement>(null)
  const isNamed = named.value === alert.id
  useEffect(() => {
    if (!isNamed) return
    line.current?.focus({ preventScroll: true })
    line.current?.scrollIntoView({ block: 'nearest' })
  }, [isNamed])
  return (
    <li ref={line} class="alert-one" tabIndex={isNamed ? -1 : undefined} data-alert={alert.id} data-severity={alert.severity} data-state={alert.state}>
      <div class="row wrap">
        <Badge look={severityLook(alert.severity)} />
        {STATES[alert.state] && <span class="dim">{sentence(STATES[alert.state]!)}{alert.by && alert.state === 'acknowledged' && ` by ${alert.by}`}</span>}
        {alert.provider && <a href={href(['providers', alert.provider])}>{providerName(alert.provider)}</a>}
        {alert.count > 1 && <span class="dim">{plural(alert.count, 'time')}</span>}
        {alert.isFlapping && <span class="dim">comes and goes</span>}
        <span class="dim push"><Ago at={alert.resolved ?? alert.at} /></span>
      </div>
      <p class="said">{sentence(alert.words)}</p>
      {alert.done && <p class="said dim">{sentence(alert.done)}</p>}
      {alert.left && <p class="said">{sentence(alert.left)}</p>}
      {alert.end && <p class="said dim">{sentence(alert.end)}</p>}
      {alert.actions.length > 0 && (
        <div class="row wrap">
          {alert.actions.includes('acknowledge') && <Act word="Acknowledge" name={`Acknowledge: ${alert.words}`} class="small" deed={{ key, doing: 'Acknowledging', act: () => change('POST', '/helix/v1/alerts/ack', { ids: [Number(alert.id)], by: 'the dashboard' }) }} />}
          {alert.actions.includes('silence') && <button type="button" class="button small" aria-label={`Silence: ${alert.words}`} aria-disabled={readOnly() ? 'true' : undefined} title={readOnly() ?? undefined} onClick={() => { if (!readOnly()) silencing.value = true }}>Silence</button>}
          {alert.actions.includes('resolve') && <Act word="Resolve" name={`Resolve: ${alert.words}`} class="small" deed={{ key, doing: 'Resolving', act: () => change('POST', '/helix/v1/alerts/resolve', { ids: [Number(alert.id)], by: 'the dashboard' }) }} />}
        </div>
      )}
      {silencing.value && (
        <Dialog title="Silence this alert" onClose={() => { silencing.value = false }}>
          <p class="said">{sentence(alert.words)}</p>
          <p class="dim">It is counted all the same, and tells nobody until the time is over. The same holds for whatever is the same.</p>
          <div class="ends">
            <button type="button" class="button" onClick={() => { silencing.value = false }}>Cancel</button>
            {([['1h', '1 hour'], ['8h', '8 hours'], ['1d', '1 day'], ['7d', '1 week']] as const).map(([span, word]) => (
              <button
                key={span} type="button" class="button"
                onClick={() => {
                  silencing.value = false
                  void perform({
                    key, doing: 'Silencing',
                    act: async () => {
                      const told = await change('POST', '/helix/v1/alerts/silences', { for: span, alert: Number(alert.id), by: 'the dashboard' })
                      changed.value++
                      return told
                    },
                  })
                }}
              >{word}</button>
            ))}
          </div>
        </Dialog>
      )}
    </li>
  )
}

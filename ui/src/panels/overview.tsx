import { computed } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { bytes, count, millis, number, percent, plural, release, sentence } from '../format.ts'
import { alerts, figures, helix, instances, machine, minutes, models, performances, providers, traffic, uptime } from '../store.ts'
import { Lasting } from '../parts/clock.tsx'
import * as Icons from '../parts/icons.tsx'
import type { Tone } from '../parts/state.tsx'
import { verdictOf } from '../verdict.ts'
import { Below } from './below.tsx'
import { Providers } from './providers.tsx'

const verdict = computed(() => verdictOf({ helix: helix.value, providers: providers.value, instances: instances.value, models: models.value, alerts: alerts.value, machine: machine.value }))

const SIGNS: Readonly<Record<Tone, (props: { size?: number }) => JSX.Element>> = { ok: Icons.Tick, busy: Icons.HalfDisc, warn: Icons.Triangle, bad: Icons.Octagon, idle: Icons.Ring }

export function Overview(): JSX.Element {
  return (
    <>
      <Glance />
      <div class="stack">
        <Providers />
        <Below />
      </div>
    </>
  )
}

/** The first thing that is seen. Its height does not depend on what it says. */
function Glance(): JSX.Element {
  const { tone, title, words, needs, mending } = verdict.value
  const Sign = SIGNS[tone]
  useEffect(() => {
    document.title = `${needs.length > 0 ? `(${needs.length}) ` : ''}${title} · helix`
  }, [title, needs.length])
  const [first, ...others] = needs
  const notes = helix.value?.notes ?? []
  return (
    <section class={`glance tone-${tone}`} aria-labelledby="page-title">
      <div class="glance-words">
        <Sign size={34} />
        <div>
          <h1 id="page-title" tabIndex={-1}>{title}</h1>
          <p class="glance-runs">{words}</p>
        </div>
      </div>
      {/* words that take the place of others are others, not the same ones moved */}
      <p class="glance-need"><span key={first ? 'needs' : mending ? 'mending' : notes.length > 0 ? 'notes' : 'nothing'} class="glance-text">
        {first
          ? <><strong>Needs you:</strong> <a href={first.href}>{first.words}</a>{first.remedy && <> {sentence(first.remedy)}.</>}{others.length > 0 && ` And ${plural(others.length, 'more thing')}.`}</>
          : mending ? <>Nothing needs you. <strong>Being mended:</strong> {mending}</>
          : notes.length > 0 ? <><strong>Good to know:</strong> {sentence(notes.join(' '))}</>
            : 'Nothing needs you.'}
      </span></p>
      <KeyFigures />
    </section>
  )
}

function KeyFigures(): JSX.Element {
  const five = performances.value.filter(each => each.window === '5m' && each.first_token_ms !== null)
  // of the slowest that is asked: a mean of percentiles says nothing
  const slowest = five.reduce<number | null>((most, each) => Math.max(most ?? 0, each.first_token_ms!.p95), null)
  const newest = Object.entries(minutes.value).sort(([a], [b]) => (a < b ? 1 : -1)).slice(0, 60).map(([, minute]) => minute)
  const asked = newest.reduce((sum, minute) => sum + minute.requests, 0)
  const wrong = newest.reduce((sum, minute) => sum + minute.failed, 0)
  const ledger = machine.value.ledger
  const whole = uptime.value['helix']
  const target = helix.value?.uptime_target ?? null
  const memory = Object.values(figures.value).reduce((sum, each) => sum + (each.memory_bytes ?? 0), 0)
  return (
    <dl class="figures">
      <div><dt>Answering now</dt><dd>{count(traffic.value?.in_flight)} <small>{traffic.value?.in_flight === 1 ? 'request' : 'requests'}</small></dd></div>
      <div><dt>Tokens</dt><dd>{number(traffic.value?.tokens_per_second)} <small>a second</small></dd></div>
      <div><dt>Last hour</dt><dd>{count(asked)} <small>requests, {wrong === 0 ? 'none' : count(wrong)} failed</small></dd></div>
      <div><dt>First token, p95</dt><dd>{millis(slowest)} <small>{five.length > 1 ? 'of the slowest, 5 min' : 'in 5 min'}</small></dd></div>
      <div><dt>Available, 30 days</dt><dd>{percent(whole?.month, 2)} <small>{whole?.month == null || target === null ? '' : whole.month >= target ? `target ${percent(target, 2)} met` : `below ${percent(target, 2)}`}</small></dd></div>
      <div><dt>Engines' memory</dt><dd>{bytes(ledger ? ledger.measured_bytes : memory)} <small>{ledger ? `of ${bytes(ledger.budget_bytes)}` : ''}</small></dd></div>
      <div><dt>helix runs for</dt><dd><Lasting since={helix.value?.started} /> <small>{helix.value ? release(helix.value.version) : ''}</small></dd></div>
    </dl>
  )
}

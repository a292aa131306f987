import type { JSX } from 'preact'
import type { Instance, Uptime } from '../contract.ts'
import { duration, percent, sentence } from '../format.ts'
import { href } from '../router.ts'
import { helix, instances, providerName, uptime } from '../store.ts'
import { Card, Empty } from '../parts/card.tsx'
import * as Icons from '../parts/icons.tsx'
import type { Tone } from '../parts/state.tsx'
import { Badge, providerLook } from '../parts/state.tsx'

const STEPS: Readonly<Record<string, string>> = { process: 'Process lives', endpoint: 'Endpoint answers', identity: 'Model is the right one', token: 'Token was produced' }

const LOOKS: Readonly<Record<string, { word: string; tone: Tone; icon: (props: { size?: number }) => JSX.Element }>> = {
  ok: { word: 'yes', tone: 'ok', icon: Icons.Tick },
  bad: { word: 'no', tone: 'bad', icon: Icons.Cross },
  waiting: { word: 'not yet', tone: 'busy', icon: Icons.HalfDisc },
  unknown: { word: 'not known', tone: 'idle', icon: Icons.Ring },
}

/** Each is believed only after the one before. */
export function Steps({ instance }: { readonly instance: Instance }): JSX.Element {
  return (
    <ol class="steps" aria-label={`Four steps of health of ${instance.name}`}>
      {instance.health.map(({ step, state }) => {
        const look = LOOKS[state] ?? { word: state, tone: 'idle' as const, icon: Icons.Diamond }
        return <li key={step} class={`step tone-${look.tone}`} data-step={step} data-state={state} title={`${STEPS[step] ?? step}: ${look.word}`}><look.icon size={14} /><span>{STEPS[step] ?? step}<span class="sr">: {look.word}</span></span></li>
      })}
    </ol>
  )
}

/** A month, a bar for each day; what was not counted is an empty one. */
export function Strip({ uptime: { days, id, month }, target }: { readonly uptime: Uptime; readonly target: number | null }): JSX.Element {
  const newest = days[days.length - 1]?.day
  const byDay = new Map(days.map(day => [day.day, day.uptime]))
  const last = newest ? Date.parse(`${newest}T00:00:00Z`) : 0
  const month30 = Array.from({ length: 30 }, (_, back) => new Date(last - (29 - back) * 86_400_000).toISOString().slice(0, 10))
  const bad = days.filter(day => day.uptime !== null && day.uptime < 1)
  return (
    <svg
      class="strip" viewBox="0 0 180 22" preserveAspectRatio="none" role="img"
      aria-label={`${id === 'helix' ? 'Availability' : `Availability of ${id}`}, 30 days: ${percent(month, 2)}. ${bad.length === 0 ? 'No day with an outage' : `Days below 100 %: ${bad.slice(-6).map(day => `${day.day} ${percent(day.uptime, 2)}`).join(', ')}`}.`}
    >
      {month30.map((day, at) => {
        const share = byDay.get(day)
        const tone = share == null ? 'idle' : share >= (target ?? 0.995) ? 'ok' : share >= 0.9 ? 'warn' : 'bad'
        // what is worse is also lower
        const height = share == null ? 4 : tone === 'ok' ? 22 : tone === 'warn' ? 15 : 9
        return <rect key={day} class={`day-${tone}`} x={at * 6} y={22 - height} width="4.600" height={height} rx="1"><title>{`${day}: ${share == null ? 'not counted' : percent(share, 2)}`}</title></rect>
      })}
    </svg>
  )
}

export function Health(): JSX.Element {
  const whole = uptime.value['helix']
  const target = helix.value?.uptime_target ?? null
  const met = whole?.month == null || target === null ? null : whole.month >= target
  const budget = whole && whole.month !== null && target !== null && target < 1 ? (1 - whole.month) / (1 - target) : null
  return (
    <Card id="health" title="Health" class="fixed-tall" side={met !== null && <Badge look={met ? { word: 'Target met', tone: 'ok', icon: Icons.Tick } : { word: 'Below target', tone: 'bad', icon: Icons.Triangle }} />}>
      <div class="stack">
        <div class="slo">
          {whole ? <Strip uptime={whole} target={target} /> : <div class="strip skeleton" />}
          <p class="dim slo-words">{whole
            ? <>Available {percent(whole.month, 2)} of 30 days{target !== null && <>, target {percent(target, 2)}</>}; down {duration(whole.down_seconds_month)}{budget !== null && <>, {percent(budget, 0)} of what the target allows</>}. Today {percent(whole.today, 2)}.</>
            : 'Availability is counted from the first engine on.'}</p>
        </div>
        <div class="scroll health-list" tabIndex={0} role="region" aria-label="Health of each process">
          {instances.value.length === 0
            ? <Empty><p>No engine has a process at this moment, so there is nothing to look at.</p></Empty>
            : <ul class="stack tight">{instances.value.map(instance => <One key={instance.name} instance={instance} />)}</ul>}
        </div>
      </div>
    </Card>
  )
}

function One({ instance }: { readonly instance: Instance }): JSX.Element {
  const kept = uptime.value[instance.provider]
  return (
    <li class="health-one" data-instance={instance.name}>
      <div class="row">
        <a class="grow clip" href={href(['providers', instance.provider])} title={sentence(instance.reason)}>{providerName(instance.provider)} <span class="dim">{instance.model}</span></a>
        <Badge look={providerLook(instance.state)} />
      </div>
      <Steps instance={instance} />
      {kept && <Strip uptime={kept} target={helix.value?.uptime_target ?? null} />}
    </li>
  )
}

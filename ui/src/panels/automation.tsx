import type { JSX } from 'preact'
import { change } from '../api.ts'
import type { Automation } from '../contract.ts'
import { often, sentence } from '../format.ts'
import { href } from '../router.ts'
import { automations, settled } from '../store.ts'
import { Act, perform, readOnly, underWay } from '../parts/action.tsx'
import { Card, Empty, Loading } from '../parts/card.tsx'
import { Ago } from '../parts/clock.tsx'
import * as Icons from '../parts/icons.tsx'

const KIND: Readonly<Record<string, string>> = { health: 'state', optimisation: 'tuning', updates: 'update', recovery: 'healing', security: 'security', backup: 'backup' }

export function Automations(): JSX.Element {
  return (
    <Card id="automation" title="Automation" flush side={<span class="dim">what helix does by itself</span>}>
      {automations.value.length === 0 && <div class="pad">{settled.value ? <Empty icon={Icons.Again}><p>helix has not told yet what it does by itself.</p></Empty> : <Loading what="automations" rows={6} />}</div>}
      <ul>{automations.value.map(each => <One key={each.id} automation={each} />)}</ul>
    </Card>
  )
}

/** On and off is a setting like any other. */
const turn = (automation: Automation, on: boolean): Promise<boolean> => perform({
  key: `automation ${automation.id}`,
  doing: `Turning ${automation.id} ${on ? 'on' : 'off'}`,
  ...(on ? {} : { ask: { title: `Turn ${automation.id} off?`, words: `helix then no longer does this by itself: ${automation.does}. It is the setting ${automation.setting}.`, yes: 'Turn it off' } }),
  act: async () => {
    await change('PUT', `/helix/v1/settings/${encodeURIComponent(automation.setting)}`, { value: String(on) })
    return `${automation.id} is ${on ? 'on' : 'off'}`
  },
})

function One({ automation }: { readonly automation: Automation }): JSX.Element {
  const busy = underWay(`automation ${automation.id}`)
  return (
    <li class="automation" data-automation={automation.id} data-on={automation.on}>
      <div class="row">
        <h3 class="grow">{sentence(automation.id)}</h3>
        {automation.can_run && <Act word="Run now" name={`Run now: ${automation.id}`} class="small" deed={{ key: `run ${automation.id}`, doing: `Beginning ${automation.id}`, act: () => change('POST', `/helix/v1/automations/${encodeURIComponent(automation.id)}/run`) }} />}
        <label class="switch">
          <input
            type="checkbox" role="switch" checked={automation.on} disabled={readOnly() !== null || busy !== null} aria-label={`${sentence(automation.id)}, ${automation.does}`}
            onChange={event => {
              // it shows what is, not what is wanted
              const on = event.currentTarget.checked
              event.currentTarget.checked = automation.on
              void turn(automation, on)
            }}
          />
          <span class="on-off">{automation.on ? 'On' : 'Off'}</span>
        </label>
      </div>
      <p class="does" title={automation.does}>{sentence(automation.does)}</p>
      <p class="dim times">
        <span>{often(automation.every)}</span>
        <span>last <Ago at={automation.last} none="never" /></span>
        <span>next <Ago at={automation.next} late="now" none={automation.on ? 'when it is needed' : 'not while it is off'} /></span>
        <a href={href(['history'], { kind: KIND[automation.id] ?? '' })}>History<span class="sr"> of {automation.id}</span></a>
      </p>
      <p class="result dim" title={automation.result ?? undefined}>{automation.result ? sentence(automation.result) : 'Nothing came of it yet.'}</p>
    </li>
  )
}

import { computed, signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Figures, Provider } from '../contract.ts'
import { actionsOf, busyKey, Do, doable, startAll } from '../deeds.tsx'
import { bytes, count, NONE, number, plural, sentence } from '../format.ts'
import { href } from '../router.ts'
import { figures, providers } from '../store.ts'
import { readOnly, underWay } from '../parts/action.tsx'
import { Card, Empty } from '../parts/card.tsx'
import { Choice } from '../parts/choice.tsx'
import { Lasting } from '../parts/clock.tsx'
import { Menu } from '../parts/menu.tsx'
import { Badge, providerLook } from '../parts/state.tsx'

type Which = 'all' | 'running' | 'possible'

const which = signal<Which>('all')

const running = new Set(['ready', 'attached', 'degraded', 'recovering', 'critical', 'starting', 'installing'])

const answering = new Set(['ready', 'attached', 'degraded'])

const shown = computed(() => providers.value.filter(provider => which.value === 'all' || (which.value === 'running' ? running.has(provider.state) : provider.state !== 'unsupported')))

/** The one that a row shows beside its menu: what is wanted most often. */
const mainAction = (state: string, actions: readonly string[]): string | null => (state === 'critical' ? ['start', 'stop', 'install'] : ['stop', 'start', 'install']).find(action => actions.includes(action)) ?? null

export function Providers(): JSX.Element {
  const up = providers.value.filter(provider => provider.state === 'ready' || provider.state === 'attached').length
  return (
    <Card
      id="providers" title="Providers" flush
      side={<>
        <span class="dim">{up} of {providers.value.length} answer</span>
        <Choice<Which> label="Which providers" value={which.value} options={[['all', 'All'], ['running', 'Running'], ['possible', 'Possible here']]} onChange={value => { which.value = value }} />
        <button type="button" class="button small" aria-disabled={readOnly() || underWay('start-all') ? 'true' : undefined} title={readOnly() ?? 'Everything that is installed'} onClick={() => { if (!readOnly()) void startAll() }}>Start all</button>
      </>}
    >
      <table class="grid-table fold providers" role="table">
        <caption class="sr">Providers: what each does, and what can be done with it</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Provider</th>
            <th role="columnheader" scope="col">State</th>
            <th role="columnheader" scope="col">Model</th>
            <th role="columnheader" scope="col">Release</th>
            <th role="columnheader" scope="col" class="num">Up for</th>
            <th role="columnheader" scope="col" class="num">Memory</th>
            <th role="columnheader" scope="col" class="num">Requests</th>
            <th role="columnheader" scope="col" class="num">Tokens/s</th>
            <th role="columnheader" scope="col"><span class="sr">What can be done</span></th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown.value.map(provider => <Row key={provider.id} provider={provider} seen={figures.value[provider.id]} />)}
        </tbody>
      </table>
      {shown.value.length === 0 && <Empty><p>{which.value === 'running' ? 'No provider runs at this moment. Start one, or ask any model: helix wakes what it needs.' : 'There is none of this kind.'}</p></Empty>}
    </Card>
  )
}

function Row({ provider, seen }: { readonly provider: Provider; readonly seen: Figures | undefined }): JSX.Element {
  const actions = actionsOf(provider)
  const main = mainAction(provider.state, actions)
  const busy = underWay(busyKey(provider.id))
  const isUp = answering.has(provider.state)
  return (
    <tr role="row" data-provider={provider.id} data-state={provider.state}>
      <th role="rowheader" scope="row" class="whole provider-name">
        <a href={href(['providers', provider.id])} title={provider.name}>{provider.name}</a>
        <small class="dim" title={provider.description}>{provider.description}</small>
      </th>
      <td role="cell" class="whole provider-state">
        <Badge look={providerLook(provider.state)} />
        <small class="reason" title={provider.reason}>{busy ? `${busy} … ` : ''}{sentence(provider.reason)}</small>
      </td>
      <td role="cell" data-label="Model"><span class="model-name" title={provider.model ?? undefined}>{provider.model ?? <span class="dim">{NONE}</span>}</span></td>
      <td role="cell" data-label="Release"><span class="model-name" title={provider.release ?? undefined}>{provider.release ?? <span class="dim">{NONE}</span>}</span></td>
      <td role="cell" data-label="Up for" class="num">{isUp ? <Lasting since={provider.since} /> : <span class="dim">{NONE}</span>}</td>
      <td role="cell" data-label="Memory" class="num">{bytes(seen?.memory_bytes)}</td>
      <td role="cell" data-label="Requests" class="num">{count(seen?.requests)}{seen && seen.faults > 0 ? <small class="tone-bad"><br />{plural(seen.faults, 'fault')}</small> : null}</td>
      <td role="cell" data-label="Tokens/s" class="num">{isUp ? number(seen?.tokens_per_second) : NONE}</td>
      <td role="cell" class="whole provider-do">
        <div class="row">
          {main && <Do provider={provider} action={main} class="small" />}
          <Menu label={`More for ${provider.name}`}>
            {() => (
              <>
                <li><a class="button" href={href(['providers', provider.id])}>Details</a></li>
                {actions.includes('logs') && <li><a class="button" href={href(['logs'], { of: provider.id })}>Logs</a></li>}
                {actions.filter(action => action !== main && action !== 'logs' && doable(provider, action) !== null).map(action => <li key={action}><Do provider={provider} action={action} /></li>)}
              </>
            )}
          </Menu>
        </div>
      </td>
    </tr>
  )
}

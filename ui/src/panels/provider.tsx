import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { change, Problem, provider as pathOf } from '../api.ts'
import type { UpdateCheck, Versions } from '../answers.ts'
import type { Instance, Provider } from '../contract.ts'
import { actionsOf, Do, doable, safe } from '../deeds.tsx'
import { useFetched } from '../fetched.ts'
import { bytes, count, duration, exact, millis, NONE, number, percent, sentence, when } from '../format.ts'
import { href } from '../router.ts'
import { figures, helix, instances, providers, uptime } from '../store.ts'
import { Act } from '../parts/action.tsx'
import { Card, Empty, Loading, Trouble } from '../parts/card.tsx'
import { Ago, Lasting, now } from '../parts/clock.tsx'
import * as Icons from '../parts/icons.tsx'
import { PageHead } from '../parts/page.tsx'
import { Badge, providerLook } from '../parts/state.tsx'
import { Steps, Strip } from './health.tsx'

export function ProviderPage({ id }: { readonly id: string }): JSX.Element {
  const provider = providers.value.find(each => each.id === id)
  if (!provider) {
    return (
      <>
        <PageHead title="No such provider" />
        <Empty icon={Icons.Dash}><p>There is no provider called {id}. It may have been removed, or is no longer attached.</p><a class="button" href="#/providers">All providers</a></Empty>
      </>
    )
  }
  const own = instances.value.filter(each => each.provider === id)
  return (
    <>
      <a class="back" href="#/providers"><Icons.Back size={14} />All providers</a>
      <PageHead title={provider.name} words={provider.description}>
        <Badge look={providerLook(provider.state)} />
      </PageHead>
      <div class="stack">
        <Now provider={provider} />
        {own.length > 0 && <Processes own={own} />}
        <div class="pair">
          <Availability id={id} />
          {!provider.attached && !provider.cloud && <Releases provider={provider} />}
        </div>
      </div>
    </>
  )
}

function Now({ provider }: { readonly provider: Provider }): JSX.Element {
  const seen = figures.value[provider.id]
  return (
    <Card id="provider" title="At this moment">
      <div class="stack">
        <p class="reason-whole">{sentence(provider.reason)}</p>
        {provider.progress != null && <progress aria-label={`Progress of what is fetched for ${provider.name}`} max={1} value={provider.progress} />}
        <div class="row wrap">
          {actionsOf(provider).map(action => doable(provider, action) && <Do key={action} provider={provider} action={action} />)}
          {provider.actions.includes('logs') && <a class="button" href={href(['logs'], { of: provider.id })}><Icons.Lines size={14} />Logs</a>}
        </div>
        <dl class="facts">
          <div><dt>In this state for</dt><dd><Lasting since={provider.since} /></dd></div>
          <div><dt>Model</dt><dd>{provider.model ?? NONE}</dd></div>
          <div><dt>Release</dt><dd>{provider.release ?? NONE}</dd></div>
          <div><dt>Release before</dt><dd>{provider.previous ?? NONE}</dd></div>
          <div><dt>Process</dt><dd>{provider.pid ?? NONE}</dd></div>
          <div><dt>Memory</dt><dd>{bytes(seen?.memory_bytes)}</dd></div>
          <div><dt>Releases on disk</dt><dd>{bytes(provider.disk_bytes)}</dd></div>
          <div><dt>Processor cores in use</dt><dd>{number(seen?.cpu)}</dd></div>
          <div><dt>Answering now</dt><dd>{count(seen?.in_flight)}</dd></div>
          <div><dt>Requests</dt><dd>{count(seen?.requests)}</dd></div>
          <div><dt>Faults</dt><dd>{count(seen?.faults)}</dd></div>
          <div><dt>Tokens a second</dt><dd>{number(seen?.tokens_per_second)}</dd></div>
          <div><dt>Tested with</dt><dd>{provider.verified || NONE}</dd></div>
        </dl>
        {provider.terms && <p class="hint">It comes under terms of its own: <a href={safe(provider.terms)} target="_blank" rel="noopener noreferrer">{provider.terms}</a></p>}
      </div>
    </Card>
  )
}

function Processes({ own }: { readonly own: readonly Instance[] }): JSX.Element {
  return (
    <Card id="processes" title="Processes">
      <ul class="stack">
        {own.map(each => (
          <li key={each.name} class="process">
            <div class="row wrap"><h3>{each.name}</h3><Badge look={providerLook(each.state)} /></div>
            <p>{sentence(each.reason)}</p>
            {each.remedy && <p class="note tone-warn"><Icons.Triangle /><span class="words">{sentence(each.remedy)}</span></p>}
            <Steps instance={each} />
            <dl class="facts">
              <div><dt>Model</dt><dd>{each.model}</dd></div>
              <div><dt>Process</dt><dd>{each.pid ?? NONE}</dd></div>
              <div><dt>Restarts</dt><dd>{count(each.restarts)}</dd></div>
              <div><dt>Took to start</dt><dd>{millis(each.took_to_start_ms)}</dd></div>
              <div><dt>Took to recover</dt><dd>{millis(each.took_to_recover_ms)}</dd></div>
              <div><dt>Next start</dt><dd>{each.next_start && (when(each.next_start)?.getTime() ?? 0) > now.value ? <Ago at={each.next_start} /> : NONE}</dd></div>
              <div><dt>Memory promised</dt><dd>{bytes(each.reserved_bytes)}</dd></div>
              {each.reserved_gpu_bytes ? <div><dt>GPU memory promised</dt><dd>{bytes(each.reserved_gpu_bytes)}</dd></div> : null}
              <div><dt>Memory seen</dt><dd>{bytes(each.measured_bytes)}</dd></div>
              {each.fault && <div class="whole"><dt>What went wrong last</dt><dd>{each.fault}</dd></div>}
            </dl>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Availability({ id }: { readonly id: string }): JSX.Element {
  const kept = uptime.value[id]
  const target = helix.value?.uptime_target ?? null
  return (
    <Card id="availability" title="Availability">
      {kept
        ? <div class="stack tight">
          <Strip uptime={kept} target={target} />
          <dl class="facts">
            <div><dt>Today</dt><dd>{percent(kept.today, 2)}</dd></div>
            <div><dt>30 days</dt><dd>{percent(kept.month, 2)}</dd></div>
            <div><dt>Down today</dt><dd>{duration(kept.down_seconds_today)}</dd></div>
            <div><dt>Down in 30 days</dt><dd>{duration(kept.down_seconds_month)}</dd></div>
          </dl>
        </div>
        : <Empty icon={Icons.Clock}><p>It has not run in the last 30 days, so nothing was counted.</p></Empty>}
    </Card>
  )
}

function Releases({ provider }: { readonly provider: Provider }): JSX.Element {
  const { value, problem, isLoading, again } = useFetched<Versions>(pathOf(provider.id, 'versions'), [provider.release, provider.previous])
  const check = useSignal<UpdateCheck | null>(null)
  const isBuiltIn = problem.value !== null && problem.value.status === 409
  return (
    <Card
      id="releases" title="Releases" flush
      side={!isBuiltIn && <Act
        word="Look for a newer one" class="small"
        deed={{
          key: `check ${provider.id}`, doing: `Looking for a newer release of ${provider.name}`,
          act: async () => {
            const { providers: found } = await change<{ providers: readonly UpdateCheck[] }>('POST', `/helix/v1/updates/check?provider=${encodeURIComponent(provider.id)}`)
            check.value = found[0] ?? null
            if (!check.value) throw new Problem(404, 'not_found', 'nothing is known of its releases')
          },
        }}
      />}
    >
      <div class="stack tight">
        {check.value && <p class="note pad" role="status"><Icons.Info /><span class="words">{sentence(check.value.advice)}{check.value.newest && <small>Newest upstream: {check.value.newest}</small>}{check.value.problem && <small>{sentence(check.value.problem)}</small>}</span></p>}
        {problem.value ? isBuiltIn ? <Empty icon={Icons.Cube}><p>{sentence(problem.value.message)}. {problem.value.remedy}</p></Empty> : <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
          : !value.value ? isLoading.value && <div class="pad"><Loading what="releases" /></div>
            : value.value.versions.length === 0 ? <Empty icon={Icons.ArrowDown}><p>No release of it is installed.</p></Empty>
              : (
                <div class="scroll" tabIndex={0} role="region" aria-label="Releases, table">
                  <table class="grid-table">
                    <caption class="sr">Releases of {provider.name} on this machine, the newest first</caption>
                    <thead><tr><th scope="col">Version</th><th scope="col">Use</th><th scope="col">Installed</th><th scope="col" class="num">Size</th><th scope="col">Tried before use</th></tr></thead>
                    <tbody>{value.value.versions.map(each => (
                      <tr key={each.version}><th scope="row">{each.version}{value.value?.pinned === each.version && <small class="dim"> (kept by your word)</small>}</th><td>{each.use}</td><td class="nowrap" title={exact(when(each.installed))}><Ago at={each.installed} /></td><td class="num">{bytes(each.bytes)}</td><td>{each.tested}</td></tr>
                    ))}</tbody>
                  </table>
                </div>
              )}
      </div>
    </Card>
  )
}

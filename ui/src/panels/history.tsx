import type { JSX } from 'preact'
import type { Happening } from '../contract.ts'
import { useFetched } from '../fetched.ts'
import { clock, exact, plural, sentence, when } from '../format.ts'
import { amend, href, query } from '../router.ts'
import { events, providerName, providers } from '../store.ts'
import { Card, Empty, Loading, Trouble } from '../parts/card.tsx'
import { Pick } from '../parts/choice.tsx'
import * as Icons from '../parts/icons.tsx'
import { PageHead } from '../parts/page.tsx'
import { Badge, severityLook } from '../parts/state.tsx'

const KINDS = ['state', 'healing', 'alert', 'install', 'update', 'tuning', 'demand', 'security', 'backup', 'cleanup', 'helix'] as const
const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const
const SPANS = [['1h', 'Last hour'], ['24h', 'Last day'], ['7d', 'Last week'], ['30d', 'Last 30 days'], ['52w', 'Last year']] as const
const MOST = 500

const seconds: Readonly<Record<string, number>> = { '1h': 3600, '24h': 86400, '7d': 7 * 86400, '30d': 30 * 86400, '52w': 52 * 7 * 86400 }

export function History(): JSX.Element {
  const [kind, severity, provider, since] = [query.value.get('kind') ?? '', query.value.get('severity') ?? '', query.value.get('provider') ?? '', query.value.get('since') ?? '24h']
  const search = new URLSearchParams({ limit: String(MOST), since, ...(kind && { kind }), ...(severity && { severity }), ...(provider && { provider }) })
  const { value, problem, isLoading, again } = useFetched<{ events: readonly Happening[] }>(`/helix/v1/history?${search}`)
  const told = value.value?.events ?? []
  const known = new Set(told.map(each => each.id))
  // what came since is told live
  const fits = (each: Happening): boolean => (kind === '' || each.kind === kind) && (severity === '' || SEVERITIES.indexOf(each.severity as never) >= SEVERITIES.indexOf(severity as never)) && (provider === '' || each.provider === provider) && !known.has(each.id) && (when(each.at)?.getTime() ?? 0) >= Date.now() - (seconds[since] ?? 0) * 1000
  const all = [...events.value.filter(fits), ...told].sort((a, b) => b.id - a.id)
  return (
    <>
      <PageHead title="History" words="What happened, and why helix did what it did." />
      <Card id="history" title={plural(all.length, 'event')} flush>
        <div class="log-tools">
          <Pick label="Since" options={SPANS} value={since as (typeof SPANS)[number][0]} onChange={value => amend({ since: value })} />
          <Pick label="About" options={[['', 'Everything'], ...KINDS.map(each => [each, each] as const)] as (readonly [string, string])[]} value={kind} onChange={value => amend({ kind: value })} />
          <Pick label="Severity" options={[['', 'Any'], ['warning', 'Warnings and worse'], ['error', 'Errors and worse'], ['critical', 'Critical']]} value={severity} onChange={value => amend({ severity: value })} />
          <Pick label="Provider" options={[['', 'All'], ...providers.value.map(each => [each.id, each.name] as const)] as (readonly [string, string])[]} value={provider} onChange={value => amend({ provider: value })} />
        </div>
        {problem.value ? <div class="pad"><Trouble problem={problem.value} again={() => void again()} /></div>
          : !value.value && isLoading.value ? <div class="pad"><Loading what="the history" rows={8} /></div>
            : all.length === 0 ? <Empty icon={Icons.Clock}><p>Nothing of this kind happened in this time.</p></Empty>
              : <ol class="lines">{all.slice(0, MOST).map(each => <One key={each.id} event={each} />)}</ol>}
        {all.length >= MOST && <p class="pad dim">Only the newest {MOST} are shown. The command line shows more: helix history.</p>}
      </Card>
    </>
  )
}

function One({ event }: { readonly event: Happening }): JSX.Element {
  const at = when(event.at)
  return (
    <li class="event" data-event={event.id} data-severity={event.severity}>
      <time class="dim nowrap" dateTime={event.at} title={exact(at)}>{at ? `${exact(at).slice(5, 10)} ${clock(at)}` : ''}</time>
      <Badge look={severityLook(event.severity)} />
      <div class="grow">
        <p class="said">{sentence(event.words)}</p>
        <p class="dim"><span>{event.kind}, {event.what}</span>{event.provider && <> · <a href={href(['providers', event.provider])}>{providerName(event.provider)}</a></>}{event.subject && event.subject !== event.provider && <> · {event.subject}</>}</p>
        {event.data && <details><summary class="quiet-summary">All that is known of it</summary><pre class="data" tabIndex={0} role="region" aria-label={`Data of event ${event.id}`}>{JSON.stringify(event.data, null, 2)}</pre></details>}
      </div>
    </li>
  )
}

import { know, sentence } from '../../src/format.ts'
import { eventually } from './eventually.ts'
import type { Visit } from './visit.ts'

interface Told {
  readonly status: { readonly providers: readonly { id: string; state: string; reason: string; model: string | null; release: string | null }[]; readonly models: readonly { id: string; state: string }[]; readonly memory: { readonly instances: readonly { name: string }[] } }
  readonly alerts: { readonly alerts: readonly { id: number; state: string; severity: string; what: string }[] }
  readonly automations: { readonly automations: readonly { id: string; on: boolean; result: string | null }[] }
}

/** What the API tells of what the first page shows, a line each. */
function told({ status, alerts, automations }: Told): string[] {
  know([...status.providers, ...status.models].map(each => each.id))
  return [
    ...status.providers.map(({ id, state, reason, model, release }) => `provider ${id} ${state}, ${sentence(reason)}, ${model ?? '–'}, ${release ?? '–'}`),
    ...alerts.alerts.map(({ id, state, severity, what }) => `alert ${id} ${state} ${severity}: ${sentence(what)}`),
    ...automations.automations.map(({ id, on, result }) => `automation ${id} ${on}: ${result === null ? 'Nothing came of it yet.' : sentence(result)}`),
  ].sort()
}

/** What the first page shows, the same lines. */
function shown(visit: Visit): Promise<string[]> {
  return visit.page.evaluate(() => {
    const text = (of: Element, what: string): string => of.querySelector(what)?.textContent ?? ''
    const all = (what: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(what)]
    return [
      ...all('tr[data-provider]').map(row => `provider ${row.dataset['provider']} ${row.dataset['state']}, ${text(row, '.reason').replace(/^(Starting|Stopping) .*? … /, '')}, ${text(row, '[data-label="Model"]')}, ${text(row, '[data-label="Release"]')}`),
      ...all('[data-alert]').map(one => `alert ${one.dataset['alert']} ${one.dataset['state']} ${one.dataset['severity']}: ${text(one, '.said')}`),
      ...all('[data-automation]').map(one => `automation ${one.dataset['automation']} ${one.dataset['on']}: ${text(one, '.result')}`),
    ].sort()
  })
}

/**
 * Waits until every panel of the first page shows what the API says.
 * @param within Milliseconds.
 */
export async function agrees(visit: Visit, within = 9000): Promise<void> {
  let [api, page]: [string[], string[]] = [[], []]
  await eventually(
    async () => {
      const [status, alerts, automations] = await Promise.all([visit.home.get<Told['status']>('/helix/v1/status'), visit.home.get<Told['alerts']>('/helix/v1/alerts?state=open'), visit.home.get<Told['automations']>('/helix/v1/automations')])
      api = told({ status, alerts, automations })
      page = await shown(visit)
      return page.length > 0 && api.join('\n') === page.join('\n')
    },
    'the page to show what the API says',
    { within, otherwise: () => `the API says:\n${api.filter(line => !page.includes(line)).join('\n')}\nthe page shows:\n${page.filter(line => !api.includes(line)).join('\n')}` },
  )
}

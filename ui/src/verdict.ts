import { type Alert, needsSomebody } from './alerts.ts'
import type { Helix, Instance, Machine, Provider, ServedModel } from './contract.ts'
import { list, plural } from './format.ts'
import type { Tone } from './parts/state.tsx'

export interface Need {
  readonly words: string
  readonly remedy: string | null
  /** Where it can be looked at. */
  readonly href: string
}

export interface Verdict {
  readonly tone: Tone
  readonly title: string
  /** What runs. */
  readonly words: string
  /** What somebody has to see to; empty where helix does it alone. */
  readonly needs: readonly Need[]
  /** What helix does about what is not well, where nothing needs anybody. */
  readonly mending: string | null
}

interface Seen {
  readonly helix: Helix | null
  readonly providers: readonly Provider[]
  readonly instances: readonly Instance[]
  readonly models: readonly ServedModel[]
  readonly alerts: readonly Alert[]
  readonly machine: Machine
}

const isServing = (state: string): boolean => state === 'ready' || state === 'attached' || state === 'degraded'

/** In one glance: what runs, how well, and whether anything needs somebody. */
export function verdictOf(seen: Seen): Verdict {
  const needs = needsOf(seen)
  const real = seen.models.filter(model => !model.self_test)
  const ready = real.filter(model => model.state === 'ready')
  const mending = seen.providers.filter(provider => provider.state === 'recovering' || provider.state === 'degraded')
  const coming = seen.providers.filter(provider => provider.state === 'starting' || provider.state === 'installing')
  const state = ((): Pick<Verdict, 'tone' | 'title'> => {
    if (needs.length > 0) return { tone: 'bad', title: needs.length === 1 ? 'One thing needs you' : `${needs.length} things need you` }
    if (mending.length > 0) return { tone: 'warn', title: mending.length === 1 ? 'helix is mending an engine' : `helix is mending ${mending.length} engines` }
    if (ready.length === 0 && (coming.length > 0 || seen.models.some(model => model.state === 'coming'))) return { tone: 'busy', title: 'Getting ready' }
    if (real.length === 0) return { tone: 'warn', title: 'There is no model yet' }
    if (ready.length === 0 && real.every(model => model.state === 'off' || model.state === 'failed')) return { tone: 'idle', title: 'Everything is off' }
    return { tone: 'ok', title: 'Everything works' }
  })()
  return { ...state, words: wordsOf(seen, ready.length, real.length), needs, mending: mending.length > 0 ? mending.map(provider => `${provider.name}: ${provider.reason}`).join('; ') : null }
}

function needsOf({ providers, instances, models, alerts, machine }: Seen): readonly Need[] {
  const needs: Need[] = []
  for (const provider of providers.filter(each => each.state === 'critical')) {
    const own = instances.filter(each => each.provider === provider.id && each.state === 'critical')
    needs.push({ words: `${provider.name} cannot be brought back: ${provider.reason}`, remedy: own.find(each => each.remedy)?.remedy ?? null, href: `#/providers/${encodeURIComponent(provider.id)}` })
  }
  for (const alert of alerts) {
    if (!needsSomebody(alert)) continue
    if (alert.provider && providers.some(each => each.id === alert.provider && each.state === 'critical')) continue
    needs.push({ words: alert.words, remedy: alert.left, href: '#/alerts' })
  }
  for (const model of models) if (model.state === 'failed') needs.push({ words: `${model.id} cannot be served${model.detail ? `: ${model.detail}` : ''}`, remedy: null, href: '#/models' })
  if (machine.disk?.low) needs.push({ words: 'The disk is nearly full', remedy: 'Free some space, or let helix do it: helix local-llm cleanup', href: '#/resources' })
  return needs
}

function wordsOf({ providers, models }: Seen, ready: number, known: number): string {
  const serving = providers.filter(provider => isServing(provider.state) && !provider.cloud)
  const clouds = providers.filter(provider => provider.cloud)
  const engines = serving.length === 0 ? 'No engine runs' : `${plural(serving.length, 'engine')} ${serving.length === 1 ? 'runs' : 'run'}: ${list(serving.slice(0, 4).map(provider => provider.name))}${serving.length > 4 ? ` and ${serving.length - 4} more` : ''}`
  const asleep = models.filter(model => !model.self_test && model.state === 'asleep').length
  const answers = known === 0 ? 'the self-test answers in the place of a model' : ready > 0 ? `${plural(ready, 'model')} ${ready === 1 ? 'is' : 'are'} ready${asleep > 0 ? `, ${asleep} more ${asleep === 1 ? 'wakes' : 'wake'} when asked for` : ''}` : asleep > 0 ? `${plural(asleep, 'model')} ${asleep === 1 ? 'wakes' : 'wake'} when asked for` : 'no model is ready'
  return `${engines}; ${answers}${clouds.length > 0 ? `; ${plural(clouds.length, 'cloud')} can be asked` : ''}.`
}

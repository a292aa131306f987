import type { JSX } from 'preact'
import * as Icons from './icons.tsx'

export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle'

interface Look {
  readonly word: string
  readonly tone: Tone
  readonly icon: (props: { size?: number }) => JSX.Element
}

const providers: Readonly<Record<string, Look>> = {
  ready: { word: 'Ready', tone: 'ok', icon: Icons.Disc },
  attached: { word: 'Attached', tone: 'ok', icon: Icons.Plug },
  starting: { word: 'Starting', tone: 'busy', icon: Icons.HalfDisc },
  installing: { word: 'Installing', tone: 'busy', icon: Icons.ArrowDown },
  degraded: { word: 'Degraded', tone: 'warn', icon: Icons.Triangle },
  recovering: { word: 'Recovering', tone: 'warn', icon: Icons.Again },
  critical: { word: 'Critical', tone: 'bad', icon: Icons.Octagon },
  standby: { word: 'Standby', tone: 'idle', icon: Icons.Ring },
  available: { word: 'Not installed', tone: 'idle', icon: Icons.DottedRing },
  unsupported: { word: 'Not possible', tone: 'idle', icon: Icons.Dash },
}

const severities: Readonly<Record<string, Look>> = {
  critical: { word: 'Critical', tone: 'bad', icon: Icons.Octagon },
  error: { word: 'Error', tone: 'bad', icon: Icons.Cross },
  warning: { word: 'Warning', tone: 'warn', icon: Icons.Triangle },
  info: { word: 'Info', tone: 'idle', icon: Icons.Info },
}

const models: Readonly<Record<string, Look>> = {
  ready: { word: 'Ready', tone: 'ok', icon: Icons.Disc },
  asleep: { word: 'Asleep', tone: 'idle', icon: Icons.Ring },
  coming: { word: 'Coming', tone: 'busy', icon: Icons.HalfDisc },
  failed: { word: 'Failed', tone: 'bad', icon: Icons.Octagon },
  off: { word: 'Off', tone: 'idle', icon: Icons.Dash },
}

/** A word that this page does not know is shown as it came. */
const unknown = (word: string): Look => ({ word, tone: 'idle', icon: Icons.Diamond })

export const providerLook = (state: string): Look => providers[state] ?? unknown(state)
export const severityLook = (severity: string): Look => severities[severity] ?? unknown(severity)
export const modelLook = (state: string): Look => models[state] ?? unknown(state)

export function Badge({ look, title }: { readonly look: Look; readonly title?: string }): JSX.Element {
  return <span class={`badge tone-${look.tone}`} title={title}><look.icon size={13} />{look.word}</span>
}

/** The shape alone, where the word stands elsewhere or the reader is told otherwise. */
export function Shape({ look, size = 16 }: { readonly look: Look; readonly size?: number }): JSX.Element {
  return <span class={`row tone-${look.tone}`}><look.icon size={size} /></span>
}

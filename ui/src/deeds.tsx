import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { change, type Done, provider as pathOf } from './api.ts'
import type { Provider } from './contract.ts'
import { Act, type Deed, perform } from './parts/action.tsx'
import { Dialog } from './parts/dialog.tsx'
import * as Icons from './parts/icons.tsx'

interface Doable {
  readonly word: string
  readonly icon?: (props: { size?: number }) => JSX.Element
  readonly kind?: string
  readonly deed: Deed
}

interface Opened {
  readonly url: string
  readonly provider: string
  readonly model: string
  readonly closes: string
}

/** A link that works once, for somebody to follow: a window that opens by itself would be held back. */
const opened = signal<(Opened & { readonly name: string }) | null>(null)

export const busyKey = (id: string): string => `provider ${id}`

/** What can be done with it now. What waits for nothing but its terms can be installed here, for here they are shown and accepted. */
export const actionsOf = ({ actions, state, terms }: Provider): readonly string[] => (terms !== null && state === 'available' && !actions.includes('install') ? ['install', ...actions] : actions)

/** What a button of this name does to a provider; null for what this page does not know, and for the logs, which are a page. */
export function doable(provider: Provider, action: string): Doable | null {
  const { id, name } = provider
  const post = (what: string, body?: unknown): Promise<Done> => change('POST', pathOf(id, what), body)
  const key = busyKey(id)
  switch (action) {
    case 'start':
      return { word: 'Start', icon: Icons.Play, deed: { key, doing: `Starting ${name}`, act: () => post('start') } }
    case 'stop':
      return {
        word: 'Stop', icon: Icons.Square,
        deed: {
          key, doing: `Stopping ${name}`, act: () => post('stop'),
          ask: { title: `Stop ${name}?`, words: `${provider.model ? `It serves ${provider.model}. ` : ''}Requests that it answers now are ended, and it stays off until somebody starts it.`, yes: 'Stop it' },
        },
      }
    case 'install':
      return {
        word: 'Install', icon: Icons.ArrowDown,
        deed: {
          key, doing: `Installing ${name}`,
          act: async () => {
            if (provider.terms) await post('accept-license')
            return post('install', {})
          },
          ask: provider.terms
            ? { title: `Install ${name}?`, words: `It comes under terms of its own, which stand at ${provider.terms}. To install it is to accept them. It may take several minutes.`, yes: 'Accept and install' }
            : { title: `Install ${name}?`, words: 'It is fetched, compared with its checksum, and tried before it is used. It may take several minutes.', yes: 'Install it' },
        },
      }
    case 'update':
      return {
        word: 'Update', icon: Icons.ArrowDown,
        deed: {
          key, doing: `Updating ${name}`, act: () => post('update'),
          ask: { title: `Update ${name}?`, words: `${provider.release ? `${provider.release} stays until its successor has answered. ` : ''}The new release is installed beside it, tried, and then takes over. It may take several minutes.`, yes: 'Update it' },
        },
      }
    case 'rollback':
      return {
        word: 'Roll back', icon: Icons.Again,
        deed: {
          key, doing: `Rolling ${name} back`, act: () => post('rollback'),
          ask: { title: `Roll ${name} back?`, words: `It uses ${provider.previous ?? 'its release before'} again instead of ${provider.release ?? 'this one'}, and keeps that until it is updated.`, yes: 'Roll it back' },
        },
      }
    case 'remove':
      return {
        word: 'Remove', icon: Icons.Cross, kind: 'danger',
        deed: {
          key, doing: `Removing ${name}`, act: () => post('remove'),
          ask: { title: `Remove ${name}?`, words: 'It is stopped, and its releases are deleted from this machine. Models stay. It can be installed again.', yes: 'Remove it', danger: true },
        },
      }
    case 'open':
      return {
        word: 'Open its own page', icon: Icons.Plug,
        deed: {
          key: `open ${id}`, doing: `Waking ${name}`,
          act: async () => {
            opened.value = { ...(await change<Opened>('POST', pathOf(id, 'open'), {})), name }
          },
        },
      }
    default:
      return null
  }
}

/** The button for it, as a whole or as a line of a menu. */
export function Do({ provider, action, class: kind }: { readonly provider: Provider; readonly action: string; readonly class?: string }): JSX.Element | null {
  const found = doable(provider, action)
  if (!found) return null
  return <Act deed={found.deed} word={found.word} name={`${found.word}: ${provider.name}`} {...(found.icon ? { icon: found.icon } : {})} class={`${found.kind ?? ''} ${kind ?? ''}`} />
}

export function OpenedLink(): JSX.Element | null {
  const link = opened.value
  if (!link) return null
  const close = (): void => {
    opened.value = null
  }
  return (
    <Dialog title={`${link.name}'s own page`} onClose={close}>
      <p>It works with {link.model}. The link works once, in one browser, and closes {link.closes}.</p>
      <div class="ends">
        <button type="button" class="button" onClick={close}>Cancel</button>
        <a class="button main" href={safe(link.url)} target="_blank" rel="noopener noreferrer" onClick={close}>Open it in a new tab</a>
      </div>
    </Dialog>
  )
}

/** Only what a browser fetches: an address from outside could be a script. */
export const safe = (url: string): string => (/^https?:\/\//i.test(url) ? url : '#/')

/** Everything that is installed, at once. */
export const startAll = (): Promise<boolean> => perform({
  key: 'start-all', doing: 'Starting everything that is installed',
  act: async () => {
    await change('POST', '/helix/v1/start-all')
    return 'Everything that is installed was asked to start, as far as memory permits'
  },
})

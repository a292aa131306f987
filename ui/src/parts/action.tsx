import { signal } from '@preact/signals'
import type { JSX } from 'preact'
import { type Done, Problem, token } from '../api.ts'
import { announce } from './announce.tsx'
import { confirm } from './dialog.tsx'
import * as Icons from './icons.tsx'
import { done, failed } from './toast.tsx'

/** What is under way, by a name that tells it from all else. It outlives the page that began it. */
const running = signal<ReadonlyMap<string, string>>(new Map())

/** In words, what is being done to it; null where nothing is. */
export const underWay = (key: string): string | null => running.value.get(key) ?? null

export interface Deed {
  /** Two deeds of the same key are never under way together. */
  readonly key: string
  /** While it is being done: "Stopping vLLM". */
  readonly doing: string
  readonly ask?: { readonly title: string; readonly words: string; readonly yes: string; readonly danger?: boolean }
  readonly act: () => Promise<Done | string | void>
}

/** Asks, does, and tells what came of it. */
export async function perform(deed: Deed): Promise<boolean> {
  if (running.peek().has(deed.key)) return false
  if (deed.ask && !(await confirm(deed.ask))) return false
  if (running.peek().has(deed.key)) return false
  running.value = new Map(running.peek()).set(deed.key, deed.doing)
  announce(deed.doing)
  try {
    const result = await deed.act()
    const words = typeof result === 'string' ? result : result?.message
    if (words) done(words)
    return true
  } catch (error) {
    failed(Problem.of(error))
    return false
  } finally {
    const left = new Map(running.peek())
    left.delete(deed.key)
    running.value = left
  }
}

interface ActProps {
  readonly deed: Deed
  readonly word: string
  /** For a screen reader, where the word alone does not say of what: "Stop vLLM". */
  readonly name?: string
  readonly icon?: (props: { size?: number }) => JSX.Element
  readonly class?: string
  /** Why it cannot be done; it stays where it is and says so. */
  readonly not?: string | null | undefined
}

/** Why nothing can be changed in this browser; null where it can. */
export const readOnly = (): string | null => (token.value === null ? 'this browser is not signed in to change things' : null)

/** A button that does something. While it is being done it says so, and keeps the focus. */
export function Act({ deed, word, name, icon: Icon, class: kind = '', not: reason }: ActProps): JSX.Element {
  const not = readOnly() ?? reason
  const busy = underWay(deed.key)
  // others of the same key cannot be done meanwhile, and are not what is being done
  const isDoing = busy === deed.doing
  return (
    <button
      type="button" class={`button ${kind}`} aria-label={not ? `${name ?? word}: not possible, ${not}` : name} title={not ?? undefined} aria-busy={isDoing} aria-disabled={not || busy !== null ? 'true' : undefined}
      onClick={() => {
        if (!not && busy === null) void perform(deed)
      }}
    >
      {isDoing ? <Icons.Spinner size={14} /> : Icon ? <Icon size={14} /> : null}
      {word}
    </button>
  )
}

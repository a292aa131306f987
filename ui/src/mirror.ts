/** A copy of the server's state: section, key, value. */

export type State = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface Snapshot {
  readonly at: string
  readonly state: State
}

export interface Change {
  readonly at: string
  /** Values replace values; null takes a key away. */
  readonly set: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Sections that nothing touches stay the same object, and so do values. */
export function applied(state: State, { set }: Change): State {
  const next: Record<string, Readonly<Record<string, unknown>>> = { ...state }
  for (const [section, values] of Object.entries(set)) {
    const keys: Record<string, unknown> = { ...own(next, section) }
    for (const [key, value] of Object.entries(values)) {
      if (value === null) delete keys[key]
      else define(keys, key, value)
    }
    define(next, section, keys)
  }
  return next
}

const own = (state: State, section: string): Readonly<Record<string, unknown>> | undefined => (Object.hasOwn(state, section) ? state[section] : undefined)

/** A key may be called `__proto__`: names come from outside. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

const isSections = (value: unknown): value is State => isMap(value) && Object.values(value).every(isMap)

/** Null for what is none. */
export function readSnapshot(text: string): Snapshot | null {
  const value: unknown = JSON.parse(text)
  return isMap(value) && typeof value['at'] === 'string' && isSections(value['state']) ? { at: value['at'], state: value['state'] } : null
}

/** Null for what is none. */
export function readChange(text: string): Change | null {
  const value: unknown = JSON.parse(text)
  return isMap(value) && typeof value['at'] === 'string' && isSections(value['set']) ? { at: value['at'], set: value['set'] } : null
}

/** Doubles with each try that failed, never longer than a quarter of a minute, and not the same for all. */
export function pause(retry: number, failures: number, draw: number): number {
  return Math.min(15_000, retry * 2 ** Math.min(failures, 10)) * (0.75 + draw / 2)
}

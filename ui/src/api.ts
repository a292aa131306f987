import { signal } from '@preact/signals'

/** Why something was not done, and what to do about it. */
export class Problem extends Error {
  readonly code: string
  readonly remedy: string | undefined
  /** Of HTTP; 0 where there was no answer. */
  readonly status: number

  constructor(status: number, code: string, message: string, remedy?: string | null) {
    super(message)
    this.status = status
    this.code = code
    this.remedy = remedy ?? undefined
  }

  static of(error: unknown): Problem {
    if (error instanceof Problem) return error
    if (error instanceof DOMException && error.name === 'AbortError') return new Problem(0, 'stopped', 'it was stopped')
    return new Problem(0, 'unreachable', 'helix does not answer', 'Check that it runs: helix status')
  }

  /** From a refusal of helix's own API, or of OpenAI's. */
  static async from(response: Response): Promise<Problem> {
    const text = await response.text().catch(() => '')
    return Problem.read(response.status, text)
  }

  static read(status: number, text: string): Problem {
    try {
      const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown; remedy?: unknown } }
      if (error && typeof error.message === 'string') return new Problem(status, typeof error.code === 'string' ? error.code : 'error', error.message, typeof error.remedy === 'string' ? error.remedy : null)
    } catch {
      // then it is no JSON
    }
    return new Problem(status, 'error', `helix answered with the status ${status}${text.trim() ? `: ${text.trim().slice(0, 300)}` : ''}`)
  }
}

export interface Done {
  readonly message: string
}

/** Where it is kept; begin.ts puts it there too. */
const PLACE = 'helix.csrf'

function kept(): string | null {
  try {
    return localStorage.getItem(PLACE)
  } catch {
    return null
  }
}

/** Told once, when signing in: whoever has it may change things. Null: all can be read, nothing changed. */
export const token = signal<string | null>(kept())

/** Grows when another tab has signed in: then this one can go on. */
export const signedInElsewhere = signal(0)

export function keepToken(value: string | null): void {
  token.value = value
  try {
    if (value === null) localStorage.removeItem(PLACE)
    else localStorage.setItem(PLACE, value)
  } catch {
    // then it lasts as long as this page
  }
}

window.addEventListener('storage', event => {
  if (event.key !== PLACE) return
  token.value = event.newValue
  if (event.newValue) signedInElsewhere.value++
})

/** Whether there is a session at all; null until somebody knows. Set by what the server answers. */
export const signedIn = signal<boolean | null>(null)

interface Options {
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a request; a refusal is thrown as a {@link Problem}. */
export async function send(method: string, path: string, { body, signal: until, headers }: Options = {}): Promise<Response> {
  const isChange = method !== 'GET'
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(isChange && token.peek() !== null ? { 'x-helix-csrf': token.peek()! } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(until ? { signal: until } : {}),
      cache: 'no-store',
    })
  } catch (error) {
    throw Problem.of(error)
  }
  return accepted(response, path)
}

/** The answer; one that is a refusal is thrown as a {@link Problem}. */
export async function accepted(response: Response, path: string): Promise<Response> {
  if (response.ok) return response
  const problem = await Problem.from(response)
  if (response.status === 401 && path.startsWith('/helix/') && path !== '/helix/v1/session') signedIn.value = false
  if (problem.code === 'csrf') keepToken(null)
  throw problem
}

export async function get<T>(path: string, until?: AbortSignal): Promise<T> {
  return (await send('GET', path, { signal: until })).json() as Promise<T>
}

export async function change<T = Done>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, until?: AbortSignal): Promise<T> {
  return (await send(method, path, { body, signal: until })).json() as Promise<T>
}

export const provider = (id: string, what: string): string => `/helix/v1/providers/${encodeURIComponent(id)}/${what}`

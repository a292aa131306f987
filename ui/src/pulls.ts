import { signal } from '@preact/signals'
import { Problem, send } from './api.ts'
import type { PullEvent } from './answers.ts'
import { announce } from './parts/announce.tsx'
import { done, failed } from './parts/toast.tsx'
import { lines } from './sse.ts'

export interface Pull {
  readonly source: string
  /** That it is to have in the library; null for one that helix makes of the file's. */
  readonly name: string | null
  /** Of which format; null for the usual one. */
  readonly weights: string | null
  readonly event: PullEvent | null
  readonly problem: Problem | null
  readonly isOver: boolean
}

/** What is being fetched, by its source. It goes on while other pages are looked at, and ends with this tab. */
export const pulls = signal<ReadonlyMap<string, Pull>>(new Map())

/** Grows when the library has become another. */
export const libraryChanged = signal(0)

const aborts = new Map<string, AbortController>()

const note = (source: string, part: Partial<Pull>): void => {
  pulls.value = new Map(pulls.peek()).set(source, { source, name: null, weights: null, event: null, problem: null, isOver: false, ...pulls.peek().get(source), ...part })
}

export async function pull(source: string, name: string | null, weights: string | null): Promise<void> {
  if (aborts.has(source)) return
  const abort = new AbortController()
  aborts.set(source, abort)
  note(source, { name, weights, event: null, problem: null, isOver: false })
  announce(`Fetching ${source}`)
  try {
    const response = await send('POST', '/helix/v1/models/pull', { body: { source, name, weights }, signal: abort.signal, headers: { accept: 'application/x-ndjson' } })
    let last: PullEvent | null = null
    if (response.body)
      for await (const line of lines(response.body)) {
        if (line.trim() === '') continue
        last = JSON.parse(line) as PullEvent
        note(source, { event: last })
      }
    if (last?.error) throw new Problem(200, last.error.code, last.error.message, last.error.remedy)
    if (last?.phase !== 'done') throw new Problem(0, 'broken_off', `${source} did not come whole`, 'Pull it again: what has come is kept.')
    done(`${last.model?.id ?? source} is in the library`)
    libraryChanged.value++
    drop(source)
  } catch (error) {
    const problem = abort.signal.aborted ? new Problem(0, 'stopped', `${source} was stopped`, 'What has come is kept: pull it again to go on.') : Problem.of(error)
    note(source, { problem, isOver: true })
    if (!abort.signal.aborted) failed(problem)
  } finally {
    aborts.delete(source)
  }
}

export const stopPull = (source: string): void => aborts.get(source)?.abort()

export function drop(source: string): void {
  const left = new Map(pulls.peek())
  left.delete(source)
  pulls.value = left
}

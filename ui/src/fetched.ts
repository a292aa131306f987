import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { get, Problem } from './api.ts'

export interface Fetched<T> {
  readonly value: Signal<T | null>
  readonly problem: Signal<Problem | null>
  readonly isLoading: Signal<boolean>
  /** Asks again; what is there stays until the answer comes. */
  readonly again: () => Promise<void>
}

/** What is asked for once, by whoever shows it, and again whenever one of `on` is another. */
export function useFetched<T>(path: string | null, on: readonly unknown[] = [], ask: (path: string, until: AbortSignal) => Promise<T> = get): Fetched<T> {
  const value = useSignal<T | null>(null)
  const problem = useSignal<Problem | null>(null)
  const isLoading = useSignal(true)
  const turn = useRef(0)
  const before = useRef(path)

  async function load(until: AbortSignal): Promise<void> {
    if (path === null) return
    const mine = ++turn.current
    isLoading.value = true
    try {
      const answer = await ask(path, until)
      if (mine !== turn.current) return
      value.value = answer
      problem.value = null
    } catch (error) {
      if (mine !== turn.current || until.aborted) return
      problem.value = Problem.of(error)
    } finally {
      if (mine === turn.current) isLoading.value = false
    }
  }

  useEffect(() => {
    // what was asked for elsewhere is not the answer to this
    if (before.current !== path) {
      before.current = path
      value.value = null
      problem.value = null
    }
    const abort = new AbortController()
    void load(abort.signal)
    return () => abort.abort()
  }, [path, ...on])
  return { value, problem, isLoading, again: () => load(new AbortController().signal) }
}

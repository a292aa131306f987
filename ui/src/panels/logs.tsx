import { signal, useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Problem, provider as pathOf, send } from '../api.ts'
import { shown } from '../live.ts'
import { plural } from '../format.ts'
import { type Level, levelOf, matches, split } from '../logtext.ts'
import { amend, query } from '../router.ts'
import { pieces, StreamReader } from '../sse.ts'
import { providers } from '../store.ts'
import { Card, Empty, Trouble } from '../parts/card.tsx'
import { Choice, Pick } from '../parts/choice.tsx'
import * as Icons from '../parts/icons.tsx'
import { PageHead } from '../parts/page.tsx'

interface Line {
  readonly id: number
  readonly file: string
  readonly text: string
  readonly level: Level
}

const KEPT = 5000
const SHOWN = 1000

const level = signal<Level | 'all'>('all')
const search = signal('')
const follow = signal(true)

/** Of helix itself: its daemon and its keeper. */
const SELF = 'helix'

export function Logs(): JSX.Element {
  const of = query.value.get('of') ?? SELF
  const lines = useSignal<readonly Line[]>([])
  const files = useSignal<readonly string[]>([])
  const file = useSignal('')
  const problem = useSignal<Problem | null>(null)
  const isLive = useSignal(false)

  useEffect(() => {
    const abort = new AbortController()
    lines.value = []
    files.value = []
    file.value = ''
    void read(of, abort.signal, { lines, files, problem, isLive })
    return () => abort.abort()
  }, [of])

  const options: readonly (readonly [string, string])[] = [[SELF, 'helix itself'], ...providers.value.filter(each => each.actions.includes('logs') || each.id === of).map(each => [each.id, each.name] as const)]
  const found = useComputed(() => lines.value.filter(line => (file.value === '' || line.file === file.value) && (level.value === 'all' || line.level === level.value || (level.value === 'warning' && line.level === 'error')) && matches(line.text, search.value)))
  return (
    <>
      <PageHead title="Logs" words="What engines and helix wrote, as they write it." />
      <Card
        id="logs" title={options.find(([id]) => id === of)?.[1] ?? of} flush
        side={<span class="dim" role="status">{isLive.value ? 'live' : problem.value ? 'not connected' : 'connecting'}; {plural(found.value.length, 'line')}{search.value || level.value !== 'all' || file.value ? ` of ${lines.value.length}` : ''}</span>}
      >
        <div class="log-tools">
          <Pick label="Of" options={options.some(([id]) => id === of) ? options : [...options, [of, of]]} value={of} onChange={value => amend({ of: value })} />
          {files.value.length > 1 && <Pick label="Process" options={[['', 'All'], ...files.value.map(name => [name, name] as const)]} value={file.value} onChange={value => { file.value = value }} />}
          <div class="field grow"><label for="log-search">Search</label><input id="log-search" class="input" type="search" autocomplete="off" spellcheck={false} value={search.value} onInput={event => { search.value = event.currentTarget.value }} /></div>
          <div class="field"><span class="label">Only</span><Choice<Level | 'all'> label="Only lines of" value={level.value} options={[['all', 'All'], ['warning', 'Warnings'], ['error', 'Errors']]} onChange={value => { level.value = value }} /></div>
          <label class="check"><input type="checkbox" checked={follow.value} onChange={event => { follow.value = event.currentTarget.checked }} />Follow</label>
        </div>
        {problem.value && <div class="pad"><Trouble problem={problem.value} /></div>}
        <Text lines={found.value} isQuiet={lines.value.length === 0} isLive={isLive.value} />
      </Card>
    </>
  )
}

function Text({ lines, isQuiet, isLive }: { readonly lines: readonly Line[]; readonly isQuiet: boolean; readonly isLive: boolean }): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const newest = lines[lines.length - 1]?.id
  const bottom = (): void => {
    if (box.current && follow.peek()) box.current.scrollTop = box.current.scrollHeight
  }
  useEffect(bottom, [newest])
  useSignalEffect(() => {
    if (follow.value) bottom()
  })
  const shown = lines.slice(-SHOWN)
  return (
    <div
      ref={box} class="log" tabIndex={0} role="log" aria-live="off" aria-label="Lines"
      onScroll={event => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget
        // who scrolls up wants to read
        if (follow.peek() && scrollHeight - scrollTop - clientHeight > 60) follow.value = false
      }}
    >
      {lines.length === 0 && <Empty icon={Icons.Lines}><p>{isQuiet ? (isLive ? 'Nothing was written yet.' : 'Waiting for the first line.') : 'No line fits the filter.'}</p></Empty>}
      {lines.length > SHOWN && <p class="dim">{plural(lines.length - SHOWN, 'earlier line')} fit too; search to see them.</p>}
      {shown.map(line => <Row key={line.id} line={line} search={search.value} />)}
    </div>
  )
}

function Row({ line, search: wanted }: { readonly line: Line; readonly search: string }): JSX.Element {
  return <div class={`log-line log-${line.level}`}>{split(line.text, wanted).map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part))}</div>
}

interface View {
  readonly lines: { value: readonly Line[] }
  readonly files: { value: readonly string[] }
  readonly problem: { value: Problem | null }
  readonly isLive: { value: boolean }
}

/** Begins anew whenever the connection ended, until nobody looks any more. */
async function read(of: string, until: AbortSignal, view: View): Promise<void> {
  let [last, wait] = [0, 500]
  while (!until.aborted) {
    // browsers open few connections to one host, over all tabs
    await shown(until)
    if (until.aborted) return
    const own = new AbortController()
    const end = (): void => {
      if (until.aborted || document.visibilityState === 'hidden') own.abort()
    }
    until.addEventListener('abort', end)
    document.addEventListener('visibilitychange', end)
    let came: Line[] = []
    let timer = 0
    const show = (): void => {
      timer = 0
      view.lines.value = [...view.lines.value, ...came].slice(-KEPT)
      came = []
    }
    try {
      const response = await send('GET', `${pathOf(of, 'logs')}?lines=1000&follow=true`, { signal: own.signal, headers: { accept: 'text/event-stream' } })
      const reader = new StreamReader()
      view.problem.value = null
      if (response.body)
        for await (const piece of pieces(response.body))
          for (const event of reader.push(piece)) {
            wait = 500
            view.isLive.value = true
            if (event.type === 'begin') {
              came = []
              view.lines.value = []
              view.files.value = (JSON.parse(event.data) as { files: readonly string[] }).files
            } else if (event.type === 'lines') {
              const told = JSON.parse(event.data) as { file: string; lines: readonly string[] }
              if (!view.files.value.includes(told.file)) view.files.value = [...view.files.value, told.file]
              for (const text of told.lines) came.push({ id: ++last, file: told.file, text, level: levelOf(text) })
              timer ||= window.setTimeout(show, 60)
            }
          }
    } catch (error) {
      if (own.signal.aborted) continue
      const problem = Problem.of(error)
      view.problem.value = problem
      // what is refused stays refused
      if (problem.status >= 400 && problem.status < 500) return
    } finally {
      until.removeEventListener('abort', end)
      document.removeEventListener('visibilitychange', end)
      clearTimeout(timer)
      if (!until.aborted && came.length > 0) show()
      view.isLive.value = false
    }
    await new Promise(resolve => setTimeout(resolve, wait))
    wait = Math.min(wait * 2, 10_000)
  }
}

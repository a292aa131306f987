import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CDPSession } from 'playwright-core'
import { launch, noBrowser } from '../window.ts'
import { eventually } from './eventually.ts'
import { Home, SELFTEST_INSTANCE } from './home.ts'
import { processorSecondsOf, residentOf } from './processes.ts'
import { movesOf, paintedAt, watchMoves, watchState } from './screen.ts'
import { Visit } from './visit.ts'

// Measures the dashboard of the published program in a real browser: bench/run dashboard [--rounds N] [--out FILE]. bench/README.md says what and why.

const CROWD = 50
const KILLS = 20

interface Finding {
  readonly what: string
  readonly measured: number
  readonly unit: string
  /** The most that it may be; null where it is only told. */
  readonly target: number | null
  readonly rounds: number
}

const option = (name: string): string | undefined => {
  const at = process.argv.indexOf(name)
  return at < 0 ? undefined : process.argv[at + 1]
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const pause = (seconds: number): Promise<void> => new Promise(done => setTimeout(done, seconds * 1000))
const rounds = Number(option('--rounds') ?? 5)
const findings: Finding[] = []

function note(what: string, measured: number, unit: string, target: number | null, count = rounds): void {
  findings.push({ what, measured, unit, target, rounds: count })
  console.error(`  dashboard: ${what}: ${shown(measured)} ${unit}`)
}

const shown = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(3))

/** From the command to a page that shows what is live, painted. The browser runs. */
async function opening(visit: Visit, begin: () => Promise<string>): Promise<{ whole: number; page: number }> {
  await visit.fresh({})
  await visit.page.addInitScript(() => {
    new MutationObserver((_, watch) => {
      if (!document.querySelector('tr[data-provider]')) return
      watch.disconnect()
      requestAnimationFrame(() => setTimeout(() => Object.assign(globalThis, { paintedAt: Date.now() })))
    }).observe(document, { childList: true, subtree: true })
  })
  const began = Date.now()
  const link = await begin()
  const opened = Date.now()
  await visit.page.goto(link, { waitUntil: 'commit' })
  const painted = (await (await visit.page.waitForFunction(() => (globalThis as { paintedAt?: number }).paintedAt)).jsonValue())!
  return { whole: painted - began, page: painted - opened }
}

async function openings(visit: Visit): Promise<void> {
  const warm: { whole: number; page: number }[] = []
  const cold: number[] = []
  for (let round = 0; round < rounds; round++) {
    warm.push(await opening(visit, () => visit.home.start()))
    await visit.home.stop()
    cold.push((await opening(visit, () => visit.home.start())).whole)
    await eventually(async () => (await visit.home.provider('builtin')).state === 'ready', 'the engine is ready')
  }
  note('`helix start` while helix runs, to the dashboard painted with live data', median(warm.map(each => each.whole)), 'ms', 1000)
  note('of that, from opening the link', median(warm.map(each => each.page)), 'ms', null)
  note('`helix start` while it does not run, to the same', median(cold), 'ms', 1000)
}

/** Longer than this a click would wait to be answered. */
const LONG = 50

/** It counts as quiet when there was no long task for so many milliseconds. */
const QUIET = 5000

interface Uses {
  /** What is seen of it is drawn with what is live. */
  readonly ready: number
  /** All panels are. */
  readonly whole: number
  /** From then on there was no long task. */
  readonly quiet: number
}

/** Whoever is signed in, in a browser that keeps nothing of the page. */
async function unkept(visit: Visit): Promise<CDPSession> {
  await visit.fresh({})
  await visit.signedIn()
  const session = await visit.context.newCDPSession(visit.page)
  await session.send('Network.enable')
  await session.send('Network.setCacheDisabled', { cacheDisabled: true })
  return session
}

/** Page loads that nothing disturbs. */
async function undisturbed(visit: Visit): Promise<void> {
  await unkept(visit)
  await visit.page.addInitScript(() => {
    const tasks: { begin: number; end: number }[] = []
    Object.assign(globalThis, { tasks })
    new PerformanceObserver(list => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ begin: startTime, end: startTime + duration })
    }).observe({ type: 'longtask', buffered: true })
  })
  const uses: Uses[] = []
  for (let round = 0; round < rounds; round++) {
    await visit.page.goto(visit.address)
    const found = await visit.page.waitForFunction(still => {
      const at = (name: string): number | undefined => performance.getEntriesByName(name)[0]?.startTime
      const [ready, whole] = [at('helix-ready'), at('helix-whole')]
      if (ready === undefined || whole === undefined) return null
      const { tasks } = globalThis as unknown as { tasks: { begin: number; end: number }[] }
      const quiet = tasks.reduce((until, { begin, end }) => (begin < until + still ? Math.max(until, end) : until), ready)
      return performance.now() < quiet + still ? null : { ready, whole, quiet }
    }, QUIET, { timeout: 120_000 })
    uses.push((await found.jsonValue())!)
    await visit.page.goto('about:blank')
  }
  note(`from the navigation until it is drawn and no task of more than ${LONG} ms comes for ${QUIET / 1000} s`, median(uses.map(each => each.quiet)), 'ms', 300)
  note('the same, until it is drawn', median(uses.map(each => each.ready)), 'ms', null)
  note('and until what lies below is drawn too', median(uses.map(each => each.whole)), 'ms', null)
}

/** Page loads of somebody who is signed in and whose browser has nothing of it yet. */
async function loads(visit: Visit): Promise<void> {
  const session = await unkept(visit)
  const urls = new Map<string, string>()
  let [files, all] = [0, 0]
  session.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url))
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const path = new URL(urls.get(requestId) ?? 'http://x/').pathname
    all += encodedDataLength
    if (path === '/' || path.startsWith('/ui/')) files += encodedDataLength
  })
  await watchMoves(visit)
  const [ready, moves, weights]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    files = 0
    await visit.page.goto(visit.address)
    await visit.page.locator('tr[data-provider]').first().waitFor()
    ready.push((await (await visit.page.waitForFunction(() => performance.getEntriesByName('helix-ready')[0]?.startTime)).jsonValue())!)
    // figures and states come meanwhile
    process.kill(await visit.home.engine(), 'SIGKILL')
    await visit.page.locator('tr[data-provider="builtin"]:not([data-state="ready"])').waitFor()
    await visit.page.locator('tr[data-provider="builtin"][data-state="ready"]').waitFor()
    await pause(3)
    const { moved, what } = await movesOf(visit)
    if (moved > 0) console.error(what.join('\n'))
    moves.push(moved)
    weights.push(files)
    await visit.page.goto('about:blank')
  }
  note('its files, as they come over the wire', Math.max(...weights) / 1024, 'KiB', 300)
  note('everything that a load takes, the live stream not included', all / rounds / 1024, 'KiB', null)
  note('layout shift of a load and of an engine’s end and return, the most', Math.max(...moves), '', 0)
  note('from the navigation until it can be used', median(ready), 'ms', 300)

  await visit.signedIn()
  const clicks: number[] = []
  for (const place of ['Models', 'Routing', 'Playground', 'History', 'Settings', 'Overview'])
    clicks.push(await visit.page.evaluate(name => new Promise<number>(done => {
      const link = [...document.querySelectorAll<HTMLElement>('nav a')].find(each => each.textContent === name)!
      const began = performance.now()
      // the page itself, and not what keeps its place
      const look = (): void => {
        if (link.getAttribute('aria-current') === 'page' && !document.querySelector('[data-coming]')) setTimeout(() => done(performance.now() - began))
        else requestAnimationFrame(look)
      }
      link.click()
      requestAnimationFrame(look)
    }), place))
  note('from a click to the next page painted, the longest of six', Math.max(...clicks), 'ms', 300, clicks.length)
}

async function kills(visit: Visit): Promise<void> {
  await visit.fresh({})
  await visit.signedIn()
  const late: number[] = []
  for (let round = 0; round < KILLS; round++) {
    await visit.page.locator('tr[data-provider="builtin"][data-state="ready"]').waitFor()
    // one that ends again and again is started again more slowly; how long it was well does not matter here
    await eventually(async () => (await visit.home.provider('builtin')).state === 'ready', 'the engine is ready')
    await watchState(visit, 'builtin')
    const pid = await visit.home.engine(SELFTEST_INSTANCE)
    const at = Date.now()
    process.kill(pid, 'SIGKILL')
    late.push(await paintedAt(visit, false, 'ready') - at)
  }
  note('an engine’s end on the screen, from the kill', median(late), 'ms', null, KILLS)
  note('the same, the longest', Math.max(...late), 'ms', 250, KILLS)
}

async function crowd(visit: Visit): Promise<void> {
  await visit.fresh({})
  await visit.signedIn()
  const cookie = (await visit.context.cookies()).map(each => `${each.name}=${each.value}`).join('; ')
  await visit.page.goto('about:blank')
  const daemon = visit.home.daemon
  const seconds = 10
  const used = async (): Promise<number> => {
    const before = processorSecondsOf(daemon)
    await pause(seconds)
    return (processorSecondsOf(daemon) - before) / seconds
  }
  const [cores, more, alone, together, sent]: [number[], number[], number[], number[], number[]] = [[], [], [], [], []]
  for (let round = 0; round < rounds; round++) {
    await pause(3)
    const [idle, without] = [residentOf(daemon), await used()]
    const child = spawn(process.execPath, [join(dirname(fileURLToPath(import.meta.url)), 'crowd.mjs'), visit.address, cookie, String(CROWD)], { stdio: ['ignore', 'pipe', 'inherit'] })
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(([code]) => { throw new Error(`the crowd ended with ${code}`) })])
    const withThem = await used()
    more.push((residentOf(daemon) - idle) / 1e6)
    cores.push(withThem - without)
    alone.push(without)
    together.push(withThem)
    let told = ''
    child.stdout.on('data', piece => { told += piece })
    child.kill()
    await once(child, 'close')
    if (!(Number(told) > 0)) throw new Error('the open dashboards were told nothing')
    sent.push(Number(told) / 1024 / seconds)
  }
  note(`${CROWD} open dashboards: the daemon's memory beyond that without`, Math.max(...more), 'MB', 20)
  note(`${CROWD} open dashboards: the daemon's work beyond that without`, median(cores) * 100, '% of a core', 5)
  note('what each of them is told, each second', median(sent), 'KiB', null)
  note('the daemon’s work without any', median(alone) * 100, '% of a core', null)
  note('and with them', median(together) * 100, '% of a core', null)
}

if (noBrowser) {
  console.error(noBrowser)
  process.exit(69)
}
const visit = new Visit()
try {
  visit.home = await Home.make('health:\n  retry_delay: 1\n')
  await visit.home.start()
  visit.address = visit.home.address
  visit.browser = await launch()
  await openings(visit)
  await undisturbed(visit)
  await loads(visit)
  await kills(visit)
  await crowd(visit)
} catch (error) {
  console.error(`The bench could not go on: ${error instanceof Error ? error.stack : String(error)}`)
  process.exitCode = 70
} finally {
  await visit.browser?.close()
  await visit.home?.end()
}

const model = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'a processor'
console.log(`\n${model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB\n`)
const isMet = (finding: Finding): boolean | null => (finding.target === null ? null : Number(finding.measured.toFixed(4)) <= finding.target)
const lines = [['', 'helix', 'unit', 'target', '', 'rounds'], ...findings.map(each => [`dashboard: ${each.what}`, shown(each.measured), each.unit, each.target === null ? '' : `≤ ${each.target}`, { true: 'pass', false: 'MISS', null: '' }[String(isMet(each)) as 'true' | 'false' | 'null'], String(each.rounds)])]
const widths = lines[0]!.map((_, column) => Math.max(...lines.map(line => line[column]!.length)))
for (const line of lines) console.log(line.map((cell, column) => (column === 1 || column === 5 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ').trimEnd())
const missed = findings.filter(each => isMet(each) === false).length
console.log(`\n${findings.filter(each => isMet(each) === true).length} met, ${missed} missed, ${findings.filter(each => each.target === null).length} reported only`)
const out = option('--out')
if (out) writeFileSync(out, `${JSON.stringify({ time: new Date().toISOString(), cpu: model, findings: findings.map(each => ({ group: 'dashboard', ...each, passed: isMet(each) })) }, null, 2)}\n`)
if (!process.exitCode && missed > 0) process.exitCode = 1

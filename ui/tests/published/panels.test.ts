import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { agrees } from './agree.ts'
import { Engine } from './engine.ts'
import { eventually } from './eventually.ts'
import { binary, type Home, SELFTEST } from './home.ts'
import { lives } from './processes.ts'
import { paintedAt, watchState } from './screen.ts'
import { inLongRun, isLong, onPublished } from './visit.ts'

const chat = (home: Home, model = 'auto'): Promise<Response> => fetch(`${home.address}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-helix-cache': 'off' }, body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }) })

onPublished('every panel shows what the API says', {
  settings: 'health:\n  check_interval: 1\n  retry_delay: 1\n  max_retries: 1\n',
  enabled: ['second', 'broken'],
  before: home => {
    // what the second provider starts is a real engine, which its sandbox has to show it
    home.environment['HELIX_SANDBOX_READS'] = dirname(binary)
    home.addProvider('second', `exec '${binary}' engine "$@"`, { name: 'A second engine' })
    home.addProvider('broken', `echo 'error: this card is on fire' >&2; exit 3`, { name: 'A broken one' })
  },
  after: async home => {
    await home.helix('models', 'add', join(home.llm, 'providers', 'builtin', `${SELFTEST}.gguf`), '--name', 'story')
    assert.equal((await chat(home, 'second/story')).status, 200)
  },
}, visit => {
  test('thirteen providers and those of one’s own, alerts, automations, health', async () => {
    await visit.signedIn()
    await agrees(visit, 20_000)
    const ids = await visit.page.locator('tr[data-provider]').evaluateAll(rows => rows.map(row => row.getAttribute('data-provider')))
    assert.equal(ids.filter(id => id !== 'second' && id !== 'broken').length, 13)
    assert.deepEqual(await visit.page.locator('[data-instance="second-story"] [data-step]').evaluateAll(steps => steps.map(step => `${step.getAttribute('data-step')} ${step.getAttribute('data-state')}`)), ['process ok', 'endpoint ok', 'identity ok', 'token ok'])
    assert.deepEqual(visit.complaints, [])
  })

  test('an engine is killed: that is on the screen at once, and so is its return', async context => {
    await visit.signedIn()
    for (let round = 0; round < (isLong ? 5 : 1); round++) {
      await watchState(visit, 'second')
      const killed = await visit.home.engine('second-story')
      const at = Date.now()
      process.kill(killed, 'SIGKILL')
      const late = await paintedAt(visit, false, 'ready') - at
      context.diagnostic(`on the screen ${late} ms after the kill`)
      // the figure is judged by bench/run dashboard, on a machine that does nothing else
      assert.ok(late < 5000, `${late} ms`)
      await visit.page.locator('tr[data-provider="second"][data-state="ready"]').waitFor()
      await agrees(visit)
      assert.notEqual(await visit.home.engine('second-story'), killed)
    }
    await visit.page.locator('[data-instance="second-story"] [data-step="token"][data-state="ok"]').waitFor()
    await visit.go('#/providers/second')
    await visit.page.getByText(/ended by signal 9|killed/i).first().waitFor()
  })

  inLongRun('an engine hangs: it is said to be unwell, and is brought back', async () => {
    await visit.signedIn()
    const pid = await visit.home.engine('second-story')
    process.kill(pid, 'SIGSTOP')
    await visit.page.locator('tr[data-provider="second"]:not([data-state="ready"])').waitFor()
    await visit.page.locator('tr[data-provider="second"][data-state="ready"]').waitFor({ timeout: 60_000 })
    await agrees(visit)
    if (lives(pid) && await visit.home.engine('second-story') !== pid) assert.fail('the one that hung still lives')
  })

  test('an engine that cannot be brought back needs somebody, and the glance, the health and the alerts say so', async () => {
    await visit.signedIn()
    assert.equal((await chat(visit.home, 'broken/story')).status, 503)
    await visit.page.locator('tr[data-provider="broken"][data-state="critical"]').waitFor()
    await visit.page.getByRole('heading', { level: 1, name: /needs? you/ }).waitFor()
    await visit.page.locator('.glance').getByText('this card is on fire').waitFor()
    await visit.page.locator('[data-instance="broken-story"] [data-step="process"][data-state="bad"]').waitFor()
    await visit.page.locator('[data-alert][data-severity="critical"]').getByText('this card is on fire').waitFor()
    await agrees(visit, isLong ? 20_000 : 9000)
  })

  inLongRun('an engine of somebody else comes and goes', async () => {
    await visit.signedIn()
    const engine = await new Engine(['theirs'], ['Theirs.']).start()
    await visit.home.helix('local-llm', 'attach', engine.url, '--name', 'theirs')
    await visit.page.locator('tr[data-provider="theirs"][data-state="attached"]').waitFor()
    await agrees(visit)
    await engine.end()
    await visit.page.locator('tr[data-provider="theirs"]:not([data-state="attached"])').waitFor({ timeout: 60_000 })
    await agrees(visit)
    await visit.home.helix('local-llm', 'detach', 'theirs')
    await visit.page.locator('tr[data-provider="theirs"]').waitFor({ state: 'detached' })
  })

  test('the daemon is killed: the page goes on with the next one', async () => {
    await visit.signedIn()
    const before = visit.home.daemon
    process.kill(before, 'SIGKILL')
    await eventually(() => visit.home.daemon !== before && lives(visit.home.daemon), 'another daemon')
    await visit.page.locator('.side [data-link="live"]').waitFor()
    await agrees(visit)
    await visit.page.locator('tr[data-provider="second"][data-state="ready"]').waitFor()
  })

  test('figures, charts and decisions tell of requests', async () => {
    await visit.signedIn()
    const before = await figure(visit.row('second').locator('[data-label="Requests"]').innerText())
    for (let at = 0; at < 3; at++) assert.equal((await chat(visit.home, 'second/story')).status, 200)
    await eventually(async () => await figure(visit.row('second').locator('[data-label="Requests"]').innerText()) === before + 3, 'three requests more')
    await visit.go('#/routing')
    const { decisions } = await visit.home.get<{ decisions: readonly { id: number; request: string }[] }>('/helix/v1/route/recent')
    await eventually(async () => (await visit.page.locator('[data-route]').evaluateAll(all => all.map(each => Number(each.getAttribute('data-route'))))).join() === decisions.map(each => each.id).sort((a, b) => b - a).join(), 'the decisions of the API')
  })

  test('models, history and settings are those of the API', async () => {
    await visit.signedIn('#/models')
    const { models } = await visit.home.get<{ models: readonly { id: string; state: string }[] }>('/helix/v1/status')
    const pairs = (what: string, ...names: readonly string[]): Promise<string[]> => visit.page.locator(what).evaluateAll((all, keys) => all.map(each => keys.map(key => each.getAttribute(key)).join(' ')).sort(), names)
    assert.deepEqual(await pairs('[data-model]', 'data-model', 'data-state'), models.map(each => `${each.id} ${each.state}`).sort())
    const library = await visit.home.get<{ models: readonly { id: string }[] }>('/helix/v1/models')
    assert.deepEqual(await pairs('[data-library]', 'data-library'), library.models.map(each => each.id).sort())
    const catalog = await visit.home.get<{ models: readonly { id: string }[] }>('/helix/v1/models/catalog')
    assert.deepEqual(await pairs('[data-catalog]', 'data-catalog'), catalog.models.map(each => each.id).sort())
    await visit.go('#/history')
    let ids: string[] = []
    await eventually(async () => {
      const { events } = await visit.home.get<{ events: readonly { id: number }[] }>('/helix/v1/history?limit=500&since=24h')
      ids = events.map(each => String(each.id)).sort()
      return ids.join() === (await pairs('[data-event]', 'data-event')).join()
    }, 'the events of the API', { within: 10_000, otherwise: () => ids.join() })
    await visit.go('#/settings')
    const { settings } = await visit.home.get<{ settings: readonly { path: string; kind: string; value: string }[] }>('/helix/v1/settings')
    const values = await visit.page.locator('[data-setting]').evaluateAll(all => all.map(each => {
      const input = each.querySelector<HTMLInputElement>('input, select, textarea')!
      return `${each.getAttribute('data-setting')} ${input.type === 'checkbox' ? input.checked : input.value}`
    }))
    assert.deepEqual(values, settings.map(each => `${each.path} ${each.value}`))
    await visit.go('#/logs')
    const lines = visit.home.daemonLog.trimEnd().split('\n')
    await visit.page.locator('.log-line').getByText(lines.at(-1)!, { exact: true }).first().waitFor()
  })
})

const figure = async (text: Promise<string>): Promise<number> => Number((await text).split('\n')[0]!.replace(/\D/g, ''))

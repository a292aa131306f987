import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Locator } from 'playwright-core'
import { Engine } from './engine.ts'
import { eventually } from './eventually.ts'
import type { Home } from './home.ts'
import { onPublished } from './visit.ts'

interface Event {
  readonly id: number
}

/** States of a provider that has, or is about to have, a process. */
const RUNNING = ['ready', 'attached', 'degraded', 'recovering', 'critical', 'starting', 'installing']

/** One of each kind: what is refused, and with which words; what is taken, and how it is told then. */
const KINDS: readonly { readonly path: string; readonly wrong: string; readonly refusal: RegExp; readonly right: string; readonly told?: string }[] = [
  { path: 'health.max_retries', wrong: '101', refusal: /must be a whole number from 0 to 100 \(restarts\), was 101/i, right: '7' },
  { path: 'performance.semantic_cache_threshold', wrong: '2', refusal: /must be a number from 0\.8 to 1 \(cosine similarity\)/i, right: '0.9' },
  { path: 'updates.window', wrong: 'soon', refusal: /was the text "soon"/, right: '02:00-05:00' },
  { path: 'gateway.allowed_hosts', wrong: 'http://here', refusal: /"http:\/\/here": a host name has no scheme/, right: 'here.example, there.example', told: 'here.example,there.example' },
  { path: 'performance.weights', wrong: '{"speed": 1}', refusal: /with "speed"/, right: '{"throughput": 1}', told: '{"throughput":1}' },
  { path: 'alerts.quiet_hours', wrong: '{"warning": "late"}', refusal: /with "warning"/, right: '{"warning": "22:00-07:00"}', told: '{"warning":"22:00-07:00"}' },
]

let theirs: Engine

/** Asks a model and waits for all of its answer. */
async function ask(home: Home, model: string, { key, stream = false }: { readonly key?: string; readonly stream?: boolean } = {}): Promise<void> {
  const answer = await fetch(`${home.address}/v1/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-helix-cache': 'off', ...(key ? { authorization: `Bearer ${key}` } : {}) }, body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  const said = await answer.text()
  assert.equal(answer.status, 200, said)
}

onPublished('what is chosen is shown, what is typed is taken or refused, and what goes on is stopped', {
  after: async home => {
    theirs = await new Engine(['counted', 'told', 'endless'], ['Once ', 'upon a time.'], 'endless').start()
    await home.helix('local-llm', 'attach', theirs.url, '--name', 'theirs')
  },
}, visit => {
  test('an answer is stopped where it is, and the next one comes; to begin anew leaves nothing of one that still came', async () => {
    await visit.signedIn('#/playground')
    const stop = visit.page.getByRole('button', { name: 'Stop answering' })
    const send = async (model: string, text: string): Promise<void> => {
      await visit.page.getByLabel('Model', { exact: true }).selectOption(model)
      await visit.page.getByLabel('Message', { exact: true }).fill(text)
      await visit.page.getByRole('button', { name: 'Send' }).click()
    }
    const quiet = visit.page.locator('.talk[aria-busy="false"]')
    await quiet.waitFor()
    assert.equal(await stop.getAttribute('aria-disabled'), 'true')
    await send('endless', 'Tell me a story')
    await visit.page.locator('.turn.assistant .said').getByText('Once').waitFor()
    await stop.click()
    await eventually(() => theirs.left === 1, 'the engine need not go on')
    await quiet.waitFor()
    assert.match(await visit.page.locator('.turn.assistant .said').innerText(), /^Once\s*$/)
    assert.equal(await visit.page.locator('.talk [role="alert"]').count(), 0)

    await visit.page.getByText('Instructions, temperature and length').click()
    await visit.page.getByLabel('Instructions for the model').fill('Be brief')
    await visit.page.getByLabel('Temperature, 0 to 2').fill('0.2')
    await visit.page.getByLabel('Longest answer, in tokens').fill('33')
    await send('told', 'And now?')
    await visit.page.getByText('7 tokens in, 2 out').waitFor()
    await visit.page.getByText('told at theirs').waitFor()
    const { messages, temperature, max_tokens } = theirs.asked.findLast(each => each.model === 'told')!
    assert.deepEqual({ messages, temperature, max_tokens }, {
      messages: [{ role: 'system', content: 'Be brief' }, { role: 'user', content: 'Tell me a story' }, { role: 'assistant', content: 'Once ' }, { role: 'user', content: 'And now?' }], temperature: 0.2, max_tokens: 33,
    })

    await send('endless', 'Another one')
    await visit.page.locator('.turn.assistant .said').nth(2).getByText('Once').waitFor()
    await visit.page.getByRole('button', { name: 'Begin anew' }).click()
    await eventually(() => theirs.left === 2, 'the engine need not go on')
    await visit.painted()
    await visit.page.getByText('Nothing was said yet.').waitFor()
    assert.equal(await visit.page.locator('.turn').count(), 0)

    await visit.page.getByRole('button', { name: 'Compare with a second model' }).click()
    await visit.page.getByLabel('Model 2').waitFor()
    await visit.page.getByRole('button', { name: 'Close the second conversation' }).click()
    await visit.page.getByLabel('Model', { exact: true }).waitFor()
    assert.equal(await visit.page.locator('.talk').count(), 1)
  })

  test('requests and tokens are told apart by key, model and provider, over each time', async () => {
    const { json: { key } } = await visit.home.api<{ key: string }>('POST', '/helix/v1/keys', { name: 'counter', scopes: ['infer'] })
    for (let at = 0; at < 2; at++) await ask(visit.home, 'counted', { key })
    const { name } = await visit.home.provider('theirs')
    const { rows } = await visit.home.get<{ rows: readonly { provider: string; requests: number }[] }>('/helix/v1/usage?per=hour&since=24h&by=provider')
    const many = rows.filter(each => each.provider === 'theirs').reduce((sum, each) => sum + each.requests, 0)
    await visit.signedIn('#/throughput')
    const panel = visit.page.locator('#panel-throughput')
    const choose = (word: string): Promise<void> => panel.locator('.tabs').getByText(word, { exact: true }).click()
    const told = (of: string, requests: number): Promise<void> => panel.locator('tbody tr').filter({ has: visit.page.getByText(of, { exact: true }) }).locator('td').first().getByText(String(requests), { exact: true }).waitFor()
    const chart = (title: RegExp): Promise<void> => panel.getByRole('img', { name: title }).waitFor()

    await chart(/^Tokens a minute, last hour/)
    await choose('By key')
    await told('counter', 2)
    await choose('By provider')
    await told(name, many)
    await choose('By model')
    await told('counted', 2)
    await panel.locator('.legend').getByText('counted', { exact: true }).waitFor()
    await choose('Requests')
    await chart(/^Requests a minute, last hour\. .*counted: /)
    for (const [span, title] of [['24 h', /^Requests an hour, last day\. .*counted: /], ['30 d', /^Requests a day, last 30 days\. .*counted: /]] as const) {
      await choose(span)
      await chart(title)
      await told('counted', 2)
    }
    await panel.getByText('Requests a day, last 30 days as a table').click()
    await panel.getByRole('region', { name: 'Requests a day, last 30 days, table' }).getByText('counted', { exact: true }).waitFor()
    await choose('Live')
    await chart(/^Requests a second/)
    await panel.getByText('Requests since helix began').waitFor()
  })

  test('which providers are shown, whose latency is drawn, and what of the machine', async () => {
    await ask(visit.home, 'told', { stream: true })
    await visit.signedIn()
    const shown = async (is: (state: string) => boolean): Promise<void> => {
      await eventually(async () => {
        const { providers } = await visit.home.get<{ providers: readonly { id: string; state: string }[] }>('/helix/v1/providers')
        const ids = await visit.page.locator('tr[data-provider]').evaluateAll(rows => rows.map(row => row.getAttribute('data-provider')))
        return ids.join() === providers.filter(each => is(each.state)).map(each => each.id).join()
      }, 'the rows that were chosen')
    }
    const choose = (panel: string, word: string): Promise<void> => visit.page.locator(`#panel-${panel} .tabs`).getByText(word, { exact: true }).click()
    const chart = (panel: string, title: RegExp): Promise<void> => visit.page.locator(`#panel-${panel}`).getByRole('img', { name: title }).waitFor()
    await choose('providers', 'Running')
    await shown(state => RUNNING.includes(state))
    await choose('providers', 'Possible here')
    await shown(state => state !== 'unsupported')
    await choose('providers', 'All')
    await shown(() => true)

    await chart('performance', /^Time to the first token/)
    await choose('performance', 'Between tokens')
    await chart('performance', /^Time between two tokens/)
    await choose('performance', 'Speed')
    await chart('performance', /^Tokens a second/)
    await visit.page.locator('[data-performance="theirs|told"]').waitFor()
    await choose('performance', '1 h')
    await visit.page.locator('[data-performance="theirs|told"]').waitFor()
    const whose = visit.page.getByLabel('Whose latency is drawn')
    await whose.selectOption('theirs|told')
    assert.equal(await whose.inputValue(), 'theirs|told')
    await choose('resources', 'Memory')
    await chart('resources', /^Memory/)
    await choose('resources', 'Disk')
    await chart('resources', /^Disk, free/)

    await visit.row('builtin').getByRole('button', { name: /^More/ }).click()
    await visit.row('builtin').locator('.menu').getByRole('link', { name: 'Logs' }).click()
    await visit.page.locator('#panel-logs').waitFor()
    assert.equal(new URL(visit.page.url()).hash, '#/logs?of=builtin')
  })

  test('lines of a log are told apart by process and by how bad they are, searched, and followed', async () => {
    const file = join(visit.home.llm, 'logs', 'helix', 'made-up.log')
    const plain = (from: number, many: number): string => Array.from({ length: many }, (_, at) => `line ${from + at}\n`).join('')
    writeFileSync(file, `warning: it is slow\nerror: it is broken\n${plain(0, 60)}`)
    await visit.signedIn('#/logs')
    const panel = visit.page.locator('#panel-logs')
    const many = (count: number): Promise<unknown> => visit.page.waitForFunction(wanted => document.querySelectorAll('.log-line').length === wanted, count)
    await visit.page.getByText('live;').waitFor()
    await panel.getByLabel('Process', { exact: true }).selectOption('made-up')
    await many(62)
    await panel.locator('.tabs').getByText('Errors', { exact: true }).click()
    await many(1)
    await panel.locator('.log-line').getByText('error: it is broken').waitFor()
    await panel.locator('.tabs').getByText('Warnings', { exact: true }).click()
    await many(2)
    await panel.locator('.tabs').getByText('All', { exact: true }).click()
    await panel.getByLabel('Search').fill('SLOW warning')
    await many(1)
    assert.deepEqual(await panel.locator('mark').allInnerTexts(), ['warning', 'slow'])
    await panel.getByLabel('Search').fill('')
    await many(62)

    const isAtEnd = (): Promise<boolean> => panel.getByRole('log').evaluate(box => box.scrollHeight - box.scrollTop - box.clientHeight < 8)
    await eventually(isAtEnd, 'the newest line')
    await panel.getByLabel('Follow').uncheck()
    appendFileSync(file, plain(60, 20))
    await many(82)
    assert.equal(await isAtEnd(), false)
    await panel.getByLabel('Follow').check()
    await eventually(isAtEnd, 'the newest line')
  })

  test('the history is told apart by time, kind, severity and provider; what could not be had is asked for again', async () => {
    const file = join(visit.home.folder, 'a-key')
    writeFileSync(file, Buffer.alloc(32))
    chmodSync(file, 0o644)
    await visit.home.api('PUT', '/helix/v1/settings/backup.key_file', { value: file })
    await visit.home.api('POST', '/helix/v1/security/run', {})
    await visit.home.api('DELETE', '/helix/v1/settings/backup.key_file')
    await eventually(async () => (await visit.home.get<{ events: readonly Event[] }>('/helix/v1/history?severity=warning')).events.length > 0, 'something that is worse than news')
    await visit.signedIn('#/history')
    const pick = (label: string, value: string): Promise<unknown> => visit.page.getByLabel(label, { exact: true }).selectOption(value)
    /** Waits until the page shows what the API says. @returns How many events these are. */
    const shows = async (query: string): Promise<number> => {
      let told: readonly string[] = []
      await eventually(async () => {
        const { events } = await visit.home.get<{ events: readonly Event[] }>(`/helix/v1/history?limit=500&${query}`)
        told = events.map(each => String(each.id)).sort()
        return told.join() === (await visit.page.locator('[data-event]').evaluateAll(all => all.map(each => each.getAttribute('data-event')!).sort())).join()
      }, `the events of ${query}`)
      return told.length
    }

    const all = await shows('since=24h')
    await pick('Severity', 'warning')
    const worse = await shows('since=24h&severity=warning')
    assert.ok(worse > 0 && worse < all, `${worse} of ${all}`)
    await pick('Severity', '')
    await pick('About', 'state')
    const states = await shows('since=24h&kind=state')
    assert.ok(states > 0 && states < all, `${states} of ${all}`)
    await pick('Provider', 'builtin')
    assert.ok(await shows('since=24h&kind=state&provider=builtin') > 0)
    await pick('Since', '1h')
    await shows('since=1h&kind=state&provider=builtin')
    // the address has all of it
    await visit.page.reload()
    await shows('since=1h&kind=state&provider=builtin')
    assert.equal(await visit.page.getByLabel('About', { exact: true }).inputValue(), 'state')

    await pick('Provider', '')
    await shows('since=1h&kind=state')
    const asked = /\/helix\/v1\/history\?/
    await visit.context.route(asked, route => route.abort())
    await pick('About', 'security')
    await visit.page.locator('#panel-history').getByText('helix does not answer').waitFor()
    await visit.context.unroute(asked)
    await visit.page.getByRole('button', { name: 'Try again' }).click()
    assert.ok(await shows('since=1h&kind=security') > 0)
  })

  test('where a question would go is explained for each model, also by the Enter key', async () => {
    await visit.signedIn('#/routing')
    const panel = visit.page.locator('#panel-explain')
    await panel.getByLabel('Model').selectOption('counted')
    await panel.getByRole('textbox', { name: 'Question' }).fill('Who are you?')
    await panel.getByRole('button', { name: 'Explain' }).click()
    await panel.getByText(/It would go to \S+ as counted: /).waitFor()
    await panel.locator('tr.chosen').getByText('taken').waitFor()
    await panel.getByLabel('Model').selectOption('told')
    await panel.getByRole('textbox', { name: 'Question' }).press('Enter')
    await panel.getByText(/It would go to \S+ as told: /).waitFor()
  })

  test('a key has the rights that were chosen for it, and is copied; a message is closed', async () => {
    await visit.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await visit.signedIn('#/settings')
    const make = async (name: string): Promise<void> => {
      await visit.page.getByLabel('Name of a new key').fill(name)
      await visit.page.getByRole('button', { name: 'Make a key' }).click()
    }
    await visit.page.getByLabel('It may', { exact: true }).selectOption('metrics')
    await visit.page.getByLabel('Never a cloud').check()
    await make('meter')
    await visit.page.getByRole('button', { name: 'Copy' }).click()
    await visit.page.getByText('Copied.', { exact: true }).waitFor()
    assert.equal(await visit.page.evaluate(() => navigator.clipboard.readText()), await visit.page.locator('.secret').innerText())
    await visit.page.getByRole('button', { name: 'Close', exact: true }).click()
    const { keys } = await visit.home.get<{ keys: readonly { name: string; scopes: readonly string[]; private: boolean }[] }>('/helix/v1/keys')
    const made = keys.find(each => each.name === 'meter')!
    assert.deepEqual([made.scopes, made.private], [['metrics'], true])
    await make('meter')
    await visit.page.locator('.toasts').getByText('There is a key named').waitFor()
    await visit.page.getByRole('button', { name: 'Close this message' }).click()
    await visit.page.locator('.toasts .note').waitFor({ state: 'detached' })
  })

  test('on a phone the menu opens, closes and leads on', async () => {
    await visit.fresh({ viewport: { width: 360, height: 740 } })
    await visit.signedIn()
    const menu = visit.page.getByRole('button', { name: 'Menu', exact: true })
    const isOpen = (open: boolean): Promise<void> => visit.page.locator(`.side[data-open="${open}"]`).waitFor({ state: 'attached' })
    await menu.click()
    await isOpen(true)
    await visit.page.getByRole('button', { name: 'Close the menu' }).click()
    await isOpen(false)
    await menu.click()
    await visit.page.locator('.side').getByRole('link', { name: 'Models', exact: true }).click()
    await visit.page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
    await isOpen(false)
  })

  const setting = async (path: string): Promise<{ readonly value: string; readonly default: string; readonly source: string }> => (await visit.home.get<{ settings: readonly { path: string; value: string; default: string; source: string }[] }>('/helix/v1/settings')).settings.find(each => each.path === path)!
  const line = (path: string): Locator => visit.page.locator(`[data-setting="${path}"]`)
  const press = (words: string): Promise<void> => visit.page.getByRole('button', { name: words, exact: true }).click()

  test('settings: a number, an amount, a text, a list and both kinds of maps are refused beside their field, taken, and set back', async () => {
    await visit.signedIn('#/settings')
    for (const { path, wrong, refusal, right, told = right } of KINDS) {
      const before = await setting(path)
      const field = visit.page.getByLabel(path, { exact: true })
      await field.fill(wrong)
      await press(`Save ${path}`)
      await line(path).locator('.wrong').getByText(refusal).waitFor()
      assert.equal(await field.getAttribute('aria-invalid'), 'true', path)
      assert.deepEqual(await setting(path), before, path)
      await press(`Do not change ${path}`)
      await line(path).locator('.wrong').waitFor({ state: 'detached' })
      assert.equal(await field.inputValue(), before.value, path)
      await field.fill(right)
      await press(`Save ${path}`)
      await line(path).getByText('set in the file').waitFor()
      assert.deepEqual(await setting(path), { ...before, value: told, source: 'file' }, path)
      assert.equal(await field.inputValue(), told, path)
    }
    assert.match(readFileSync(visit.home.config, 'utf8'), /^ +max_retries: 7$/m)
    for (const { path } of KINDS) {
      // what is left to helix is left to it again where its field is emptied
      if (path === 'gateway.allowed_hosts') {
        await visit.page.getByLabel(path, { exact: true }).fill('')
        await press(`Save ${path}`)
        await visit.page.getByText(`${path} is left to helix`).waitFor()
      } else await press(`Back to default: ${path}`)
      await line(path).getByText('set in the file').waitFor({ state: 'detached' })
      const { value, default: usual, source } = await setting(path)
      assert.deepEqual([value, source], [usual, 'default'], path)
    }
    assert.deepEqual(visit.complaints, [])
  })

  test('settings: a choice, a switch, and a search for both', async () => {
    await visit.signedIn('#/settings')
    const search = visit.page.getByLabel('Search in settings')
    await search.fill('alerts.slack_severity')
    await visit.page.waitForFunction(() => document.querySelectorAll('[data-setting]').length === 1)
    await visit.page.getByLabel('alerts.slack_severity', { exact: true }).selectOption('critical')
    await press('Save alerts.slack_severity')
    await eventually(async () => (await setting('alerts.slack_severity')).value === 'critical', 'it is chosen')
    await press('Back to default: alerts.slack_severity')
    await eventually(async () => (await setting('alerts.slack_severity')).source === 'default', 'it is as before')
    // its meaning, not its name
    await search.fill('in the session of one')
    const desktop = visit.page.getByRole('switch', { name: 'alerts.desktop' })
    const was = await desktop.isChecked()
    await desktop.click()
    await eventually(async () => (await setting('alerts.desktop')).value === String(!was), 'it is switched')
    await press('Back to default: alerts.desktop')
    await eventually(async () => (await setting('alerts.desktop')).value === String(was), 'it is as before')
    await search.fill('there is nothing of this name')
    await visit.page.getByText('No setting has this in its name or its meaning.').waitFor()
  })
})

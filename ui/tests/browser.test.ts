import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NASTY, SCRIPT } from './standin-state.ts'
import { inBrowser, PLACES } from './visit.ts'

inBrowser('the dashboard in a browser', visit => {
  test('a link signs in once, and is gone from the address', async () => {
    visit.standin.isSignedIn = false
    await visit.page.goto(`${visit.standin.address}/#/sign-in/good`)
    await visit.page.locator('#panel-providers').waitFor()
    assert.equal(new URL(visit.page.url()).hash, '#/')
    assert.equal(await visit.page.evaluate(() => localStorage.getItem('helix.csrf')), 'secret')
    assert.deepEqual(visit.complaints, [])
  })

  test('a link that does not work says why, and what to do', async () => {
    visit.standin.isSignedIn = false
    await visit.page.goto(`${visit.standin.address}/#/sign-in/old`)
    await visit.page.getByText('This link was used already').waitFor()
    await visit.page.getByText('Make another one: helix dashboard').waitFor()
    assert.ok(!visit.page.url().includes('old'))
  })

  test('who is not signed in is told how, and goes on by himself', async () => {
    visit.standin.isSignedIn = false
    await visit.page.goto(visit.standin.address)
    await visit.page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    const other = await visit.context.newPage()
    await other.goto(`${visit.standin.address}/#/sign-in/good`)
    await visit.page.locator('#panel-providers').waitFor()
  })

  test('a session that is ended elsewhere is over here at once', async () => {
    await visit.signedIn()
    visit.standin.signOutAll()
    await visit.page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    assert.equal(await visit.page.locator('#panel-providers').count(), 0)
  })

  test('without the token everything can be seen and nothing changed', async () => {
    await visit.page.goto(visit.standin.address)
    await visit.page.getByText('This browser can look and change nothing.').waitFor()
    await visit.row('llamacpp').getByRole('button', { name: /^Stop/ }).click({ force: true })
    assert.equal(await visit.page.getByRole('dialog').count(), 0)
    assert.deepEqual(visit.standin.asked, [])
  })

  test('the first glance says what runs, how well, and what needs somebody', async () => {
    await visit.signedIn()
    await visit.page.getByRole('heading', { level: 1, name: 'One thing needs you' }).waitFor()
    await visit.page.locator('.glance').getByText('LocalAI cannot be brought back').waitFor()
    visit.standin.amend('providers', 'localai', { state: 'ready' })
    visit.standin.change({ alerts: { 1: null } })
    await visit.page.getByRole('heading', { level: 1, name: 'helix is mending 2 engines' }).waitFor()
    for (const id of ['vllm', 'koboldai']) visit.standin.amend('providers', id, { state: 'ready' })
    await visit.page.getByRole('heading', { level: 1, name: 'Everything works' }).waitFor()
    await visit.page.getByText('Good to know:').waitFor()
  })

  test('thirteen providers show what is told of them', async () => {
    await visit.signedIn()
    assert.equal(await visit.page.locator('tr[data-provider]').count(), 13)
    for (const [id, told] of Object.entries(visit.standin.state['providers']!) as [string, { name: string; state: string; reason: string }][]) {
      assert.equal(await visit.row(id).getAttribute('data-state'), told.state)
      const text = (await visit.row(id).innerText()).toLowerCase()
      assert.ok(text.includes(told.name.toLowerCase()) && text.includes(told.reason.slice(0, 20).toLowerCase()), text)
    }
    assert.match(await visit.row('builtin').innerText(), /775\sMiB[\s\S]*12\s480[\s\S]*31\.4/)
  })

  test('what each engine takes of processors, memory, GPUs and the disk is told, and how far an installation is', async () => {
    await visit.signedIn()
    const cells = (id: string): Promise<string[]> => visit.page.locator(`[data-engine="${id}"] td`).allTextContents()
    // what lies below the first look is drawn after it
    await visit.page.locator('[data-engine="llamacpp"]').waitFor()
    assert.deepEqual((await cells('llamacpp')).map(each => each.replace(/\s/g, ' ')), ['5.7', '6.44 GiB', '2.24 GiB', '5.59 GiB', '173 MiB'])
    assert.deepEqual((await cells('gpt4all')).map(each => each.replace(/\s/g, ' ')), ['–', '–', '–', '–', '173 MiB'])
    await visit.go('#/providers/mistralrs')
    assert.equal(await visit.page.locator('#panel-provider progress').evaluate(bar => (bar as HTMLProgressElement).value), 0.41)
  })

  test('a change of state is on the screen at once', async context => {
    await visit.signedIn()
    await visit.page.evaluate(() => {
      const cell = document.querySelector('tr[data-provider="gpt4all"]')!
      new MutationObserver(() => {
        if (cell.getAttribute('data-state') === 'ready') Object.assign(globalThis, { seenAt: Date.now() })
      }).observe(cell, { attributes: true })
    })
    const at = Date.now()
    visit.standin.amend('providers', 'gpt4all', { state: 'ready' })
    const seen = (await (await visit.page.waitForFunction(() => (globalThis as { seenAt?: number }).seenAt)).jsonValue())!
    context.diagnostic(`on the screen after ${seen - at} ms`)
    // the figure is judged by bench/run dashboard, on a machine that does nothing else
    assert.ok(seen - at <= 2000, `${seen - at} ms`)
  })

  test('what is live is asked for once, before the code that shows it is there', async () => {
    await visit.signedIn()
    let asked = 0
    let note = (): void => {}
    const isAsked = new Promise<void>(done => { note = done })
    visit.page.on('request', request => {
      if (new URL(request.url()).pathname !== '/helix/v1/live') return
      asked++
      note()
    })
    await visit.context.route(/\/ui\/(app|chunk)-/, async route => {
      await isAsked
      await route.continue()
    })
    await visit.page.reload()
    await visit.page.locator('tr[data-provider]').first().waitFor()
    await visit.page.locator('.side [data-link="live"]').waitFor()
    await visit.page.waitForFunction(() => document.querySelectorAll('[data-coming]').length === 0)
    assert.equal(asked, 1)
    for (const until = Date.now() + 5000; visit.standin.listeners !== 1; await visit.painted()) assert.ok(Date.now() < until, `${visit.standin.listeners} listen`)
    visit.standin.amend('providers', 'gpt4all', { state: 'ready' })
    await visit.page.locator('tr[data-provider="gpt4all"][data-state="ready"]').waitFor()
    assert.deepEqual(visit.complaints, [])
  })

  test('a link is not lost where the code of the page does not come', async () => {
    const code = /\/ui\/(app|chunk)-/
    await visit.context.route(code, route => route.abort())
    await visit.page.goto(`${visit.standin.address}/#/sign-in/good`)
    await visit.page.waitForFunction(() => localStorage.getItem('helix.csrf') !== null)
    await visit.context.unroute(code)
    await visit.page.evaluate(() => { location.hash = '#/' })
    await visit.page.reload()
    await visit.row('llamacpp').waitFor()
    assert.equal(await visit.page.locator('.read-only').count(), 0)
  })

  test('where the rest of the page cannot be had it says so, and what is there can be used', async () => {
    await visit.context.route('**/ui/rest-*', route => route.abort())
    await visit.signedIn()
    await visit.page.getByText('The rest of this page could not be loaded').waitFor()
    await visit.page.evaluate(() => { location.hash = '#/models' })
    await visit.page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
    await visit.page.getByText('Load the page again.').waitFor()
    await visit.page.evaluate(() => { location.hash = '#/' })
    await visit.row('llamacpp').getByRole('button', { name: /^Stop/ }).click()
    await visit.page.getByRole('dialog').waitFor()
    await visit.page.keyboard.press('Escape')
    await visit.context.unroute('**/ui/rest-*')
    await visit.page.getByRole('button', { name: 'Try again' }).click()
    await visit.page.locator('#panel-automation').getByRole('switch').first().waitFor()
  })

  test('a page is opened at its own address, and at a panel below', async () => {
    await visit.signedIn()
    await visit.page.goto('about:blank')
    await visit.page.goto(`${visit.standin.address}/#/settings`)
    await visit.page.getByLabel('health.check_interval', { exact: true }).waitFor()
    await visit.page.goto('about:blank')
    await visit.page.goto(`${visit.standin.address}/#/automation`)
    await visit.page.waitForFunction(() => document.activeElement?.id === 'title-automation' && (document.querySelector('#panel-automation')?.getBoundingClientRect().top ?? Infinity) < innerHeight)
    assert.equal(await visit.page.locator('[data-coming]').count(), 0)
  })

  test('after a gap nothing is missing', async () => {
    await visit.signedIn()
    visit.standin.cut()
    visit.standin.amend('providers', 'gpt4all', { state: 'starting' })
    await visit.page.locator('tr[data-provider="gpt4all"][data-state="starting"]').waitFor()
    await visit.page.locator('.side [data-link="live"]').waitFor()
  })

  test('while nobody looks it does not listen, and misses nothing', async () => {
    await visit.signedIn()
    const look = (how: string): Promise<void> => visit.page.evaluate(is => {
      Object.defineProperty(document, 'visibilityState', { value: is, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, how)
    await look('hidden')
    for (const until = Date.now() + 5000; visit.standin.listeners > 0; await visit.painted()) assert.ok(Date.now() < until)
    visit.standin.amend('providers', 'gpt4all', { state: 'starting' })
    await look('visible')
    await visit.page.locator('tr[data-provider="gpt4all"][data-state="starting"]').waitFor()
    assert.equal(visit.standin.listeners, 1)
  })

  test('while helix is away the page says so, and goes on when it is back', async () => {
    await visit.signedIn()
    await visit.standin.stop()
    await visit.page.getByText('Not connected:').waitFor()
    assert.equal(await visit.page.locator('tr[data-provider]').count(), 13)
    visit.standin.state = { ...visit.standin.state, providers: { ...visit.standin.state['providers'], gpt4all: { ...(visit.standin.state['providers']!['gpt4all'] as object), state: 'ready' } } }
    await visit.standin.start()
    await visit.page.locator('tr[data-provider="gpt4all"][data-state="ready"]').waitFor({ timeout: 20_000 })
    await visit.page.getByText('Not connected:').waitFor({ state: 'detached' })
  })

  test('to stop is asked first, then done, then told', async () => {
    visit.standin.delay = 400
    await visit.signedIn()
    const stop = visit.row('llamacpp').getByRole('button', { name: /^Stop/ })
    await stop.click()
    await visit.page.getByRole('dialog').getByText('Stop llama-server').waitFor()
    await visit.page.getByRole('button', { name: 'Cancel' }).click()
    assert.deepEqual(visit.standin.asked.filter(each => each.what.includes('stop')), [])
    await stop.click()
    await visit.page.getByRole('button', { name: 'Stop it' }).click()
    await visit.row('llamacpp').locator('button[aria-busy="true"]').waitFor()
    await visit.page.getByText('llamacpp: stop is done').waitFor()
    assert.deepEqual(visit.standin.asked.filter(each => each.what.includes('llamacpp')), [{ what: 'POST /helix/v1/providers/llamacpp/stop', body: null, csrf: 'secret' }])
  })

  test('what is refused says why, and what to do', async () => {
    visit.standin.refusals.set('POST /helix/v1/providers/gpt4all/start', { status: 409, body: { error: { code: 'conflict', message: `there is no room ${NASTY}`, remedy: 'stop another one' } } })
    await visit.signedIn()
    await visit.row('gpt4all').getByRole('button', { name: /^Start/ }).click()
    await visit.page.getByText(`There is no room ${NASTY}`).waitFor()
    await visit.page.getByText('stop another one').waitFor()
  })

  test('every action of a provider does what it says', async () => {
    await visit.signedIn('#/providers/llamacpp')
    for (const [button, yes, path] of [['Stop', 'Stop it', 'stop'], ['Update', 'Update it', 'update'], ['Roll back', 'Roll it back', 'rollback'], ['Remove', 'Remove it', 'remove']] as const) {
      await visit.page.locator('#panel-provider').getByRole('button', { name: new RegExp(`^${button}`) }).click()
      await visit.page.getByRole('dialog').getByRole('button', { name: yes }).click()
      await visit.page.getByText(`llamacpp: ${path} is done`).waitFor()
    }
    await visit.page.locator('#panel-provider').getByRole('button', { name: /^Open its own page/ }).click()
    assert.equal(await visit.page.getByRole('link', { name: 'Open it in a new tab' }).getAttribute('href'), 'http://127.0.0.1:4999/once')
    await visit.page.keyboard.press('Escape')
    await visit.page.getByRole('button', { name: 'Look for a newer one' }).click()
    await visit.page.getByText('b7260 is installed by itself within the hour').waitFor()
    assert.deepEqual(visit.standin.asked.map(each => each.what.split('/').at(-1)), ['session', 'stop', 'update', 'rollback', 'remove', 'open', 'check'].filter(each => each !== 'session'))
  })

  test('terms are accepted before what comes under them is installed', async () => {
    await visit.signedIn()
    await visit.row('lmstudio').getByRole('button', { name: /^Install/ }).click()
    await visit.page.getByRole('dialog').getByText('https://lmstudio.example/terms').waitFor()
    await visit.page.getByRole('button', { name: 'Accept and install' }).click()
    await visit.page.getByText('lmstudio: install is done').waitFor()
    assert.deepEqual(visit.standin.asked.map(each => each.what.split('/').at(-1)), ['accept-license', 'install'])
  })

  test('alerts are acknowledged, silenced and resolved', async () => {
    await visit.signedIn()
    const alert = visit.page.locator('[data-alert="1"]')
    await alert.getByRole('button', { name: /^Acknowledge/ }).click()
    await visit.page.getByText('Noted').first().waitFor()
    await alert.getByRole('button', { name: /^Silence/ }).click()
    await visit.page.getByRole('dialog').getByRole('button', { name: '8 hours' }).click()
    await alert.getByRole('button', { name: /^Resolve/ }).click()
    await visit.page.waitForFunction(() => document.querySelectorAll('.toasts .note').length >= 3)
    assert.deepEqual(visit.standin.asked.map(each => [each.what, each.body]), [['POST /helix/v1/alerts/ack', { ids: [1], by: 'the dashboard' }], ['POST /helix/v1/alerts/silences', { for: '8h', alert: 1, by: 'the dashboard' }], ['POST /helix/v1/alerts/resolve', { ids: [1], by: 'the dashboard' }]])
    await visit.page.locator('#panel-alerts').getByText('Silences', { exact: true }).click()
    await visit.page.getByRole('button', { name: 'End the silence of wrong keys' }).click()
    await visit.page.getByText('The silence is ended').waitFor()
    await visit.page.locator('#panel-alerts').getByText('History', { exact: true }).click()
    await visit.page.getByText('It was out of memory').waitFor()
  })

  test('this browser tells of each message once, also of those that came while it was away, until it is told not to', async () => {
    await visit.recordNotices()
    await visit.signedIn()
    const bell = visit.page.getByRole('button', { name: 'Notices of alerts by this browser' })
    assert.equal(await bell.getAttribute('aria-pressed'), 'false')
    assert.equal(visit.standin.watching, 0)
    await bell.click()
    await visit.page.getByText('This browser tells of alerts as long as').waitFor()
    await visit.page.waitForFunction(() => localStorage.getItem('helix.notices.last') === '0')
    visit.standin.message(`error: vllm is down ${NASTY}`, `ERROR vllm is down ${NASTY}\n  since now\n  alert 2: http://h/#alerts/2\n`, [2])
    assert.deepEqual(await visit.notices(1), [{ title: `error: vllm is down ${NASTY}`, body: 'since now', tag: 'key-1' }])
    await visit.page.evaluate(() => (globalThis as unknown as { lastNotice: EventTarget }).lastNotice.dispatchEvent(new Event('click')))
    await visit.page.waitForFunction(() => location.hash === '#/alerts/2' && document.activeElement?.getAttribute('data-alert') === '2')

    await visit.page.goto('about:blank')
    visit.standin.message('error: another', 'ERROR another\n  since now\n', [3])
    await visit.page.goto(visit.standin.address)
    assert.deepEqual((await visit.notices(1)).map(each => each.title), ['error: another'])

    await bell.click()
    await visit.page.getByText('This browser tells of alerts no more').waitFor()
    assert.equal(await bell.getAttribute('aria-pressed'), 'false')
    assert.equal(await visit.page.evaluate(() => localStorage.getItem('helix.notices')), null)
    assert.deepEqual(visit.complaints, [])
  })

  test('an automation is run and turned off', async () => {
    await visit.signedIn()
    await visit.page.getByRole('button', { name: 'Run now: backup' }).click()
    await visit.page.getByText('It is begun now').waitFor()
    await visit.page.getByRole('switch', { name: /^Backup/ }).click()
    await visit.page.getByRole('button', { name: 'Turn it off' }).click()
    await visit.page.getByText('Backup is off').waitFor()
    assert.deepEqual(visit.standin.asked.at(-1), { what: 'PUT /helix/v1/settings/backup.enabled', body: { value: 'false' }, csrf: 'secret' })
    // the switch shows what is, which the server has not told yet
    assert.ok(await visit.page.getByRole('switch', { name: /^Backup/ }).isChecked())
  })

  test('a model is pulled with its progress, and removed', async () => {
    visit.standin.delay = 150
    await visit.signedIn('#/models')
    await visit.page.getByRole('button', { name: 'Pull qwen3-8b' }).click()
    await visit.page.getByText(/of 572\sMiB/).waitFor()
    await visit.page.getByText('qwen3-0.6b is in the library').waitFor()
    await visit.page.getByRole('button', { name: 'Remove qwen3-0.6b' }).click()
    await visit.page.getByRole('button', { name: 'Remove it' }).click()
    await visit.page.getByText('It is removed').waitFor()
    await visit.page.getByRole('button', { name: 'Look for them' }).click()
    await visit.page.getByRole('button', { name: 'Import ollama:gemma3:4b' }).click()
    await visit.page.waitForFunction(() => document.querySelector('#panel-others')?.textContent?.includes('Is qwen3-0.6b'))
  })

  test('the playground streams, measures, and compares two models', async () => {
    await visit.signedIn('#/playground')
    await visit.page.getByLabel('Message', { exact: true }).fill('Hello <b>you</b>')
    await visit.page.keyboard.press('Enter')
    await visit.page.getByText(`You said: Hello <b>you</b> ${SCRIPT}`).waitFor()
    await visit.page.getByText(/12 tokens in, 9 out/).waitFor()
    await visit.page.getByRole('button', { name: 'Compare with a second model' }).click()
    await visit.page.getByLabel('Message', { exact: true }).fill('again')
    await visit.page.getByRole('button', { name: 'Send' }).click()
    await visit.page.waitForFunction(() => (document.querySelector('#main')?.textContent?.match(/You said: again/g) ?? []).length === 2)
    assert.equal(visit.standin.asked.at(-1)!.csrf, 'secret')
  })

  test('logs come live, and are filtered and searched', async () => {
    await visit.signedIn('#/logs')
    await visit.page.getByText('line 59: GET').waitFor()
    visit.standin.writeLog('daemon', ['a fresh line'])
    await visit.page.getByText('a fresh line').waitFor()
    await visit.page.getByLabel('Search').fill('59 get')
    await visit.page.waitForFunction(() => document.querySelectorAll('.log-line').length === 1)
    assert.equal(await visit.page.locator('mark').count(), 3)
    await visit.page.getByLabel('Search').fill('')
    await visit.page.getByText('Errors', { exact: true }).click()
    await visit.page.waitForFunction(() => document.querySelectorAll('.log-line').length === 1)
    await visit.page.getByText(`error: ${SCRIPT}`).waitFor()
  })

  test('a setting is changed; what cannot be is refused beside it', async () => {
    await visit.signedIn('#/settings')
    const field = visit.page.getByLabel('health.check_interval', { exact: true })
    await field.fill('soon')
    await visit.page.getByRole('button', { name: 'Save health.check_interval' }).click()
    await visit.page.getByText('It must be a whole number from 1 to 3600').waitFor()
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    visit.standin.refusals.set('PUT /helix/v1/settings/health.check_interval', { status: 400, body: { error: { code: 'invalid', message: 'must be a whole number from 1 to 3600, was 9000', remedy: null } } })
    await field.fill('9000')
    await field.press('Enter')
    await visit.page.getByText('Must be a whole number from 1 to 3600, was 9000').first().waitFor()
    visit.standin.refusals.clear()
    await field.fill('90')
    await field.press('Enter')
    await visit.page.getByText('health.check_interval is 90').waitFor()
    assert.deepEqual(visit.standin.asked.at(-1)!.body, { value: '90' })
    await visit.page.getByRole('button', { name: 'Back to default: health.check_interval' }).click()
    await visit.page.getByText('is back to its default').waitFor()
  })

  test('a key is made, shown once, and revoked', async () => {
    await visit.signedIn('#/settings')
    await visit.page.getByLabel('Name of a new key').fill('new')
    await visit.page.getByRole('button', { name: 'Make a key' }).click()
    await visit.page.getByText('hx_shown_once').waitFor()
    await visit.page.getByRole('button', { name: 'Close', exact: true }).click()
    await visit.page.getByRole('button', { name: 'Revoke laptop' }).click()
    await visit.page.getByRole('button', { name: 'Revoke it' }).click()
    await visit.page.getByText('The key is revoked').waitFor()
  })

  test('why a request would go somewhere is told', async () => {
    await visit.signedIn('#/routing')
    await visit.page.getByRole('button', { name: 'Explain' }).click()
    await visit.page.getByText('It would go to llamacpp-qwen3-8b as qwen3-8b: it is likely to be done first').waitFor()
    await visit.page.getByText('The request is longer than its context').waitFor()
  })

  test('nothing that comes from outside is taken for HTML', async () => {
    await visit.signedIn()
    visit.standin.change({ providers: { evil: { ...(visit.standin.state['providers']!['jan'] as object), id: NASTY, name: SCRIPT, order: 99, model: NASTY } } })
    await visit.page.locator('tr[data-provider]').nth(13).waitFor()
    for (const place of PLACES) {
      await visit.go(place)
      await visit.painted()
      assert.equal(await visit.page.evaluate(() => document.querySelectorAll('#app script, #app img').length), 0)
    }
    assert.equal(await visit.page.evaluate(() => (globalThis as { pwned?: number }).pwned), undefined)
    assert.deepEqual(visit.complaints, [])
  })

  test('with the keyboard alone an engine is stopped, and the focus comes back', async () => {
    await visit.signedIn()
    await visit.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await visit.page.keyboard.press('Tab')
    assert.equal(await visit.page.evaluate(() => document.activeElement?.textContent), 'Skip to the content')
    await visit.page.keyboard.press('Enter')
    for (let step = 0; step < 60; step++) {
      await visit.page.keyboard.press('Tab')
      if ((await visit.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) === 'Stop: llama-server (llama.cpp)') break
    }
    assert.equal(await visit.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Stop: llama-server (llama.cpp)')
    await visit.page.keyboard.press('Enter')
    await visit.page.getByRole('dialog').waitFor()
    await visit.page.keyboard.press('Escape')
    await visit.page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.equal(await visit.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Stop: llama-server (llama.cpp)')
    await visit.page.keyboard.press('Tab')
    await visit.page.keyboard.press('Enter')
    await visit.page.waitForFunction(() => document.activeElement?.textContent === 'Details')
    await visit.page.keyboard.press('ArrowDown')
    assert.equal(await visit.page.evaluate(() => document.activeElement?.textContent), 'Logs')
    await visit.page.keyboard.press('Escape')
    await visit.page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'More for llama-server (llama.cpp)')
  })
})

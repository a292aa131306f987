import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Engine } from './engine.ts'
import { eventually } from './eventually.ts'
import { retold } from './gguf.ts'
import { binary, type Home, SELFTEST } from './home.ts'
import { Site } from './site.ts'
import { onPublished, PLACES, type Visit } from './visit.ts'

/** Texts that do harm where they are taken for HTML; each would leave a mark of its own. */
const IMAGE = '<img src=x onerror="globalThis.pwned=1">'
const SCRIPT = '"><script>globalThis.pwned=2</script>'
const FILE = '<img src=x onerror=globalThis.pwned=3>'

/** A line that would be one of helix's own, and an event that would be one of its stream. */
const FORGED = '2026-11-30T00:00:00.000Z crit: Helix.Forged[1] somebody wrote this'
const EVENT = 'event: signed-out\ndata: {}\n\n'

const ask = (home: Home, model: string, text: string): Promise<Response> => fetch(`${home.address}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-helix-cache': 'off' }, body: JSON.stringify({ model, messages: [{ role: 'user', content: text }] }) })

let theirs: Engine

async function nothingRan(visit: Visit): Promise<void> {
  assert.equal(await visit.page.evaluate(() => (globalThis as { pwned?: number }).pwned), undefined)
  assert.deepEqual(await visit.page.evaluate(() => [...document.querySelectorAll('body script, body img, body iframe, [onerror], [onclick]')].map(each => each.outerHTML)), [])
  assert.deepEqual(visit.complaints, [])
}

onPublished('what models, engines and strangers write is text, and what strangers want is refused', {
  settings: 'health:\n  retry_delay: 1\n  max_retries: 1\n',
  enabled: ['second', 'broken'],
  before: home => {
    home.environment['HELIX_SANDBOX_READS'] = dirname(binary)
    writeFileSync(join(home.folder, 'words'), `${IMAGE}\r\n${SCRIPT}\n\u001b[31mred\u001b[0m\n${FORGED}\n${EVENT}\u2028\n`)
    const words = JSON.stringify(readFileSync(join(home.folder, 'words'), 'utf8')).slice(1, -1).replaceAll('\\u001b', '\\033').replaceAll('\\"', '"').replaceAll('%', '%%')
    home.addProvider('second', `printf '${words}' >&2\nexec '${binary}' engine "$@"`, { name: IMAGE, description: SCRIPT })
    home.addProvider('broken', `printf 'error: \\033]0;title\\007\\033[2J%s\\n' '${SCRIPT}' >&2; exit 3`, { name: SCRIPT })
  },
  after: async home => {
    const selftest = readFileSync(join(home.llm, 'providers', 'builtin', `${SELFTEST}.gguf`))
    const file = join(home.folder, `${FILE}.gguf`)
    writeFileSync(file, retold(selftest, { 'general.name': IMAGE, 'general.description': SCRIPT, 'general.author': IMAGE }))
    await home.helix('models', 'add', file, '--name', 'story')
    // an architecture that no engine knows, and a file that is no model: told of as problems
    writeFileSync(join(home.llm, 'models', `${FILE} odd.gguf`), retold(selftest, { 'general.architecture': IMAGE }))
    theirs = await new Engine([IMAGE, SCRIPT, 'plain'], ['You see ', IMAGE, SCRIPT]).start()
    await home.helix('local-llm', 'attach', theirs.url)
    for (const model of ['second/story', 'broken/story', IMAGE, SCRIPT, `${SCRIPT}\n${FORGED}`]) await ask(home, model, `${IMAGE}\n${FORGED}`)
    await eventually(async () => (await home.provider('broken')).state === 'critical', 'an engine that has failed')
  },
}, visit => {
  test('names, reasons, alerts, events and decisions are shown as they were written, on every page', async () => {
    await visit.fresh({ userAgent: `${IMAGE}${SCRIPT}` })
    await visit.signedIn()
    await visit.row('second').getByText(IMAGE).waitFor()
    await visit.page.locator('[data-alert]').getByText(SCRIPT).first().waitFor()
    for (const place of [...PLACES, '#/providers/second', '#/providers/broken', `#/providers/${encodeURIComponent(IMAGE)}`, `#/logs?of=${encodeURIComponent(IMAGE)}`, `#/history?kind=${encodeURIComponent(SCRIPT)}`]) {
      await visit.go(place)
      await visit.painted()
      await nothingRan(visit)
    }
    await visit.go('#/models')
    await visit.page.locator(`[data-model='${IMAGE}']`).waitFor()
    await visit.page.locator('#panel-library').getByText(`${FILE} odd.gguf`).waitFor()
    await visit.page.locator('[data-library="story"]').getByText(FILE).waitFor()
  })

  test('what an engine logs is its own line, neither one of helix’s nor an event', async () => {
    await visit.signedIn('#/logs?of=second')
    for (const words of [IMAGE, SCRIPT, FORGED, 'event: signed-out']) await visit.page.locator('.log-line').getByText(words).first().waitFor()
    await visit.page.getByText('live;').waitFor()
    await nothingRan(visit)
  })

  test('what is asked writes no line into helix’s log', async () => {
    await ask(visit.home, `nobody\n${FORGED}`, FORGED)
    await ask(visit.home, 'auto', `${FORGED}\r\n${FORGED}`)
    await fetch(`${visit.address}/helix/v1/%0a${encodeURIComponent(FORGED)}`, { headers: { 'user-agent': FORGED, authorization: `Bearer ${FORGED}` } })
    await visit.home.api('POST', '/helix/v1/keys', { name: `a\n${FORGED}`, scopes: ['infer'] })
    const lines = visit.home.daemonLog.split('\n')
    assert.deepEqual(lines.filter(line => line.startsWith('2026-11-30T00:00:00.000Z crit:')), [])
    assert.deepEqual(lines.filter(line => line !== '' && !/^\d{4}-\d\d-\d\dT[\d:.]+Z (trce|dbug|info|warn|fail|crit): |^ {3}/.test(line)), [])
  })

  test('on the command line it moves no cursor and sets no title', async () => {
    const said: string[] = []
    for (const words of [['alerts', 'list'], ['history'], ['local-llm', 'list'], ['models', 'list']]) said.push(await visit.home.helix(...words))
    assert.ok(said.some(each => each.includes('<script>')))
    for (const each of said) assert.doesNotMatch(each, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
  })

  test('a key with such a name is refused in words, and so is a setting', async () => {
    await visit.signedIn('#/settings')
    await visit.page.getByLabel('Name of a new key').fill(IMAGE)
    await visit.page.getByRole('button', { name: 'Make a key' }).click()
    await visit.page.locator('.toasts').getByText(`${IMAGE}' cannot be the name of a key`).waitFor()
    await visit.page.getByLabel('builtin.model', { exact: true }).fill(IMAGE)
    await visit.page.getByRole('button', { name: 'Save builtin.model' }).click()
    await visit.page.locator('[data-setting="builtin.model"] [role="alert"], [data-setting="builtin.model"] .wrong').first().waitFor()
    await nothingRan(visit)
  })

  test('prompts and answers are text', async () => {
    await visit.signedIn('#/playground')
    await visit.page.getByLabel('Model', { exact: true }).selectOption(SCRIPT)
    await visit.page.getByLabel('Message', { exact: true }).fill(IMAGE)
    await visit.page.keyboard.press('Enter')
    await visit.page.getByText(`You see ${IMAGE}${SCRIPT}`).waitFor()
    await visit.page.locator('.turn.user').getByText(IMAGE).waitFor()
    await nothingRan(visit)
    await visit.go('#/routing')
    await visit.page.locator('#panel-decisions').getByText(SCRIPT).first().waitFor()
    await nothingRan(visit)
  })

  test('a page of another port or of another site changes nothing, reads nothing and shows nothing in a frame', async () => {
    await visit.signedIn()
    const settings = { path: '/helix/v1/settings/health.check_interval', body: '{"value":"77"}' }
    const site = await new Site(() => `
      <form id=f method=post action="${visit.address}/helix/v1/providers/builtin/stop" enctype="text/plain" target=in><input name='{"a":"' value='"}'></form>
      <iframe name=in></iframe><iframe id=frame src="${visit.address}/"></iframe><img src="${visit.address}/ui/icon.svg"><script src="${visit.address}/helix/v1/live"></script>`).start()
    const { complaints } = visit
    for (const host of ['127.0.0.1', 'localhost']) {
      const page = await visit.context.newPage()
      let framed = ''
      page.on('response', response => {
        if (response.url() === `${visit.address}/`) framed ||= String(response.status())
      })
      page.on('requestfailed', request => {
        if (request.url() === `${visit.address}/`) framed ||= request.failure()!.errorText
      })
      await page.goto(site.at(host))
      const tried = await page.evaluate(async ([address, path, body]) => {
        const tries: [string, RequestInit][] = [
          ['/helix/v1/providers/builtin/stop', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}', headers: { 'content-type': 'text/plain' } }],
          ['/helix/v1/start-all', { method: 'POST', mode: 'cors', credentials: 'include' }],
          [path!, { method: 'PUT', mode: 'cors', credentials: 'include', body: body!, headers: { 'content-type': 'application/json', 'x-helix-csrf': 'guess' } }],
          ['/helix/v1/keys', { mode: 'cors', credentials: 'include' }],
          ['/helix/v1/live', { mode: 'cors', credentials: 'include' }],
          ['/helix/v1/session', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"link":"x"}' }],
        ]
        document.querySelector('form')!.submit()
        return Promise.all(tries.map(([to, options]) => fetch(address + to, options).then(response => `${response.type} ${response.status}`, () => 'refused')))
      }, [visit.address, settings.path, settings.body] as const)
      // "opaque 0": it was sent, and the page learns nothing of what became of it
      assert.ok(tried.every(each => each === 'refused' || each === 'opaque 0'), tried.join())
      const frame = (await (await page.waitForSelector('#frame', { state: 'attached' })).contentFrame())!
      await eventually(() => framed, 'an answer to the frame')
      assert.match(framed, /^403$|BLOCKED_BY_RESPONSE/)
      assert.equal(await frame.locator('#app').count(), 0)
      await page.close()
    }
    await site.end()
    assert.equal((await visit.home.provider('builtin')).state, 'ready')
    const { settings: told } = await visit.home.get<{ settings: readonly { path: string; value: string }[] }>('/helix/v1/settings')
    assert.equal(told.find(each => each.path === 'health.check_interval')!.value, '30')
    assert.deepEqual(complaints, [])
    await theirs.end()
  })

  test('the cookie alone changes nothing, also on helix’s own page', async () => {
    await visit.signedIn()
    const answers = await visit.page.evaluate(async () => Promise.all(([['POST', '/helix/v1/providers/builtin/stop', undefined], ['POST', '/helix/v1/providers/builtin/stop', 'guess'], ['DELETE', '/helix/v1/sessions', ''], ['PUT', '/helix/v1/settings/health.check_interval', undefined]] as const).map(async ([method, path, token]) => (await fetch(path, { method, headers: token === undefined ? {} : { 'x-helix-csrf': token } })).status)))
    assert.deepEqual(answers, [403, 403, 403, 403])
    assert.ok((await visit.context.cookies()).every(cookie => cookie.httpOnly && cookie.sameSite === 'Strict'))
    assert.equal(await visit.page.evaluate(() => document.cookie), '')
    await visit.page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.pwned = 4'
      document.body.append(script)
      script.remove()
    })
    assert.equal(await visit.page.evaluate(() => (globalThis as { pwned?: number }).pwned), undefined, 'the policy lets scripts of the page’s own text run')
  })
})

import assert from 'node:assert/strict'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { eventually } from './eventually.ts'
import { binary, SELFTEST } from './home.ts'
import { inLongRun, onPublished } from './visit.ts'

interface Alerts {
  readonly alerts: readonly { readonly id: number; readonly state: string; readonly subject: string | null }[]
}

onPublished('every button does what it says', {
  enabled: ['second'],
  before: home => {
    home.environment['HELIX_SANDBOX_READS'] = dirname(binary)
    home.addProvider('second', `echo 'the second one begins' >&2\nexec '${binary}' engine "$@"`, { name: 'A second engine', older: '0.9' })
  },
  after: async home => {
    await home.helix('models', 'add', join(home.llm, 'providers', 'builtin', `${SELFTEST}.gguf`), '--name', 'story')
  },
}, visit => {
  const alerts = async (query = 'open'): Promise<Alerts['alerts']> => (await visit.home.get<Alerts>(`/helix/v1/alerts?state=${query}`)).alerts

  test('stop, start, start all', async () => {
    await visit.signedIn()
    const is = (id: string, state: string): Promise<unknown> => eventually(async () => (await visit.home.provider(id)).state === state, `${id} is ${state}`)
    await visit.row('builtin').getByRole('button', { name: /^Stop/ }).click()
    await visit.page.getByRole('button', { name: 'Stop it' }).click()
    await is('builtin', 'standby')
    await visit.row('builtin').getByRole('button', { name: /^Start/ }).click()
    await is('builtin', 'ready')
    assert.equal((await visit.home.provider('second')).state, 'standby')
    await visit.page.getByRole('button', { name: 'Start all' }).click()
    await is('second', 'ready')
    await visit.page.getByText('Everything that is installed was asked to start').waitFor()
  })

  inLongRun('what cannot be done is refused in helix’s words: update, roll back, install, look for a newer one', async () => {
    await visit.signedIn('#/providers/second')
    const card = visit.page.locator('#panel-provider')
    await card.getByRole('button', { name: /^Update/ }).click()
    await visit.page.getByRole('button', { name: 'Update it' }).click()
    await visit.page.locator('.toasts .tone-bad, .toasts .tone-ok').first().waitFor()
    await visit.page.getByRole('button', { name: 'Look for a newer one' }).click()
    await visit.page.locator('#panel-releases').getByText(/second|1\.0|offline/).first().waitFor()
    await visit.go('#/')
    await visit.row('fastchat').getByRole('button', { name: /^Install/ }).click()
    await visit.page.getByRole('button', { name: 'Install it' }).click()
    await visit.page.locator('.toasts .tone-bad').first().waitFor()
  })

  /** @returns The number of an alert that fires: a key that others may read. */
  async function alarm(file: string): Promise<number> {
    writeFileSync(file, Buffer.alloc(32))
    chmodSync(file, 0o644)
    await visit.home.helix('config', 'set', 'backup.key_file', file)
    const found = await eventually(async () => {
      await visit.home.api('POST', '/helix/v1/security/run', {})
      return (await alerts()).find(each => each.subject === file && each.state === 'firing')
    }, 'an alert')
    return found.id
  }

  const becomes = (id: number, state: string): Promise<unknown> => eventually(async () => (await alerts('all')).find(each => each.id === id)?.state === state, `alert ${id} is ${state}`)

  test('an alert is silenced, acknowledged, and over when it is well; a silence is ended; a link leads to an alert', async () => {
    const file = join(visit.home.folder, 'a-key')
    const id = await alarm(file)
    await visit.signedIn(`#/alerts/${id}`)
    await visit.page.waitForFunction(wanted => document.activeElement?.getAttribute('data-alert') === wanted, String(id))
    const alert = visit.page.locator(`[data-alert="${id}"]`)
    await alert.getByRole('button', { name: /^Silence/ }).click()
    await visit.page.getByRole('dialog').getByRole('button', { name: '1 hour' }).click()
    await becomes(id, 'silenced')
    await visit.page.locator('#panel-alerts').getByText('Silences', { exact: true }).click()
    await visit.page.getByRole('button', { name: /^End the silence/ }).click()
    await becomes(id, 'firing')
    await visit.page.locator('#panel-alerts').getByText('Now', { exact: true }).click()
    await alert.getByRole('button', { name: /^Acknowledge/ }).click()
    await becomes(id, 'acknowledged')
    await visit.page.locator(`[data-alert="${id}"][data-state="acknowledged"]`).getByText('by the dashboard').waitFor()
    chmodSync(file, 0o600)
    await visit.page.getByRole('button', { name: 'Run now: security' }).click()
    await becomes(id, 'resolved')
    await alert.waitFor({ state: 'detached' })
    await visit.page.locator('#panel-alerts').getByText('History', { exact: true }).click()
    await alert.waitFor()
    await visit.home.helix('config', 'unset', 'backup.key_file')
  })

  test('an alert is resolved by hand', async () => {
    const file = join(visit.home.folder, 'another-key')
    const id = await alarm(file)
    await visit.signedIn()
    await visit.page.locator(`[data-alert="${id}"]`).getByRole('button', { name: /^Resolve/ }).click()
    await becomes(id, 'resolved')
    await visit.page.locator(`[data-alert="${id}"]`).waitFor({ state: 'detached' })
    chmodSync(file, 0o600)
    await visit.home.helix('config', 'unset', 'backup.key_file')
  })

  test('this browser tells of what the web is told, once', async () => {
    await visit.recordNotices()
    await visit.signedIn()
    await visit.page.getByRole('button', { name: 'Notices of alerts by this browser' }).click()
    await visit.page.waitForFunction(() => localStorage.getItem('helix.notices.last') !== null)
    await visit.home.helix('alerts', 'test', 'web')
    assert.ok((await visit.notices(1)).some(each => each.title === 'helix: a test message; alerts come this way'))
    await visit.page.reload()
    await visit.page.waitForFunction(() => document.querySelector('#panel-alerts button[aria-pressed="true"]') !== null)
    await visit.home.helix('alerts', 'test', 'web')
    assert.equal((await visit.notices(1)).filter(each => each.title.startsWith('helix: a test message')).length, 1)
    assert.deepEqual(visit.complaints, [])
  })

  test('an automation is run now, turned off and on', async () => {
    await visit.signedIn()
    const of = async (id: string): Promise<{ on: boolean; last: string | null }> => (await visit.home.get<{ automations: readonly { id: string; on: boolean; last: string | null }[] }>('/helix/v1/automations')).automations.find(each => each.id === id)!
    const { last } = await of('security')
    await visit.page.getByRole('button', { name: 'Run now: security' }).click()
    await eventually(async () => (await of('security')).last !== last, 'it was run')
    await visit.page.getByRole('switch', { name: /^Backup/ }).click()
    await visit.page.getByRole('button', { name: 'Turn it off' }).click()
    await eventually(async () => !(await of('backup')).on, 'it is off')
    await visit.page.locator('[data-automation="backup"][data-on="false"]').waitFor()
    await visit.page.getByRole('switch', { name: /^Backup/ }).click()
    await eventually(async () => (await of('backup')).on, 'it is on')
  })

  test('a setting is changed and set back; what is not valid is refused beside it', async () => {
    await visit.signedIn('#/settings')
    const value = async (): Promise<string> => (await visit.home.get<{ settings: readonly { path: string; value: string }[] }>('/helix/v1/settings')).settings.find(each => each.path === 'health.check_interval')!.value
    const field = visit.page.getByLabel('health.check_interval', { exact: true })
    await field.fill('soon')
    await field.press('Enter')
    await visit.page.getByText('It must be a whole number from 1 to 3600').waitFor()
    await field.fill('45')
    await field.press('Enter')
    await eventually(async () => await value() === '45', 'it is changed')
    await visit.page.getByRole('button', { name: 'Back to default: health.check_interval' }).click()
    await eventually(async () => await value() === '30', 'it is as before')
    // what only helix can know is refused by helix
    const enabled = visit.page.getByLabel('providers.enabled', { exact: true })
    await enabled.fill('builtin, second, nonsense')
    await visit.page.getByRole('button', { name: 'Save providers.enabled' }).click()
    await visit.page.locator('[data-setting="providers.enabled"]').getByText(/nonsense/).first().waitFor()
    assert.equal(await enabled.getAttribute('aria-invalid'), 'true')
  })

  test('a key is made, works, and is revoked', async () => {
    await visit.signedIn('#/settings')
    await visit.page.getByLabel('Name of a new key').fill('laptop')
    await visit.page.getByRole('button', { name: 'Make a key' }).click()
    const key = await visit.page.locator('.secret').innerText()
    await visit.page.getByRole('button', { name: 'Close', exact: true }).click()
    const status = async (): Promise<number> => (await fetch(`${visit.address}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status
    assert.equal(await status(), 200)
    await visit.page.getByRole('button', { name: 'Revoke laptop' }).click()
    await visit.page.getByRole('button', { name: 'Revoke it' }).click()
    await eventually(async () => await status() === 401, 'it is revoked')
  })

  test('a channel of alerts is set up, tried and removed', async () => {
    const received: { readonly type: string; readonly signature: unknown }[] = []
    const receiver = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', piece => { body += piece }).on('end', () => {
        received.push({ type: (JSON.parse(body) as { type: string }).type, signature: request.headers['helix-signature'] })
        response.end()
      })
    })
    await new Promise<void>(done => receiver.listen(0, '127.0.0.1', done))
    receiver.unref()
    await visit.signedIn('#/settings')
    const isOn = (on: boolean): Promise<void> => visit.page.locator(`[data-channel="webhook"][data-on="${on}"]`).waitFor()
    await isOn(false)
    await visit.page.getByRole('button', { name: 'Set up: Signed webhook' }).click()
    const dialog = visit.page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Set it up' }).click()
    await dialog.getByRole('alert').waitFor()
    await dialog.getByLabel('Address', { exact: true }).fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/alerts`)
    await dialog.getByLabel('Key that messages are signed with').fill('a key that nobody may see')
    await dialog.getByRole('button', { name: 'Set it up' }).click()
    await isOn(true)
    await visit.page.getByRole('button', { name: 'Send a test message: Signed webhook' }).click()
    await visit.page.getByText('Webhook took the test message').waitFor()
    assert.match(String(received.find(each => each.type === 'test')!.signature), /^v1=[0-9a-f]{64}$/)
    assert.ok(!(await visit.page.content()).includes('a key that nobody may see'))
    assert.ok(!JSON.stringify(await visit.home.get('/helix/v1/alerts/channels')).includes('a key that nobody may see'))
    await visit.page.getByRole('button', { name: 'Remove: Signed webhook' }).click()
    await visit.page.getByRole('button', { name: 'Remove it' }).click()
    await isOn(false)
    receiver.closeAllConnections()
    await new Promise(done => receiver.close(done))
  })

  test('a rule of alerts is switched off and on; what is no rule is refused', async () => {
    await visit.signedIn('#/settings')
    const write = async (text: string): Promise<void> => {
      await visit.page.getByRole('button', { name: 'Edit your own rules' }).click()
      await visit.page.getByRole('dialog').getByRole('textbox').fill(text)
      await visit.page.getByRole('button', { name: 'Save', exact: true }).click()
    }
    const isOn = (on: boolean): Promise<void> => visit.page.locator(`[data-rule="slow-first-token"][data-on="${on}"]`).waitFor()
    await isOn(true)
    await write('rules:\n  - nome: x\n')
    await visit.page.getByRole('dialog').getByRole('alert').getByText(/nome/).waitFor()
    await visit.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await write('rules:\n  - name: slow-first-token\n    on: false\n')
    await isOn(false)
    assert.equal((await visit.home.get<{ own: string }>('/helix/v1/alerts/rules')).own, 'rules:\n  - name: slow-first-token\n    on: false\n')
    await write('')
    await isOn(true)
  })

  test('colours are chosen and remembered; sessions are ended when that was confirmed, and not before', async () => {
    await visit.signedIn('#/settings')
    await visit.page.locator('#panel-browsers').getByText('Dark', { exact: true }).click()
    await visit.page.reload()
    await visit.page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark')
    const many = async (): Promise<number> => (await visit.home.get<{ sessions: readonly unknown[] }>('/helix/v1/sessions')).sessions.length
    await visit.page.getByRole('button', { name: 'End all sessions' }).click()
    await visit.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await visit.page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.ok(await many() > 0)
    await visit.page.getByRole('button', { name: 'End all sessions' }).click()
    await visit.page.getByRole('button', { name: 'End them all' }).click()
    await visit.page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    assert.equal(await many(), 0)
  })

  inLongRun('another browser is let in and its session ended; this one signs out', async () => {
    await visit.signedIn('#/settings')
    await visit.page.getByRole('button', { name: 'Link for another browser' }).click()
    const link = await visit.page.locator('.secret').innerText()
    const other = await visit.browser.newContext({ userAgent: 'another browser' })
    const page = await other.newPage()
    await page.goto(link)
    await page.locator('tr[data-provider]').first().waitFor()
    await visit.page.getByRole('button', { name: 'Close', exact: true }).click()
    await visit.page.reload()
    await visit.page.getByRole('button', { name: 'End the session of another browser' }).click()
    await page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    await other.close()
    await visit.page.getByRole('button', { name: 'Sign out' }).click()
    await visit.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
    await visit.page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    assert.equal(await visit.page.evaluate(() => localStorage.getItem('helix.csrf')), null)
  })

  test('the playground asks one model and two, and routing explains', async () => {
    await visit.signedIn('#/playground')
    await visit.page.getByLabel('Model', { exact: true }).selectOption('story')
    await visit.page.getByLabel('Message', { exact: true }).fill('Who are you?')
    await visit.page.keyboard.press('Enter')
    await visit.page.getByText(/\d+ tokens in, \d+ out/).waitFor()
    await visit.page.getByText(/story at (builtin|second)/).waitFor()
    await visit.page.getByRole('button', { name: 'Compare with a second model' }).click()
    await visit.page.getByLabel('Message', { exact: true }).fill('And you?')
    await visit.page.getByRole('button', { name: 'Send' }).click()
    await visit.page.waitForFunction(() => (document.querySelector('#main')?.textContent?.match(/tokens in, \d+ out/g) ?? []).length === 2)
    await visit.page.getByRole('button', { name: 'Begin anew' }).click()
    assert.equal(await visit.page.locator('.turn').count(), 0)
    await visit.go('#/routing')
    await visit.page.locator('#panel-explain').getByLabel('Model').selectOption('story')
    await visit.page.getByRole('button', { name: 'Explain' }).click()
    await visit.page.getByText(/It would go to (builtin|second)-story as story/).waitFor()
  })

  inLongRun('logs are followed, searched and told apart; a model is pulled in vain and removed', async () => {
    await visit.signedIn('#/logs')
    await visit.page.getByText('live;').waitFor()
    await visit.page.getByLabel('Search').fill('Ready: answers builtin')
    await visit.page.waitForFunction(() => { const lines = [...document.querySelectorAll('.log-line')]; return lines.length > 0 && lines.every(line => line.textContent!.includes('builtin') && line.querySelector('mark')) })
    await visit.page.getByLabel('Of', { exact: true }).selectOption('second')
    await visit.page.getByLabel('Search').fill('')
    await visit.page.locator('.log-line').getByText('the second one begins').first().waitFor()
    await visit.go('#/models')
    await visit.page.getByLabel(/A name of the catalogue/).fill('smollm2-135m')
    await visit.page.getByRole('button', { name: 'Pull', exact: true }).click()
    await visit.page.locator('#panel-pull').getByText(/offline/).waitFor()
    await visit.page.getByRole('button', { name: 'Remove story' }).click()
    await visit.page.getByRole('button', { name: 'Remove it' }).click()
    await eventually(async () => (await visit.home.get<{ models: readonly unknown[] }>('/helix/v1/models')).models.length === 0, 'it is removed')
    await visit.page.getByText('The library is empty.').waitFor()
    assert.deepEqual(visit.complaints, [])
  })

  test('a provider goes back to its release before, and is removed', async () => {
    await visit.signedIn('#/providers/second')
    const card = visit.page.locator('#panel-provider')
    const versions = (): Promise<{ current: string | null; previous: string | null; pinned: string | null }> => visit.home.get('/helix/v1/providers/second/versions')
    await card.getByRole('button', { name: /^Roll back/ }).click()
    await visit.page.getByRole('dialog').getByText('It uses 0.9 again instead of 1.0').waitFor()
    await visit.page.getByRole('button', { name: 'Roll it back' }).click()
    await visit.page.getByText('uses 0.9 again, and keeps it until it is updated').waitFor()
    const { current, previous, pinned } = await versions()
    assert.deepEqual({ current, previous, pinned }, { current: '0.9', previous: '1.0', pinned: '0.9' })
    await visit.page.locator('#panel-releases').getByText('(kept by your word)').waitFor()
    await card.getByRole('button', { name: /^Remove/ }).click()
    await visit.page.getByRole('button', { name: 'Remove it' }).click()
    await eventually(async () => (await visit.home.provider('second')).state === 'available', 'it is not installed')
    await visit.page.locator('#panel-releases').getByText('No release of it is installed.').waitFor()
    await eventually(() => !existsSync(join(visit.home.llm, 'providers', 'second', 'versions')), 'its files are deleted')
  })
})

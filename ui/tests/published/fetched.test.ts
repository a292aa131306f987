import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { Locator } from 'playwright-core'
import { eventually } from './eventually.ts'
import { retold } from './gguf.ts'
import { binary, type Home, scriptOf, SELFTEST } from './home.ts'
import { Upstream } from './upstream.ts'
import { onPublished } from './visit.ts'

const upstream = new Upstream()
const COMMAND = `exec '${binary}' engine "$@"`
const TERMS = 'https://example.org/terms'

const programOf = (id: string): string => `/releases/${id}/1.0/engine`

/** So large that it comes in more than one piece; a shell never reads so far. */
const PADDING = `#${'.'.repeat(400_000)}\n`

/** A model that the library has not: the self-test's, with another name in it. */
const modelOf = (home: Home, name: string): Buffer => retold(readFileSync(join(home.llm, 'providers', 'builtin', `${SELFTEST}.gguf`)), { 'general.name': name })

/** Puts a whole file there at once, which nobody has written to for an hour. */
function lay(home: Home, file: string, bytes: Buffer): void {
  const [beside, then] = [join(home.folder, 'laid'), new Date(Date.now() - 3_600_000)]
  writeFileSync(beside, bytes)
  utimesSync(beside, then, then)
  mkdirSync(dirname(file), { recursive: true })
  renameSync(beside, file)
}

onPublished('what is fetched comes with its progress, is stopped, and goes on', {
  settings: 'auto_manager:\n  auto_install: false\n  auto_update: false\n',
  enabled: ['third', 'fourth', 'fifth'],
  before: async home => {
    await upstream.start()
    delete home.environment['HELIX_OFFLINE']
    home.environment['HF_ENDPOINT'] = `${upstream.url}/hub`
    home.environment['HELIX_SANDBOX_READS'] = dirname(binary)
    appendFileSync(home.config, `sources:\n  mirrors:\n    - https://example.org/=${upstream.url}/releases/\n    - https://api.github.com/=${upstream.url}/github/\n`)
    home.addProvider('third', COMMAND, { name: 'A third engine', installed: null })
    home.addProvider('fourth', COMMAND, { name: 'A fourth engine', installed: '0.9', page: '/v1/models', newer: 'someone/fourth' })
    home.addProvider('fifth', COMMAND, { name: 'A fifth engine', installed: null, terms: TERMS })
    for (const id of ['third', 'fourth', 'fifth']) upstream.offer(programOf(id), scriptOf(COMMAND) + PADDING)
    upstream.offer('/github/repos/someone/fourth/releases/latest', '{"tag_name":"v1.1"}')
  },
  after: async home => {
    await home.helix('models', 'add', join(home.llm, 'providers', 'builtin', `${SELFTEST}.gguf`), '--name', 'story')
  },
}, visit => {
  const card = (): Locator => visit.page.locator('#panel-provider')
  const dialog = (): Locator => visit.page.getByRole('dialog')
  const versions = async (id: string): Promise<{ current: string | null; previous: string | null; pinned: string | null }> => {
    const { current, previous, pinned } = await visit.home.get<{ current?: string | null; previous?: string | null; pinned?: string | null }>(`/helix/v1/providers/${id}/versions`)
    return { current: current ?? null, previous: previous ?? null, pinned: pinned ?? null }
  }
  const library = async (): Promise<readonly string[]> => (await visit.home.get<{ models: readonly { id: string }[] }>('/helix/v1/models')).models.map(each => each.id)
  /** How far the bar is that the page of a provider shows, from 0 to 1. */
  const progress = (): Promise<number> => card().getByRole('progressbar').evaluate(bar => (bar as HTMLProgressElement).value)

  test('a provider is installed, its progress is seen, and it answers', async () => {
    const go = upstream.hold(programOf('third'))
    await visit.signedIn()
    await visit.row('third').getByRole('button', { name: /^Install/ }).click()
    await dialog().getByRole('button', { name: 'Install it' }).click()
    await visit.page.locator('tr[data-provider="third"][data-state="installing"]').getByText(/downloading engine, \d+ % of/i).waitFor()
    await visit.go('#/providers/third')
    const share = await progress()
    assert.ok(share > 0 && share < 1, `${share}`)
    go()
    await visit.page.getByText('third 1.0 is installed (it answered with the self-test model)').waitFor()
    await visit.page.locator('#panel-releases').getByText('it answered with the self-test model').waitFor()
    assert.deepEqual(await versions('third'), { current: '1.0', previous: null, pinned: null })
    await eventually(async () => {
      const answer = await fetch(`${visit.address}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-helix-cache': 'off' }, body: JSON.stringify({ model: 'third/story', messages: [{ role: 'user', content: 'Hi' }] }) })
      await answer.text()
      return answer.status === 200 && answer.headers.get('x-helix-provider') === 'third'
    }, 'it answers')
  })

  test('what has terms of its own is installed once they are accepted, and not before', async () => {
    await visit.signedIn('#/providers/fifth')
    await card().getByRole('button', { name: /^Install/ }).click()
    await dialog().getByText(TERMS).waitFor()
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await dialog().waitFor({ state: 'detached' })
    assert.ok(!upstream.began.some(each => each.path === programOf('fifth')))
    await card().getByRole('button', { name: /^Install/ }).click()
    await dialog().getByRole('button', { name: 'Accept and install' }).click()
    await visit.page.locator('#panel-releases').getByText('it answered with the self-test model').waitFor()
    assert.equal((await versions('fifth')).current, '1.0')
    await card().getByRole('link', { name: TERMS }).waitFor({ state: 'detached' })
  })

  test('a newer release is looked for, a provider is updated, its progress is seen, and it goes back', async () => {
    const go = upstream.hold(programOf('fourth'))
    await visit.signedIn('#/providers/fourth')
    await visit.page.getByRole('button', { name: 'Look for a newer one' }).click()
    await visit.page.locator('#panel-releases').getByText('Newest upstream: 1.1').waitFor()
    await card().getByRole('button', { name: /^Update/ }).click()
    await dialog().getByText('0.9 stays until its successor has answered.').waitFor()
    await dialog().getByRole('button', { name: 'Update it' }).click()
    await card().getByText(/1\.0 is being installed: downloading engine, \d+ % of/).waitFor()
    const share = await progress()
    assert.ok(share > 0 && share < 1, `${share}`)
    assert.equal((await visit.home.provider('fourth')).release, '0.9')
    go()
    await visit.page.getByText('fourth 1.0 is installed (it answered with the self-test model)').waitFor()
    assert.deepEqual(await versions('fourth'), { current: '1.0', previous: '0.9', pinned: null })
    await card().getByText('1.0', { exact: true }).waitFor()
    await card().getByRole('button', { name: /^Roll back/ }).click()
    await dialog().getByText('It uses 0.9 again instead of 1.0').waitFor()
    await dialog().getByRole('button', { name: 'Roll it back' }).click()
    await visit.page.getByText('fourth uses 0.9 again, and keeps it until it is updated').waitFor()
    assert.deepEqual(await versions('fourth'), { current: '0.9', previous: '1.0', pinned: '0.9' })
    await eventually(async () => (await visit.home.provider('fourth')).release === '0.9', 'the release before is in use')
  })

  test('an engine’s own page opens in a tab of its own, by a link that works once', async () => {
    await visit.signedIn('#/providers/fourth')
    await card().getByRole('button', { name: /^Open its own page/ }).click()
    await dialog().getByText('It works with story.').waitFor()
    const link = dialog().getByRole('link', { name: 'Open it in a new tab' })
    const address = (await link.getAttribute('href'))!
    const [page] = await Promise.all([visit.context.waitForEvent('page'), link.click()])
    await page.getByText('"story"').waitFor()
    const opened = new URL(page.url())
    assert.equal(opened.pathname, '/v1/models')
    assert.notEqual(opened.origin, visit.address)
    await dialog().waitFor({ state: 'detached' })
    const again = await fetch(address)
    assert.equal(again.status, 403)
    assert.match(await again.text(), /used already/)
    await page.close()
  })

  test('a pull is stopped, goes on where it was, under the name that was wished for; the model is removed', async () => {
    const [source, file] = ['hf:someone/some-model/model.gguf', '/hub/someone/some-model/model.gguf']
    upstream.offer(file, modelOf(visit.home, 'pulled'))
    const go = upstream.hold(file)
    await visit.signedIn('#/models')
    const pulling = visit.page.locator('#panel-pull')
    await pulling.getByLabel(/A name of the catalogue/).fill(source)
    await pulling.getByLabel('A name of your own, if you like').fill('mine')
    await pulling.getByRole('button', { name: 'Pull', exact: true }).click()
    await pulling.getByText(/Downloading [1-9]\d*\s%/).waitFor()
    const { left } = upstream
    await pulling.getByRole('button', { name: `Stop pulling ${source}` }).click()
    await pulling.getByText(`${source} was stopped`).waitFor()
    await eventually(() => upstream.left > left, 'nothing is fetched any more')
    assert.ok(!(await library()).includes('mine'))
    go()
    await pulling.getByRole('button', { name: 'Pull again' }).click()
    await visit.page.getByText('mine is in the library').waitFor()
    const [first, second] = upstream.began.filter(each => each.path === file)
    assert.equal(first!.from, 0)
    assert.ok(second!.from > 0, 'what had come was fetched again')
    await visit.page.getByRole('button', { name: 'Remove mine' }).click()
    await dialog().getByRole('button', { name: 'Remove it' }).click()
    await visit.page.locator('[data-library="mine"]').waitFor({ state: 'detached' })
    assert.ok(!(await library()).includes('mine'))
  })

  test('a model of the catalogue is pulled by its button; what the hub has not is said, until that is closed', async () => {
    await visit.signedIn('#/models')
    await visit.page.getByRole('button', { name: 'Pull smollm2-135m', exact: true }).click()
    const pulling = visit.page.locator('#panel-pull')
    await pulling.getByText(/^smollm2-135m: .* has no file/).waitFor()
    await pulling.getByRole('button', { name: 'Close' }).click()
    await pulling.locator('.note').waitFor({ state: 'detached' })
  })

  test('a model of another program is imported; one that somebody laid into the folder is removed where that was confirmed', async () => {
    const [theirs, own] = [join(visit.home.folder, 'user', '.lmstudio', 'models', 'someone', 'thing', 'other.gguf'), join(visit.home.llm, 'models', 'laid.gguf')]
    lay(visit.home, theirs, modelOf(visit.home, 'other'))
    await visit.signedIn('#/models')
    await visit.page.getByRole('button', { name: 'Look for them' }).click()
    await visit.page.getByRole('button', { name: 'Import lmstudio:someone/thing/other.gguf' }).click()
    await visit.page.locator('#panel-others').getByText('Is other').waitFor()
    await visit.page.locator('[data-library="other"]').waitFor()
    assert.ok((await library()).includes('other'))

    lay(visit.home, own, modelOf(visit.home, 'laid'))
    await visit.page.getByRole('button', { name: 'Remove laid' }).click()
    await dialog().getByText(`You put it there yourself: ${own}`).waitFor()
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await dialog().waitFor({ state: 'detached' })
    assert.ok(existsSync(own))
    await visit.page.getByRole('button', { name: 'Remove laid' }).click()
    await dialog().getByRole('button', { name: 'Remove it' }).click()
    await visit.page.locator('[data-library="laid"]').waitFor({ state: 'detached' })
    assert.ok(!existsSync(own) && existsSync(theirs))
    assert.deepEqual(visit.complaints, [])
  })
})

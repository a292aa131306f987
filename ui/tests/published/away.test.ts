import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agrees } from './agree.ts'
import { inLongRun, onPublished } from './visit.ts'

onPublished('where there is nothing, and where helix is away', {}, visit => {
  test('who is not signed in is told how; a link that was used says so', async () => {
    const link = await visit.home.link()
    await visit.page.goto(visit.address)
    await visit.page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    await visit.page.locator('pre').getByText('helix dashboard').waitFor()
    assert.equal(await visit.page.locator('tr[data-provider]').count(), 0)
    await visit.page.goto(link)
    await visit.page.locator('tr[data-provider]').first().waitFor()
    assert.equal(new URL(visit.page.url()).hash, '#/')

    await visit.fresh({})
    await visit.page.goto(link)
    await visit.page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    assert.ok(!visit.page.url().includes(link.split('/').at(-1)!))
  })

  test('what is empty says so, and what to do', async () => {
    await visit.signedIn()
    await visit.page.getByRole('heading', { level: 1, name: 'There is no model yet' }).waitFor()
    await visit.page.getByText('the self-test answers in the place of a model').waitFor()
    await visit.page.getByText('There is nothing to see to.').waitFor()
    await visit.page.getByText('No stream was answered in the last five minutes.').waitFor()
    const alerts = visit.page.locator('#panel-alerts')
    await alerts.getByText('Silences', { exact: true }).click()
    await alerts.getByText('Nothing is silenced.').waitFor()
    await alerts.getByText('History', { exact: true }).click()
    await alerts.getByText('No alert is over yet.').waitFor()
    for (const [place, words] of [['#/models', 'The library is empty.'], ['#/routing', 'No request was sent to an engine yet.'], ['#/playground', 'Nothing was said yet.'], ['#/settings', 'No key was made yet.'], ['#/providers/llamacpp', 'No release of it is installed.'], ['#/providers/nobody', 'There is no provider called nobody.'], ['#/nowhere', 'Nothing is shown at this address.']] as const) {
      await visit.go(place)
      await visit.page.getByText(words).waitFor()
    }
    assert.deepEqual(visit.complaints, [])
  })

  test('while helix is away the page says so and keeps what it knew; what is done then is refused in words; it goes on by itself', async () => {
    await visit.signedIn()
    await visit.home.stop()
    await visit.page.getByText('Not connected:').waitFor()
    assert.equal(await visit.page.locator('tr[data-provider]').count(), 13)
    await visit.page.getByRole('button', { name: 'Run now: security' }).click()
    await visit.page.getByText('helix does not answer').waitFor()
    assert.deepEqual(await visit.violations(), [])
    await visit.home.start()
    await visit.page.locator('.side [data-link="live"]').waitFor({ timeout: 40_000 })
    await visit.page.getByText('Not connected:').waitFor({ state: 'detached' })
    await agrees(visit)
  })

  test('who does not want to wait for the next try tries now', async () => {
    await visit.signedIn()
    // the page would wait for minutes by itself
    await visit.page.addInitScript(() => { Math.random = () => 1000 })
    await visit.context.route('**/helix/v1/live', route => route.abort())
    await visit.page.reload()
    await visit.page.getByRole('heading', { name: 'helix does not answer' }).waitFor()
    await visit.context.unroute('**/helix/v1/live')
    await visit.page.getByRole('button', { name: 'Try now' }).click()
    await visit.row('builtin').waitFor()
  })

  test('a link that does not work keeps nobody from the session that he has', async () => {
    await visit.signedIn()
    await visit.page.goto('about:blank')
    await visit.page.goto(`${visit.address}/#/sign-in/used-up`)
    await visit.page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    await visit.page.getByRole('button', { name: 'Go on with the session of before' }).click()
    await visit.row('builtin').waitFor()
  })

  inLongRun('a session that is ended elsewhere is over here at once', async () => {
    await visit.signedIn()
    await visit.home.helix('dashboard', '--sign-out-all')
    await visit.page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    assert.equal(await visit.page.locator('tr[data-provider]').count(), 0)
  })
})

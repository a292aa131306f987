import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agrees } from './agree.ts'
import { movesOf, watchMoves } from './screen.ts'
import { inLongRun, isLong, onPublished, PLACES, type Visit } from './visit.ts'

const focused = (visit: Visit): Promise<string> => visit.page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '')

/** Goes on with one key until what has the focus is called so. */
async function until(visit: Visit, key: string, name: string): Promise<void> {
  const passed: string[] = []
  for (let step = 0; step < 150; step++) {
    await visit.page.keyboard.press(key)
    passed.push(await focused(visit))
    if (passed.at(-1) === name) return
  }
  assert.fail(`${name} is not reached with ${key}; passed: ${passed.join(', ')}`)
}

onPublished('how the dashboard of a running helix looks, and to whom', {}, visit => {
  for (const [scheme, width] of isLong ? [['light', 1280], ['light', 320], ['dark', 1280], ['dark', 320]] as const : [['light', 320], ['dark', 1280]] as const)
    test(`axe finds nothing, and nothing has to be pushed aside: ${scheme}, ${width} px`, async () => {
      await visit.fresh({ colorScheme: scheme, viewport: { width, height: 800 } })
      await visit.signedIn()
      await agrees(visit)
      for (const place of isLong ? PLACES : width === 320 ? ['#/', '#/models'] : ['#/', '#/settings']) {
        await visit.go(place)
        await visit.painted()
        assert.deepEqual((await visit.violations()).map(each => `${place} ${each}`), [])
        const wide = await visit.page.evaluate(() => document.documentElement.scrollWidth)
        assert.ok(wide <= width, `${place} is ${wide} px wide`)
      }
      assert.deepEqual(visit.complaints, [])
    })

  inLongRun('axe finds nothing where one signs in, in a dialog and in a menu', async () => {
    await visit.page.goto(visit.address)
    await visit.page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    assert.deepEqual(await visit.violations(), [])
    await visit.signedIn()
    await visit.row('builtin').getByRole('button', { name: /^Stop/ }).click()
    await visit.page.getByRole('dialog').waitFor()
    assert.deepEqual(await visit.violations(), [])
    await visit.page.keyboard.press('Escape')
    await visit.row('builtin').getByRole('button', { name: /^More/ }).click()
    assert.deepEqual(await visit.violations(), [])
  })

  inLongRun('who wants no motion has none', async () => {
    await visit.fresh({ reducedMotion: 'reduce' })
    await visit.signedIn()
    await visit.row('builtin').getByRole('button', { name: /^Stop/ }).click()
    await visit.page.getByRole('button', { name: 'Stop it' }).click()
    assert.equal(await visit.page.evaluate(() => document.getAnimations().length), 0)
    await visit.page.locator('tr[data-provider="builtin"][data-state="standby"]').waitFor()
    await visit.row('builtin').getByRole('button', { name: /^Start/ }).click()
    assert.equal(await visit.page.evaluate(() => document.getAnimations().length), 0)
    await visit.page.locator('tr[data-provider="builtin"][data-state="ready"]').waitFor()
    for (const place of PLACES) {
      await visit.go(place)
      assert.equal(await visit.page.evaluate(() => document.getAnimations().length), 0, place)
    }
  })

  test('with the keyboard alone an engine is stopped and started, a page opened and a model asked', async () => {
    await visit.signedIn()
    await visit.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await visit.page.keyboard.press('Tab')
    assert.equal(await focused(visit), 'Skip to the content')
    await visit.page.keyboard.press('Enter')
    const { name } = await visit.home.provider('builtin')
    await until(visit, 'Tab', `Stop: ${name}`)
    await visit.page.keyboard.press('Enter')
    await visit.page.getByRole('dialog').waitFor()
    await until(visit, 'Tab', 'Stop it')
    await visit.page.keyboard.press('Enter')
    await visit.page.locator('tr[data-provider="builtin"][data-state="standby"]').waitFor()
    assert.equal((await visit.home.provider('builtin')).state, 'standby')
    // the button is another now, at the same place, and the focus is still on it
    await visit.page.waitForFunction(wanted => document.activeElement?.getAttribute('aria-label') === wanted && !document.activeElement.hasAttribute('aria-disabled'), `Start: ${name}`)
    await visit.page.keyboard.press('Enter')
    await visit.page.locator('tr[data-provider="builtin"][data-state="ready"]').waitFor()
    await until(visit, 'Shift+Tab', 'Playground')
    await visit.page.keyboard.press('Enter')
    await visit.page.waitForFunction(() => document.activeElement?.id === 'page-title' && document.activeElement.textContent === 'Playground')
    for (let step = 0; step < 20 && await visit.page.evaluate(() => document.activeElement?.id) !== 'question'; step++) await visit.page.keyboard.press('Tab')
    await visit.page.keyboard.type('Who are you?')
    await visit.page.keyboard.press('Enter')
    await visit.page.locator('.turn.assistant .said').getByText('helix').waitFor()
  })

  test('nothing moves while it is drawn and while an engine comes and goes', async () => {
    await watchMoves(visit)
    await visit.signedIn()
    process.kill(await visit.home.engine(), 'SIGKILL')
    await visit.page.locator('tr[data-provider="builtin"]:not([data-state="ready"])').waitFor()
    await visit.page.locator('tr[data-provider="builtin"][data-state="ready"]').waitFor()
    await agrees(visit)
    await visit.painted()
    const { moved, what } = await movesOf(visit)
    assert.ok(moved < 0.001, `${moved}: ${what.join('\n')}`)
  })
})

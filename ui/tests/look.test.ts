import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inBrowser, PLACES } from './visit.ts'

inBrowser('how the dashboard looks, and to whom', visit => {
  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1280, 320])
      test(`axe finds nothing, ${scheme}, ${width} px`, async () => {
        await visit.fresh({ colorScheme: scheme, viewport: { width, height: 800 } })
        await visit.signedIn()
        for (const place of PLACES) {
          await visit.go(place)
          await visit.painted()
          assert.deepEqual((await visit.violations()).map(each => `${place} ${each}`), [])
        }
      })

  test('axe finds nothing in dialogs, in the menu and where nobody is signed in', async () => {
    await visit.fresh({ viewport: { width: 320, height: 800 } })
    await visit.signedIn()
    const look = async (): Promise<void> => assert.deepEqual(await visit.violations(), [])
    await visit.page.getByRole('button', { name: 'Menu' }).click()
    await look()
    await visit.page.keyboard.press('Escape')
    await visit.row('llamacpp').getByRole('button', { name: /^Stop/ }).click()
    await look()
    await visit.page.keyboard.press('Escape')
    await visit.row('llamacpp').getByRole('button', { name: /^More/ }).click()
    await look()
    visit.standin.signOutAll()
    await visit.page.getByRole('heading', { name: 'Sign in to helix' }).waitFor()
    await look()
  })

  test('on a narrow screen nothing has to be pushed aside', async () => {
    await visit.fresh({ viewport: { width: 320, height: 640 } })
    await visit.signedIn()
    for (const place of PLACES) {
      await visit.go(place)
      await visit.painted()
      const wide = await visit.page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= 320, `${place} is ${wide} px wide`)
    }
  })

  test('while things change nothing moves', async () => {
    await visit.signedIn()
    await visit.page.evaluate(() => {
      Object.assign(globalThis, { moved: 0, what: [] })
      new PerformanceObserver(list => {
        for (const entry of list.getEntries() as unknown as { value: number; sources: { node?: Node; previousRect: DOMRect; currentRect: DOMRect }[] }[]) {
          const seen = globalThis as unknown as { moved: number; what: string[] }
          seen.moved += entry.value
          for (const { node, previousRect: was, currentRect: is } of entry.sources) seen.what.push(`${entry.value.toFixed(4)} ${node instanceof Element ? `${node.tagName}.${node.getAttribute('class')}` : String(node?.nodeName)} ${was.x},${was.y} ${was.width}x${was.height} to ${is.x},${is.y} ${is.width}x${is.height}`)
        }
      }).observe({ type: 'layout-shift', buffered: true })
    })
    for (const state of ['critical', 'ready', 'recovering', 'starting', 'standby', 'installing']) {
      for (const id of ['vllm', 'builtin', 'llamacpp']) visit.standin.amend('providers', id, { state, reason: `it is ${state} ${'for a reason that is rather long '.repeat(5)}`, model: state === 'ready' ? 'a-model-with-a-rather-long-name-that-wraps' : null })
      visit.standin.amend('figures', 'builtin', { memory_bytes: 1e9 * state.length, requests: 10 ** state.length })
      visit.standin.change({ alerts: { [state.length * 100]: { ...(visit.standin.state['alerts']!['2'] as object), id: state.length * 100 } }, traffic: { now: { in_flight: state.length, requests: 1, errors: 0, requests_per_second: 1, tokens_per_second: 10 ** (state.length % 5) } } })
      await visit.page.locator(`tr[data-provider="llamacpp"][data-state="${state}"]`).waitFor()
      await visit.painted()
    }
    const seen = await visit.page.evaluate(() => {
      const { moved, what } = globalThis as unknown as { moved: number; what: string[] }
      return { moved, what }
    })
    assert.ok(seen.moved < 0.001, `${seen.moved}: ${[...new Set(seen.what)].join('\n')}`)
  })

  test('who wants no motion has none', async () => {
    await visit.fresh({ reducedMotion: 'reduce' })
    visit.standin.delay = 1500
    await visit.signedIn()
    await visit.row('gpt4all').getByRole('button', { name: /^Start/ }).click()
    await visit.row('gpt4all').locator('button[aria-busy="true"]').waitFor()
    assert.equal(await visit.page.evaluate(() => document.getAnimations().length), 0)
  })

  test('it can be used soon', async context => {
    await visit.signedIn()
    const times: number[] = []
    for (let turn = 0; turn < 5; turn++) {
      await visit.page.reload()
      await visit.page.locator('tr[data-provider]').first().waitFor()
      times.push(await visit.page.evaluate(() => performance.getEntriesByName('helix-ready')[0]?.startTime ?? Infinity))
    }
    times.sort((a, b) => a - b)
    context.diagnostic(`usable ${times.map(each => each.toFixed(0)).join(', ')} ms after the navigation`)
    // the figure is judged by bench/run dashboard, on a machine that does nothing else
    assert.ok(times[2]! <= 5000, `${times.map(each => each.toFixed(0)).join(', ')} ms`)
  })
})

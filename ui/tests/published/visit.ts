import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { launch, noBrowser, ui, Window } from '../window.ts'
import { Home } from './home.ts'

/** Whether everything is repeated in full, as `./test --long` wants it. */
export const isLong = Boolean(process.env['HELIX_TEST_LONG'])

/** What waits for longer than a short run is to take. */
export const inLongRun = (name: string, act: () => Promise<void>): void => {
  if (isLong) test(name, act)
}

/** One place of each kind. */
export const PLACES = ['#/', '#/providers/builtin', '#/models', '#/routing', '#/playground', '#/logs', '#/history', '#/settings', '#/nowhere']

/** A page in a real browser, at the published program. */
export class Visit extends Window {
  home!: Home

  override async fresh(options: Parameters<Browser['newContext']>[0]): Promise<void> {
    await super.fresh(options)
    // while one works on the page: that of ui/dist in the place of what was built into the program
    if (process.env['HELIX_PAGE'] === 'dist') {
      await this.context.route(({ pathname }) => pathname === '/', async route => route.fulfill({ response: await route.fetch(), body: readFileSync(join(ui, 'dist', 'index.html')) }))
      await this.context.route('**/ui/*', route => route.fulfill({ path: join(ui, 'dist', basename(new URL(route.request().url()).pathname)) }))
    }
  }

  async signedIn(place = '#/'): Promise<void> {
    await this.page.goto(await this.home.link())
    await this.page.locator('tr[data-provider]').first().waitFor()
    if (place !== '#/') await this.go(place)
  }
}

interface Prepared {
  /** Further sections of the configuration. */
  readonly settings?: string
  /** Providers besides the built-in one. */
  readonly enabled?: readonly string[]
  /** Before helix is started. */
  readonly before?: (home: Home) => void | Promise<void>
  /** Once it runs. */
  readonly after?: (home: Home) => void | Promise<void>
}

/** Tests in a browser against one running helix; skipped where there is no Chromium. */
export function onPublished(name: string, { settings, enabled, before: prepare, after: follow }: Prepared, tests: (visit: Visit) => void): void {
  if (noBrowser) {
    test(name, { skip: noBrowser }, () => {})
    return
  }
  describe(name, () => {
    const visit = new Visit()
    before(async () => {
      visit.home = await Home.make(settings, enabled)
      await prepare?.(visit.home)
      await visit.home.start()
      visit.address = visit.home.address
      await follow?.(visit.home)
      visit.browser = await launch()
    })
    after(async () => {
      await visit.browser?.close()
      await visit.home?.end()
    })
    beforeEach(() => visit.fresh({}))
    afterEach(() => visit.context.close())
    tests(visit)
  })
}

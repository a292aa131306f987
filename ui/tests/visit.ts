import { after, afterEach, before, beforeEach, describe } from 'node:test'
import { StandIn } from './standin.ts'
import { launch, noBrowser, ui, Window } from './window.ts'

/** One place of each kind. */
export const PLACES = ['#/', '#/providers/llamacpp', '#/providers/nobody', '#/models', '#/routing', '#/playground', '#/logs', '#/history', '#/settings', '#/nowhere']

/** A page in a real browser, against a stand-in of helix; both are new for each test. */
export class Visit extends Window {
  standin!: StandIn

  async signedIn(place = '#/'): Promise<void> {
    await this.page.goto(`${this.standin.address}/#/sign-in/good`)
    await this.page.locator('#panel-providers').waitFor()
    if (place !== '#/') await this.go(place)
  }
}

/** Tests in a browser; skipped where there is no Chromium. */
export function inBrowser(name: string, tests: (visit: Visit) => void): void {
  describe(name, { skip: noBrowser }, () => {
    const visit = new Visit()
    before(async () => {
      visit.browser = await launch()
    })
    after(() => visit.browser?.close())
    beforeEach(async () => {
      visit.standin = await new StandIn(ui).start()
      visit.address = visit.standin.address
      await visit.fresh({})
    })
    afterEach(async () => {
      await visit.context.close()
      await visit.standin.stop().catch(() => {})
    })
    tests(visit)
  })
}

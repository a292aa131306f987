import { execFileSync } from 'node:child_process'
import { after, afterEach, before, beforeEach, describe } from 'node:test'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'
import { StandIn } from './standin.ts'

/** Where the dashboard's source and dist are. */
export const ui = process.env['HELIX_UI']!

const executable = process.env['HELIX_CHROMIUM'] || found('chromium') || found('google-chrome')

function found(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/** One place of each kind. */
export const PLACES = ['#/', '#/providers/llamacpp', '#/providers/nobody', '#/models', '#/routing', '#/playground', '#/logs', '#/history', '#/settings', '#/nowhere']

/** A page in a real browser, against a stand-in of helix; both are new for each test. */
export class Visit {
  standin!: StandIn
  context!: BrowserContext
  page!: Page

  /** What the browser found fault with: errors, and requests to anybody else. */
  complaints: string[] = []

  browser!: Browser

  async fresh(options: Parameters<Browser['newContext']>[0]): Promise<void> {
    await this.context?.close()
    this.context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    this.page = await this.context.newPage()
    this.complaints = []
    this.page.on('console', message => {
      // a refused request is told on the console by the browser itself
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) this.complaints.push(message.text())
    })
    this.page.on('pageerror', error => this.complaints.push(String(error)))
    this.page.on('request', request => {
      if (!request.url().startsWith(this.standin.address)) this.complaints.push(`asked ${request.url()}`)
    })
  }

  async signedIn(place = '#/'): Promise<void> {
    await this.page.goto(`${this.standin.address}/#/sign-in/good`)
    await this.page.locator('#panel-providers').waitFor()
    if (place !== '#/') await this.go(place)
  }

  async go(place: string): Promise<void> {
    await this.page.evaluate(to => { location.hash = to }, place)
    await this.page.locator('main h1').first().waitFor()
    await this.page.waitForFunction(() => document.querySelectorAll('main [aria-busy="true"] .skeleton').length === 0)
  }

  /** Until what has changed is painted. */
  painted(): Promise<void> {
    return this.page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))))
  }

  row(id: string): Locator {
    return this.page.locator(`tr[data-provider="${id}"]`)
  }
}

/** Tests in a browser; skipped where there is no Chromium. */
export function inBrowser(name: string, tests: (visit: Visit) => void): void {
  describe(name, { skip: executable ? false : 'no Chromium is here; HELIX_CHROMIUM names one' }, () => {
    const visit = new Visit()
    before(async () => {
      visit.browser = await chromium.launch({ executablePath: executable!, args: ['--no-sandbox'] })
    })
    after(() => visit.browser?.close())
    beforeEach(async () => {
      visit.standin = await new StandIn(ui).start()
      await visit.fresh({})
    })
    afterEach(async () => {
      await visit.context.close()
      await visit.standin.stop().catch(() => {})
    })
    tests(visit)
  })
}

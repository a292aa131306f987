import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'

/** Where the dashboard's source and dist are. */
export const ui = process.env['HELIX_UI']!

const executable = process.env['HELIX_CHROMIUM'] || found('chromium') || found('google-chrome')

/** Why no test in a browser can be run here; false where one can. */
export const noBrowser: string | false = executable ? false : 'no Chromium is here; HELIX_CHROMIUM names one'

function found(name: string): string | undefined {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: executable!, args: ['--no-sandbox'] })

const axe = readFileSync(createRequire(`${ui}/package.json`).resolve('axe-core/axe.min.js'), 'utf8')

/** A notice of the browser, as the page made it. */
interface Shown {
  readonly title: string
  readonly body: string
  readonly tag: string
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** A page of the dashboard in a real browser. */
export class Window {
  browser!: Browser
  context!: BrowserContext
  page!: Page

  /** Where helix answers, or what stands in for it. */
  address = ''

  /** What the browser found fault with: errors, and requests to anybody else. */
  complaints: string[] = []

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
      if (!request.url().startsWith(this.address)) this.complaints.push(`asked ${request.url()}`)
    })
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

  /** Before a page is opened: puts a recorder in the place of the browser's notices, which no test sees. Its user says yes. */
  async recordNotices(): Promise<void> {
    await this.page.addInitScript(() => {
      const shown: Shown[] = []
      class Recorder extends EventTarget {
        static get permission(): string {
          return localStorage.getItem('test.allowed') ?? 'default'
        }

        static async requestPermission(): Promise<string> {
          localStorage.setItem('test.allowed', 'granted')
          return 'granted'
        }

        constructor(title: string, { body, tag }: { body: string; tag: string }) {
          super()
          shown.push({ title, body, tag })
          Object.assign(globalThis, { lastNotice: this })
        }

        close(): void {}
      }
      Object.assign(globalThis, { shown })
      Object.defineProperty(globalThis, 'Notification', { value: Recorder, configurable: true })
    })
  }

  /** Waits until so many were shown since the page was opened. */
  async notices(many: number): Promise<readonly Shown[]> {
    const all = await this.page.waitForFunction(count => {
      const { shown } = globalThis as unknown as { shown: Shown[] }
      return shown.length >= count ? shown : null
    }, many)
    return (await all.jsonValue())!
  }

  /** What axe finds in what is shown now, in words. */
  async violations(): Promise<readonly string[]> {
    await this.page.evaluate(axe)
    const { violations } = await this.page.evaluate(() => (globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Violation[] }> } }).axe.run({ resultTypes: ['violations'] }))
    return violations.map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => `${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 300)}`).join(' | ')}`)
  }
}

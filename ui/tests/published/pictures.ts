import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch, noBrowser, ui } from '../window.ts'
import { eventually } from './eventually.ts'
import { Home } from './home.ts'
import { terminalPage } from './terminal.ts'
import { Visit } from './visit.ts'

// Takes the pictures of the documents, of real engines that answer: node ui/tests/run.mjs pictures --models FOLDER [--seconds N] [--out docs/pictures]. FOLDER holds GGUF files; needs tmux.

/** More than this is not to be fetched by whoever reads the documents. */
const MOST_BYTES = 150_000

const option = (name: string, otherwise?: string): string => {
  const at = process.argv.indexOf(name)
  const found = at < 0 ? otherwise : process.argv[at + 1]
  if (found === undefined) {
    console.error('pictures --models FOLDER [--seconds N] [--out FOLDER]: FOLDER holds GGUF files.')
    process.exit(2)
  }
  return found
}

const models = option('--models')
const out = option('--out', join(ui, '..', 'docs', 'pictures'))
const seconds = Number(option('--seconds', '150'))
if (noBrowser) {
  console.error(noBrowser)
  process.exit(69)
}

/** Asks models in turn, in streams, and now and then together, until it is enough. */
async function talk(home: Home, ids: readonly string[], until: number): Promise<void> {
  const ask = async (model: string, at: number): Promise<void> => {
    const response = await fetch(`${home.address}/v1/completions`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-helix-cache': 'off' }, body: JSON.stringify({ model, prompt: `Once upon a time, ${at} friends`, max_tokens: 60 + (at % 7) * 25, stream: true, temperature: 0.8, seed: at }) })
    await response.text()
  }
  for (let at = 0; Date.now() < until; at++) {
    await Promise.all(Array.from({ length: 1 + (at % 3) }, (_, also) => ask(ids[(at + also) % ids.length]!, at)))
    await new Promise(done => setTimeout(done, 400 + ((at * 370) % 2100)))
  }
}

async function take(visit: Visit, name: string): Promise<void> {
  await visit.painted()
  const session = await visit.context.newCDPSession(visit.page)
  for (let quality = 92; quality > 30; quality -= 8) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality })
    const picture = Buffer.from(data, 'base64')
    if (picture.length > MOST_BYTES) continue
    writeFileSync(join(out, `${name}.webp`), picture)
    console.log(`${name}.webp: ${picture.length} bytes`)
    return
  }
  throw new Error(`${name} cannot be made as small as ${MOST_BYTES} bytes`)
}

const visit = new Visit()
try {
  mkdirSync(out, { recursive: true })
  visit.home = await Home.make()
  // as on a machine that helix is new to: all that can run there
  writeFileSync(visit.home.config, `gateway:\n  port: ${visit.home.port}\nbuiltin:\n  threads: 1\n  device: cpu\n`)
  await visit.home.start()
  visit.address = visit.home.address
  const files = readdirSync(models).filter(name => name.endsWith('.gguf')).map(name => join(models, name)).sort((a, b) => statSync(a).size - statSync(b).size)
  for (const file of files) await visit.home.helix('models', 'add', file)
  const ids = (await visit.home.get<{ models: readonly { id: string }[] }>('/helix/v1/models')).models.map(each => each.id)
  if (ids.length === 0) throw new Error(`no model of ${models} could be added`)
  await talk(visit.home, ids, Date.now() + seconds * 500)
  await visit.home.helix('local-llm', 'auto', 'run', 'security').catch(() => visit.home.api('POST', '/helix/v1/security/run', {}))
  visit.browser = await launch()
  const stillTalking = talk(visit.home, ids, Date.now() + seconds * 500 + 20_000)

  await visit.fresh({ colorScheme: 'light', viewport: { width: 1280, height: 1180 } })
  await visit.signedIn()
  const answers = async (): Promise<void> => {
    await eventually(async () => /[1-9]/.test(await visit.page.locator('.figures div').nth(1).innerText()), 'tokens on their way', { within: 60_000 })
  }
  await new Promise(done => setTimeout(done, seconds * 500))
  await answers()
  await take(visit, 'dashboard-light')
  // the charts, which lie below
  await visit.page.emulateMedia({ colorScheme: 'dark' })
  await visit.page.locator('#panel-performance').evaluate(panel => panel.scrollIntoView({ block: 'start' }))
  await visit.page.mouse.move(0, 0)
  await visit.page.locator('#panel-performance .uplot').waitFor()
  await visit.painted()
  await answers()
  await take(visit, 'dashboard-dark')

  await visit.fresh({ colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true })
  await visit.signedIn()
  await answers()
  await take(visit, 'dashboard-phone')

  const page = await terminalPage(visit.home, ['local-llm', 'monitor'], text => /tok/.test(text) && ids.some(id => text.includes(id)))
  await visit.fresh({ colorScheme: 'dark', viewport: { width: 1040, height: 640 } })
  await visit.page.setContent(page)
  const box = (await visit.page.locator('pre').boundingBox())!
  await visit.page.setViewportSize({ width: Math.ceil(box.width), height: Math.ceil(box.height) })
  await take(visit, 'monitor')
  await stillTalking
} finally {
  await visit.browser?.close()
  await visit.home?.end()
}

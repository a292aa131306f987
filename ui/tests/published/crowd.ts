import { get, type IncomingMessage } from 'node:http'

// So many open dashboards, as a browser's page listens: ADDRESS COOKIE COUNT. Says "open" when each has its snapshot, and, when it
// is told to end, how many bytes each was sent since.

const [address, cookie, count] = process.argv.slice(2) as [string, string, string]

let bytes = 0
const opened = Array.from({ length: Number(count) }, () => new Promise<void>((done, failed) => {
  get(`${address}/helix/v1/live`, { agent: false, headers: { accept: 'text/event-stream', cookie, 'sec-fetch-site': 'same-origin' } }, (response: IncomingMessage) => {
    if (response.statusCode !== 200) failed(new Error(`the stream was answered with ${response.statusCode}`))
    response.once('data', () => done())
    response.on('data', (piece: Buffer) => { bytes += piece.length })
    response.on('end', () => { throw new Error('a stream has ended') })
  }).on('error', failed)
}))
await Promise.all(opened)
bytes = 0
console.log('open')
process.on('SIGTERM', () => {
  console.log(Math.round(bytes / opened.length))
  process.exit()
})

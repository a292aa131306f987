import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A site of somebody else, with one page. */
export class Site {
  private readonly server: Server

  constructor(html: () => string) {
    this.server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end(`<!doctype html><title>a site</title>${html()}`)
    })
  }

  async start(): Promise<this> {
    await new Promise<void>(done => this.server.listen(0, '127.0.0.1', done))
    // a test that fails before it ends it is over all the same
    this.server.unref()
    return this
  }

  /** @param host By which name of this machine; another one is another site to a browser, another port of the same is not. */
  at(host: string): string {
    return `http://${host}:${(this.server.address() as AddressInfo).port}/`
  }

  async end(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise(done => this.server.close(done))
  }
}

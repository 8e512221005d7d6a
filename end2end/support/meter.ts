// How much goes over the wire: what the browser itself counts, headers and all, as it was compressed.

import type { CDPSession, Page } from '@playwright/test'

export type Load = {
  url: string
  /** As the browser names it: Document, Stylesheet, Script, Image, Fetch … */
  type: string
  /** 0 for what came out of the cache. */
  bytes: number
}

export class Meter {
  #loads = new Map<string, Load>()
  #redirects: Load[] = []

  private constructor() {}

  /** Counts what a page loads, from now on. */
  static async of(page: Page): Promise<Meter> {
    const meter = new Meter()
    const session = await page.context().newCDPSession(page)
    meter.#listen(session)
    await session.send('Network.enable')
    return meter
  }

  #listen(session: CDPSession) {
    const cached = new Set<string>()
    session.on('Network.requestWillBeSent', ({ requestId, request, type, redirectResponse }) => {
      if (redirectResponse) {
        this.#redirects.push({ url: redirectResponse.url, type: 'Redirect', bytes: redirectResponse.encodedDataLength })
      }
      // Pictures that stand in the browser itself, as the one in a field for a date does.
      if (request.url.startsWith('data:')) return
      this.#loads.set(requestId, { url: request.url, type: type ?? 'Other', bytes: 0 })
    })
    session.on('Network.requestServedFromCache', ({ requestId }) => cached.add(requestId))
    session.on('Network.responseReceived', ({ requestId, response }) => {
      if (response.fromDiskCache) cached.add(requestId)
    })
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const load = this.#loads.get(requestId)
      if (load && !cached.has(requestId)) load.bytes = encodedDataLength
    })
  }

  /** What was loaded so far, with the redirects on the way. */
  get loads(): Load[] {
    return [...this.#redirects, ...this.#loads.values()]
  }

  /** What came over the wire. */
  get transferred(): Load[] {
    return this.loads.filter(load => load.bytes > 0)
  }
}

/** The bytes of some loads together. */
export const bytes = (loads: Load[]): number => loads.reduce((sum, load) => sum + load.bytes, 0)

// The network traffic of the pages.

import type { BrowserContext, Request, Response } from '@playwright/test'
import { GENKAN } from './places'

type Html = { url: string; status: number; headers: Record<string, string>; html: string }

type Asked = { origin: string; referer: string }

export class Traffic {
  readonly requests: Request[] = []
  readonly #answers: Promise<Html | undefined>[] = []

  private constructor() {}

  /** Listens to all pages of a browser, from now on. */
  static of(context: BrowserContext): Traffic {
    const traffic = new Traffic()
    context.on('request', request => traffic.requests.push(request))
    context.on('response', response => traffic.#answers.push(read(response)))
    return traffic
  }

  /** All HTML of Genkan's so far: pages and fragments. A page that leads on at once is gone before it can be read. */
  async html(): Promise<Html[]> {
    const answers = await Promise.all(this.#answers)
    return answers.filter(answer => answer !== undefined)
  }

  /** Returns the requests to other sites, and the referrers that these sites got. */
  async elsewhere(): Promise<Asked[]> {
    return asked(this.requests.filter(request => !isGenkans(request.url())))
  }

  /** The same of Genkan's own pages. */
  async here(): Promise<Asked[]> {
    return asked(this.requests.filter(request => isGenkans(request.url()) && request.isNavigationRequest()))
  }
}

const isGenkans = (url: string) => url.startsWith(`${GENKAN}/`)

const asked = (requests: Request[]): Promise<Asked[]> =>
  Promise.all(
    requests.map(async request => ({ origin: new URL(request.url()).origin, referer: (await request.allHeaders())['referer'] ?? '' })),
  )

async function read(response: Response): Promise<Html | undefined> {
  const headers = response.headers()
  const isPage = isGenkans(response.url()) && headers['content-type']?.startsWith('text/html')
  if (!isPage) return undefined
  try {
    return { url: response.url(), status: response.status(), headers, html: await response.text() }
  } catch {
    return undefined
  }
}

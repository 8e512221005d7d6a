// A gateway between Genkan and Kratos that changes what passes, as one of an operator's may.

import { request, type IncomingHttpHeaders } from 'node:http'
import { withServer } from './apart'

export type Habits = {
  /** What it makes of the headers of a request. */
  asked?: (headers: IncomingHttpHeaders) => void
  /** What it makes of those of an answer. */
  answered?: (headers: IncomingHttpHeaders) => void
  /** What it says itself, by path, or by the whole address. */
  says?: Record<string, object | ((url: URL) => object)>
}

/** Those of Hydra's admin API, as far as the doctor looks at it. */
export const HYDRA: Habits = { says: { '/health/ready': { status: 'ok' }, '/admin/clients': [] } }

/** Starts one before `target`, hands over its address, and ends it. */
export const withGateway = (target: string, { asked, answered, says = {} }: Habits, use: (gateway: string) => Promise<void>) =>
  withServer((ours, answer) => {
    const url = new URL(ours.url!, target)
    const own = says[url.pathname]
    if (own) return answer.setHeader('content-type', 'application/json').end(JSON.stringify(typeof own === 'function' ? own(url) : own))
    const { method, headers } = ours
    asked?.(headers)
    const asking = request(url, { method, headers }, theirs => {
      answered?.(theirs.headers)
      answer.writeHead(theirs.statusCode!, theirs.headers)
      theirs.pipe(answer)
    })
    ours.pipe(asking)
  }, use)

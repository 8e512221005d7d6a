// A gateway between Genkan and Kratos that changes what passes, as one of an operator's may.

import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Habits = {
  /** What it makes of the headers of a request. */
  asked?: (headers: IncomingHttpHeaders) => void
  /** What it makes of those of an answer. */
  answered?: (headers: IncomingHttpHeaders) => void
  /** What it says itself, by path. */
  says?: Record<string, unknown>
}

/** Starts one before `target`, hands over its address, and ends it. */
export async function withGateway(target: string, { asked, answered, says = {} }: Habits, use: (gateway: string) => Promise<void>) {
  const server = createServer((ours, answer) => {
    const own = says[new URL(ours.url!, target).pathname]
    if (own) return answer.setHeader('content-type', 'application/json').end(JSON.stringify(own))
    const { headers } = ours
    asked?.(headers)
    const asking = request(new URL(ours.url!, target), { method: ours.method, headers }, theirs => {
      answered?.(theirs.headers)
      answer.writeHead(theirs.statusCode!, theirs.headers)
      theirs.pipe(answer)
    })
    ours.pipe(asking)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

// A Genkan apart from the stack: with settings of its own, in front of a Kratos that answers as a test wants it to.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { BASE, GENKAN } from './places'
import { GENKAN_BIN } from './stack'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const RECORDINGS = path.join(ROOT, 'tests/recordings')

const logs: string[] = []

/** What all of them have written to their logs. */
export const logsApart = (): string => logs.join('\n')

/** Starts it, hands over its address, and ends it. */
export async function withGenkan(
  { kratos, settings = {} }: { kratos: RequestListener; settings?: Record<string, string> },
  use: (genkan: string) => Promise<void>,
) {
  await withServer(kratos, async address => {
    await withProgram([], await freePort(), { KRATOS_PUBLIC_URL: address, ...settings }, use)
  })
}

/** Starts a server that answers in this way, hands over its address, and ends it. */
export async function withServer(answers: RequestListener, use: (address: string) => Promise<void>) {
  const server = createServer(answers)
  const port = await listen(server)
  try {
    await use(`http://127.0.0.1:${port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** Starts the gallery, which needs no Kratos, where else Genkan is, and ends it. */
export const withGallery = (use: () => Promise<void>) => withProgram(['gallery'], Number(new URL(GENKAN).port), {}, use)

/** A Genkan that a test may end as a crash would, and start again. */
export type Program = { log: () => string; crash: () => Promise<void>; start: () => Promise<void> }

/** The same in front of a Kratos that listens on this port, with no more than so many files open. */
export const withGenkanBefore = async (
  { kratos, settings = {}, files }: { kratos: number; settings?: Record<string, string>; files?: number },
  use: (genkan: string, program: Program) => Promise<void>,
) => {
  const command = files ? ['sh', '-c', `ulimit -n ${files}; exec "$0"`, GENKAN_BIN] : [GENKAN_BIN]
  await withCommand(command, await freePort(), { KRATOS_PUBLIC_URL: `http://127.0.0.1:${kratos}`, ...settings }, use)
}

/** A clock for one program that a test can set. The library is Debian's package `faketime`. */
export class Clock {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
    this.set('+0')
  }

  /** How far from the right time, as `+400d`. What counts from the start of the machine goes on as before, as it would. */
  set(shift: string) {
    writeFileSync(this.#file, shift)
  }

  get settings(): Record<string, string> {
    return {
      LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
  }
}

const withProgram = (args: string[], port: number, settings: Record<string, string>, use: (address: string) => Promise<void>) =>
  withCommand([GENKAN_BIN, ...args], port, settings, use)

async function withCommand(
  [command, ...args]: string[],
  port: number,
  settings: Record<string, string>,
  use: (address: string, program: Program) => Promise<void>,
) {
  const address = `http://localhost:${port}`
  const env = { ...process.env, PUBLIC_URL: address, HOST: '127.0.0.1', PORT: String(port), ...settings }
  let log = ''
  let program: ChildProcess
  let ended: Promise<unknown>
  const start = async () => {
    program = spawn(command!, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [program.stdout, program.stderr]) stream?.on('data', text => (log += text))
    ended = once(program, 'exit')
    await ready(`http://127.0.0.1:${port}${BASE}/health/alive`)
  }
  const stop = async (signal: NodeJS.Signals) => {
    program.kill(signal)
    await ended
  }
  await start()
  try {
    await use(address + BASE, { log: () => log, crash: () => stop('SIGKILL'), start })
  } finally {
    await stop('SIGTERM')
    logs.push(log)
  }
}

async function ready(url: string) {
  const deadline = Date.now() + 20_000
  while (!(await fetch(url).catch(() => undefined))?.ok) {
    if (Date.now() > deadline) throw new Error(`no answer from ${url}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** A port without a listener. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  server.close()
  await once(server, 'close')
  return port
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A Kratos that has only this one answer. */
export const always =
  (status: number, body: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

/** A Kratos that hangs up on everybody. */
export const silent: RequestListener = (_, response) => response.destroy()

/** What a real Kratos answered once, as text. */
export function recorded(name: string): string {
  const { response } = JSON.parse(readFileSync(path.join(RECORDINGS, `${name}.json`), 'utf8'))
  return JSON.stringify(response.json)
}

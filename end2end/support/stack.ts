// The stack of a worker: a Kratos that nobody else writes to, set up as the tests want it.

import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { AT } from './places'

const STACK = fileURLToPath(new URL('../stack.mjs', import.meta.url))
const TARGET = fileURLToPath(new URL('../../target', import.meta.url))
/** The program that is tested. */
export const GENKAN_BIN = process.env.GENKAN_BIN ?? path.join(TARGET, 'debug/genkan')

/** Builds what there is to build, once, before any worker starts. Playwright's `globalSetup`. */
export default function build() {
  rmSync(path.join(TARGET, 'stack/test'), { recursive: true, force: true })
  execFileSync(process.execPath, [STACK, 'build'], { stdio: 'inherit' })
}

/** Starts a stack with these profiles of Kratos' and settings of Genkan's, and answers with what ends it. */
export async function startStack(profile: string, settings: Record<string, string>): Promise<() => Promise<void>> {
  const names = profile.split(' ').filter(name => name !== '')
  const env = { ...process.env, GENKAN_BIN, ...settings }
  const stack = fork(STACK, ['test', '--at', String(AT), ...names], { silent: true, env })
  let said = ''
  for (const stream of [stack.stdout, stack.stderr]) stream?.on('data', text => (said += text))
  const ended = once(stack, 'exit')
  await Promise.race([once(stack, 'message'), ended])
  if (stack.exitCode !== null) throw new Error(`the stack did not start:\n${said}`)
  return async () => {
    stack.kill('SIGTERM')
    await ended
  }
}

/** What Genkan has written to its log, in the stack of these profiles. */
export const genkanLog = (profile: string): string => {
  const names = profile.split(' ').filter(name => name !== '')
  return readFileSync(path.join(TARGET, 'stack/test', [AT, ...names].join('-'), 'genkan.log'), 'utf8')
}

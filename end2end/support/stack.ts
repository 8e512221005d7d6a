// The stack of a worker: a Kratos of its own, configured as its tests need it.

import { execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { AT, KRATOS, MAIL, POSTGRES } from './places'

const STACK = fileURLToPath(new URL('../stack.mjs', import.meta.url))
const TARGET = fileURLToPath(new URL('../../target', import.meta.url))
/** The program that is tested. */
export const GENKAN_BIN = process.env.GENKAN_BIN ?? path.join(TARGET, 'debug/genkan')

/** Builds what there is to build, once, before any worker starts. Playwright's `globalSetup`. */
export default function build() {
  rmSync(path.join(TARGET, 'stack/test'), { recursive: true, force: true })
  execFileSync(process.execPath, [STACK, 'build'], { stdio: 'inherit' })
}

/** A part of the stack that a test may take away. */
type Part = 'kratos' | 'mail'

export type Stack = {
  /** Ends a part as a crash would. */
  crash: (part: Part) => Promise<void>
  /** Starts it again, and waits until it is ready. */
  restart: (part: Part) => Promise<void>
  end: () => Promise<void>
}

const HEALTH = { kratos: `${KRATOS}/health/ready`, mail: `${MAIL}/api/healthz` }

const namesOf = (profile: string): string[] => profile.split(' ').filter(name => name !== '')

/** Starts a stack with these profiles of Kratos' and settings of Genkan's. */
export async function startStack(profile: string, settings: Record<string, string>): Promise<Stack> {
  const env = { ...process.env, GENKAN_BIN, ...settings }
  const stack = fork(STACK, ['test', '--at', String(AT), ...namesOf(profile)], { silent: true, env })
  let said = ''
  for (const stream of [stack.stdout, stack.stderr]) stream?.on('data', text => (said += text))
  const ended = once(stack, 'exit')
  await Promise.race([once(stack, 'message'), ended])
  if (stack.exitCode !== null) throw new Error(`the stack did not start:\n${said}`)
  const ask = async (wish: object) => {
    const answer = once(stack, 'message')
    stack.send(wish)
    await Promise.race([answer, ended])
  }
  return {
    crash: part => ask({ end: part }),
    restart: part => ask({ start: part, health: HEALTH[part] }),
    end: async () => {
      stack.kill('SIGTERM')
      await ended
    },
  }
}

/** A file of the stack of these profiles. */
export const fileOf = (profile: string, name: string): string => path.join(TARGET, 'stack/test', [AT, ...namesOf(profile)].join('-'), name)

/** What Genkan has written to its log, in the stack of these profiles. */
export const genkanLog = (profile: string): string => readFileSync(fileOf(profile, 'genkan.log'), 'utf8')

const PSQL = ['--quiet', '--no-psqlrc', '--set=ON_ERROR_STOP=1']

/** Postgres has no lock of a whole database, only of each table. */
const LOCK_POSTGRES = `BEGIN;
SELECT format('LOCK TABLE %I IN EXCLUSIVE MODE', tablename) FROM pg_tables WHERE schemaname = 'public' \\gexec
SELECT 1;
`

/** An address without what only Kratos' driver understands. */
const bare = ({ href, search }: URL): string => href.replace(search, '')

/** Blocks writes to Kratos' database until the returned function is called. */
export async function lockDatabase(profile: string): Promise<() => Promise<void>> {
  const [program, args] = POSTGRES ? ['psql', [...PSQL, bare(POSTGRES)]] : ['sqlite3', ['-bail', fileOf(profile, 'kratos.sqlite')]]
  const shell = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(shell, 'exit')
  shell.stdin.write(POSTGRES ? LOCK_POSTGRES : '.timeout 20000\nBEGIN EXCLUSIVE;\nSELECT 1;\n')
  await Promise.race([once(shell.stdout, 'data'), ended])
  if (shell.exitCode !== null) throw new Error('the database cannot be locked')
  return async () => {
    shell.stdin.end('ROLLBACK;\n')
    await ended
  }
}

// Everything that Genkan needs, on one machine: Kratos on SQLite, a mail catcher, an OpenID provider, and Genkan itself.
//
//   node end2end/stack.mjs run     all of it, on http://localhost:3000                (make run)
//   node end2end/stack.mjs dev     all of it, with `cargo leptos watch` for Genkan    (make dev)
//   node end2end/stack.mjs stack   all but Genkan                                     (make stack)
//   node end2end/stack.mjs test    all of it on ports of its own, nothing remembered  (each worker of Playwright starts one)
//   node end2end/stack.mjs build   what the others would build first, and no more
//   node end2end/stack.mjs kratos  of that Kratos alone                               (make kratos)
//
// Names after the mode are further settings for Kratos: `stack.mjs test oidc` adds kratos/profiles/oidc.yml, and with it the
// provider. With --at NUMBER several tests run side by side.
// GENKAN_BIN names a Genkan to start in place of the one that is built here, and KRATOS_BIN a Kratos, of any version.
// DATABASE=postgres, with `test`, keeps Kratos' data in a Postgres of this stack's own, as docker-compose.yml does; its programs
// are Debian's package `postgresql`.
//
// Parts start in order, each waits for the health check of the one before, and they end together: on Ctrl-C, on SIGTERM, and
// when one of them fails.

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, closeSync, existsSync, fstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DEVELOPMENT, postgresDsn, testPorts } from './ports.mjs'

// A path that was given is meant from where this was called.
const givenGenkan = process.env.GENKAN_BIN && path.resolve(process.env.GENKAN_BIN)
const givenKratos = process.env.KRATOS_BIN && path.resolve(process.env.KRATOS_BIN)

// Kratos finds kratos/identity.schema.user_v1.json and the mail templates from here.
process.chdir(fileURLToPath(new URL('..', import.meta.url)))

const { values, positionals } = parseArgs({ options: { at: { type: 'string', default: '0' } }, allowPositionals: true })
const [modeName, ...named] = positionals
const at = Number(values.at)

const MODES = {
  run: { ports: DEVELOPMENT, profiles: ['oidc'], logs: 'target/stack', database: 'target/dev.sqlite', withGenkan: true },
  dev: { ports: DEVELOPMENT, profiles: ['oidc'], logs: 'target/stack', database: 'target/dev.sqlite', withGenkan: false, watch: true },
  stack: { ports: DEVELOPMENT, profiles: ['oidc'], logs: 'target/stack', database: 'target/dev.sqlite', withGenkan: false },
  test: {
    // Ports of its own, so that the tests run beside `make run`.
    ports: testPorts(at),
    profiles: ['test'],
    logs: `target/stack/test/${[at, ...named].join('-')}`,
    withGenkan: true,
    // Nothing is kept from the last time, and nothing waits for the disk: no test cuts the power.
    forgetful: true,
  },
  build: { ports: {}, profiles: [], logs: 'target/stack' },
  kratos: { ports: {}, profiles: [], logs: 'target/stack' },
}

const mode = Object.hasOwn(MODES, modeName ?? '') ? MODES[modeName] : undefined
if (!mode || !Number.isInteger(at)) {
  console.error('usage: node end2end/stack.mjs run|dev|stack|test|build|kratos [--at NUMBER] [profile …]')
  process.exit(2)
}
const { ports } = mode
const profiles = [...new Set([...mode.profiles, ...named])]
const database = mode.database ?? `${mode.logs}/kratos.sqlite`
const withPostgres = mode.forgetful && process.env.DATABASE === 'postgres'

// Programs that only one profile needs, and who need to know where Genkan is.
const EXTRAS = {
  oidc: { part: 'provider', program: 'provider.mjs', health: '/.well-known/openid-configuration' },
  hooks: { part: 'hooks', program: 'hooks.mjs', health: '/' },
  hydra: { part: 'hydra', program: 'hydra.mjs', health: '/health/ready' },
}
const extras = profiles.filter(name => Object.hasOwn(EXTRAS, name)).map(name => EXTRAS[name])

const KRATOS = givenKratos || 'target/kratos/kratos'
const GENKAN = givenGenkan || 'target/debug/genkan'
/** The path below which Genkan is served, for a run of the tests. */
const BASE = mode.forgetful ? (process.env.BASE_PATH ?? '') : ''
const genkanSettings = {
  KRATOS_PUBLIC_URL: `http://127.0.0.1:${ports.kratos}`,
  PUBLIC_URL: `http://localhost:${ports.genkan}`,
  HOST: '127.0.0.1',
  PORT: String(ports.genkan),
  MAIL_CATCHER_URL: `http://localhost:${ports.mail}`,
}
// Tests ask for code after code, all from one address. Those about the limits set their own.
const LIMITS = ['FLOWS', 'ATTEMPTS', 'SENDS', 'ACCOUNT_ATTEMPTS', 'ACCOUNT_SENDS', 'ACCOUNT_SENDS_EVERYWHERE', 'SECOND_FACTORS']
const wideLimits = Object.fromEntries(LIMITS.map(name => [`LIMIT_${name}`, '100000/m']))
const genkanDefaults = mode.forgetful ? { RESEND_COOL_DOWN: '0', ...wideLimits } : {}

// ---- The story ----------------------------------------------------------------------------------------------------------

async function main() {
  await checkPorts()
  if (mode.watch) checkCargoLeptos()
  prepareFolders()
  await buildKratos()
  if (modeName === 'kratos') return
  await installPackages()
  if (modeName === 'build') return buildGenkan()
  if (mode.withGenkan) await buildGenkan()
  if (withPostgres) await startPostgres()
  await Promise.all([startMail(), startKratos(), ...extras.map(startExtra)])
  if (mode.withGenkan) await startGenkan()
  printAddresses()
  if (mode.watch) await watchGenkan()
  // To the test that started this, if one did.
  process.send?.({ genkan: parts.get('genkan')?.child.pid })
}

// Before the builds, because an error about a port should not come after two minutes.
async function checkPorts() {
  const users = {
    genkan: 'Genkan',
    kratos: 'Kratos',
    admin: "Kratos' admin API",
    smtp: 'mail (SMTP)',
    mail: 'mail (web)',
    provider: 'the OpenID provider',
    hooks: 'the service for web hooks',
    hydra: 'the stand-in for Ory Hydra',
    postgres: 'Postgres',
  }
  const unused = Object.values(EXTRAS).filter(extra => !extras.includes(extra)).map(({ part }) => part)
  if (!mode.withGenkan && !mode.watch) unused.push('genkan')
  if (!withPostgres) unused.push('postgres')
  const busy = []
  for (const [part, port] of Object.entries(ports)) {
    if (!unused.includes(part) && (await isListening(port))) busy.push(`port ${port} is in use, and ${users[part]} needs it`)
  }
  if (busy.length) throw new Failure(`${busy.join('\n')}\nEnd what listens there (another "make run"?) and try again.`)
}

// Before the parts start, because installing it takes minutes.
function checkCargoLeptos() {
  const { status } = spawnSync('cargo', ['leptos', '--version'], { stdio: 'ignore' })
  const install = 'cargo install cargo-leptos --version 0.3.10 --locked'
  if (status !== 0) throw new Failure(`cargo-leptos is needed to build Genkan after each change: ${install}`)
}

function prepareFolders() {
  mkdirSync(mode.logs, { recursive: true })
  if (mode.forgetful) {
    const remembered = ['mail', ...['', '-shm', '-wal'].map(end => `kratos.sqlite${end}`)]
    remembered.forEach(name => rmSync(`${mode.logs}/${name}`, { recursive: true, force: true }))
  }
}

async function buildKratos() {
  if (givenKratos || isNewer(KRATOS, ['kratos/go.mod', 'kratos/go.sum'])) return
  say('kratos: building (about two minutes the first time) …')
  // Built from its module Kratos does not know which version it is.
  const version = /ory\/kratos (\S+)/.exec(readFileSync('kratos/go.mod', 'utf8'))?.[1]
  const named = `-X github.com/ory/kratos/driver/config.Version=${version}`
  await finish('go', ['build', '-tags', 'sqlite', '-ldflags', named, '-o', `../${KRATOS}`, 'github.com/ory/kratos'], {
    cwd: 'kratos',
    log: 'kratos-build',
    missing: 'Go and a C compiler are needed to build Kratos',
  })
  // Go leaves a binary alone that has not changed; without a new date it would be "built" at every start.
  utimesSync(KRATOS, new Date(), new Date())
}

async function installPackages() {
  if (isNewer('end2end/node_modules/.package-lock.json', ['end2end/package-lock.json'])) return
  // Playwright is running from this folder now: npm would pull it out from under the tests.
  if (modeName === 'test') throw new Failure('end2end/node_modules is missing or old: run "npm ci" in end2end/ first')
  say('mail: installing packages …')
  await finish('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: 'end2end', log: 'npm' })
}

async function buildGenkan() {
  if (givenGenkan) return
  say('genkan: building …')
  await finish('cargo', ['build', '--bin', 'genkan'], { missing: 'Rust is needed to build Genkan' })
}

async function startMail() {
  say('mail: starting …')
  const smtp = ['--ip', '127.0.0.1', '--smtp', String(ports.smtp)]
  const web = ['--web-ip', '127.0.0.1', '--web', String(ports.mail)]
  const storage = ['--mail-directory', `${mode.logs}/mail`, '--max-emails', '500']
  start('mail', process.execPath, ['end2end/node_modules/maildev/dist/bin/maildev.js', ...smtp, ...web, ...storage], process.env)
  await ready('mail', `http://127.0.0.1:${ports.mail}/api/healthz`)
}

// WAL: readers don't wait for writers. lock=false: Kratos' database library locks each statement in the process as well, and then
// a writer that waits for SQLite keeps the transaction that it waits for from going on. With immediate transactions SQLite's own
// lock is enough.
function sqliteDsn() {
  return `sqlite://${database}?_fk=true&mode=rwc&_journal_mode=WAL&_sync=${mode.forgetful ? 'OFF' : 'NORMAL'}&lock=false&_txlock=immediate`
}

// That of docker-compose.yml, with the address of this one.
async function startPostgres() {
  say('postgres: starting …')
  const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-postgres-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const missing = 'Postgres is needed (`apt-get install postgresql` on Debian)'
  const programs = postgresPrograms()
  // It refuses to run as root.
  const user = process.getuid() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (user.uid) chownSync(folder, user.uid, user.gid)
  const { username, password, pathname } = postgresDsn(ports)
  writeFileSync(`${folder}/password`, password)
  const data = `${folder}/data`
  const access = ['--username', username, '--pwfile', `${folder}/password`, '--auth', 'scram-sha-256']
  await finish(`${programs}initdb`, ['--pgdata', data, '--no-sync', ...access], { log: 'postgres-init', missing, cwd: folder, ...user })
  const quick = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
  const only = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${ports.postgres}`]
  const settings = [...only, ...quick].flatMap(setting => ['-c', setting])
  start('postgres', `${programs}postgres`, ['-D', data, ...settings], process.env, { cwd: folder, ...user })
  const env = { ...process.env, PGPASSWORD: password }
  const at = ['--host', '127.0.0.1', '--port', String(ports.postgres), '--username', username]
  await until('postgres', async () => {
    const { ended } = watch(spawn(`${programs}createdb`, [...at, pathname.slice(1)], { env, stdio: 'ignore' }), { group: false })
    return (await ended).code === 0
  })
}

const idOf = what => Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }))

// Debian keeps them out of the PATH, one folder a version.
function postgresPrograms() {
  const versions = '/usr/lib/postgresql'
  const [newest] = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)) : []
  return newest ? `${versions}/${newest}/bin/` : ''
}

async function startKratos() {
  const config = kratosConfig().flatMap(file => ['-c', file])
  const env = {
    // Kratos takes every variable that is named like a setting (VERSION, LOG_LEVEL …): it gets only what is meant for it.
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DSN: withPostgres ? postgresDsn(ports).href : sqliteDsn(),
  }
  say('kratos: preparing the database …')
  await finish(KRATOS, ['migrate', 'sql', '-e', '--yes', ...config], { env, log: 'kratos-migrate' })
  say('kratos: starting …')
  // --dev: without it Kratos' cookies are Secure, and not every browser keeps those on http://localhost.
  // --watch-courier: this process sends the mails too.
  // --sqa-opt-out: no usage statistics to Ory.
  start('kratos', KRATOS, ['serve', '--dev', '--watch-courier', '--sqa-opt-out', ...config], env)
  await ready('kratos', `http://127.0.0.1:${ports.kratos}/health/ready`)
}

// What a profile of Kratos' needs beside it.
async function startExtra({ part, program, health }) {
  say(`${part}: starting …`)
  start(part, process.execPath, [`end2end/${program}`, String(ports[part]), genkanSettings.PUBLIC_URL + BASE], process.env)
  await ready(part, `http://127.0.0.1:${ports[part]}${health}`)
}

async function startGenkan() {
  say('genkan: starting …')
  start('genkan', GENKAN, [], { ...genkanDefaults, ...process.env, ...genkanSettings })
  await ready('genkan', `http://127.0.0.1:${ports.genkan}${BASE}/health/ready`)
}

// It sets LEPTOS_WATCH for Genkan, whose pages then reload after each build. Its output is shown as it comes.
async function watchGenkan() {
  const env = { ...process.env, ...genkanSettings }
  await finish('cargo', ['leptos', 'watch', '--server-only'], { env })
  throw new Failure('cargo leptos watch ended')
}

function printAddresses() {
  const settings = Object.entries(genkanSettings).map(([name, value]) => `${name}=${value}`)
  const genkan = mode.withGenkan || mode.watch
    ? `http://localhost:${ports.genkan}`
    : `yours to start:\n            ${settings.join(' ')} \\\n            cargo leptos watch --server-only`
  const provider = profiles.includes('oidc') ? `\n  Provider  http://127.0.0.1:${ports.provider}, asked by "Example ID"` : ''
  say(`
  Genkan    ${genkan}
  Mail      http://localhost:${ports.mail}
  Kratos    http://127.0.0.1:${ports.kratos} (public), http://127.0.0.1:${ports.admin} (admin)${provider}
  Logs      ${mode.logs}/*.log

Ctrl-C ends everything.`)
}

// kratos.yml and the profiles, in the order in which Kratos merges them. The tests get copies that speak of their ports.
function kratosConfig() {
  const files = ['kratos/kratos.yml', ...profiles.map(name => `kratos/profiles/${name}.yml`)]
  if (ports === DEVELOPMENT) return files
  return files.map(file => {
    const copy = `${mode.logs}/${path.basename(file)}`
    writeFileSync(copy, withPorts(withBase(readFileSync(file, 'utf8'))))
    return copy
  })
}

// Addresses of Genkan's pages, and not those that are an origin and no more.
const withBase = text => text.replaceAll('http://localhost:3000/', `http://localhost:3000${BASE}/`)

function withPorts(text) {
  const moved = Object.keys(ports).map(part => [String(DEVELOPMENT[part]), String(ports[part])])
  const table = new Map(moved)
  return text.replace(/\b\d{4}\b/g, number => table.get(number) ?? number)
}

// ---- Programs: run one to its end, or start one and watch it ---------------------------------------------------------------

class Failure extends Error {}

// The running parts by name: { child, again: starts it again }
const parts = new Map()
const children = new Set() // { pid, group: whether pid stands for a process group, ended: a promise }
let ending = false

// Runs a build step. It gets a process group of its own, because compilers start others, and all must end with us.
// With a log, its output is shown only when it fails; without one, as it comes.
async function finish(command, args, { log, missing, ...options }) {
  const output = log ? openSync(logFile(log), 'w') : 'inherit'
  const child = watch(spawn(command, args, { ...options, detached: true, stdio: ['ignore', output, output] }), { group: true })
  if (log) closeSync(output)
  const end = await child.ended
  if (end.error?.code === 'ENOENT') throw new Failure(`${command}: not found. ${missing ?? ''}`)
  if (end.code !== 0) throw new Failure(`${command} ${args[0]} failed (${how(end)})${log ? lastLines(log) : ''}`)
}

// Starts a part that stays. It stays in our process group, so that it goes down with us even when we are killed as a group.
function start(name, command, args, env, options = {}) {
  // A failed test restarts its stack. The log of the one before must remain readable.
  const output = openSync(logFile(name), mode.forgetful ? 'a' : 'w')
  const child = watch(spawn(command, args, { ...options, env, stdio: ['ignore', output, output] }), { group: false })
  closeSync(output)
  parts.set(name, { child, again: () => start(name, command, args, env, options) })
  child.ended.then(end => child.isMeantToEnd || fail(new Failure(`${name}: ended (${how(end)})${lastLines(name)}`)))
}

// What a test does to a part: `end` takes it away as a crash would, `start` brings it back.
process.on('message', async ({ end, start, health }) => {
  if (end) {
    const { child } = parts.get(end)
    child.isMeantToEnd = true
    kill(child, 'SIGKILL')
    await child.ended
  }
  if (start) {
    parts.get(start).again()
    await ready(start, health)
  }
  process.send('done')
})

function watch(program, { group }) {
  const child = { pid: program.pid, group }
  children.add(child)
  child.ended = new Promise(resolve => {
    program.once('error', error => resolve({ error }))
    program.once('exit', (code, signal) => resolve({ code, signal }))
  }).finally(() => children.delete(child))
  return child
}

async function ready(name, url) {
  await until(name, async () => {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
    return answer?.ok
  })
}

async function until(name, isReady) {
  const deadline = Date.now() + 120_000
  for (;;) {
    if (ending) throw new Failure(`${name}: stopped before it was ready`)
    if (await isReady()) return say(`${name}: ready`)
    if (Date.now() > deadline) throw new Failure(`${name}: not ready within two minutes${lastLines(name)}`)
    await sleep(100)
  }
}

// ---- The end ---------------------------------------------------------------------------------------------------------------

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(0))
// A test that started this and is gone.
process.on('disconnect', () => end(0))
// Whatever else ends this script: nothing is left behind.
process.on('exit', () => children.forEach(child => kill(child, 'SIGKILL')))

function fail(error) {
  if (ending) return
  console.error(error instanceof Failure ? error.message : error)
  end(1)
}

async function end(exitCode) {
  if (ending) process.exit(exitCode) // Ctrl-C again: no more patience
  ending = true
  if (children.size) say('\nstopping …')
  children.forEach(child => kill(child, 'SIGTERM'))
  await Promise.race([Promise.all([...children].map(child => child.ended)), sleep(5000)])
  process.exit(exitCode)
}

function kill({ pid, group }, signal) {
  try {
    if (pid) process.kill(group ? -pid : pid, signal)
  } catch (error) {
    if (error.code !== 'ESRCH') throw error // ESRCH: it has ended already
  }
}

// ---- Small things ------------------------------------------------------------------------------------------------------------

function say(line) {
  console.log(line)
}

function how({ error, code, signal }) {
  return error ? error.message : signal ? `signal ${signal}` : `exit code ${code}`
}

function logFile(name) {
  return `${mode.logs}/${name}.log`
}

function lastLines(name) {
  // Kratos' log of a benchmark is longer than a string can be.
  const tail = Buffer.alloc(16 * 1024)
  const file = openSync(logFile(name), 'r')
  const length = readSync(file, tail, 0, tail.length, Math.max(0, fstatSync(file).size - tail.length))
  closeSync(file)
  const lines = tail.toString('utf8', 0, length).trimEnd().split('\n').slice(-20)
  if (lines.join('') === '') return ` and wrote nothing to ${logFile(name)}`
  return `. The last lines of ${logFile(name)}:\n${lines.map(line => `  | ${line}`).join('\n')}`
}

function isNewer(file, sources) {
  return existsSync(file) && sources.every(source => statSync(source).mtimeMs <= statSync(file).mtimeMs)
}

// A browser tries both for "localhost", so a listener on either is in the way.
async function isListening(port) {
  const tries = ['127.0.0.1', '::1'].map(
    host =>
      new Promise(resolve => {
        const socket = net.connect({ host, port }, () => resolve(true)).once('error', () => resolve(false))
        socket.once('close', () => resolve(false)).setTimeout(1000, () => socket.destroy())
        socket.once('connect', () => socket.destroy())
      }),
  )
  return (await Promise.all(tries)).includes(true)
}

main().catch(fail)

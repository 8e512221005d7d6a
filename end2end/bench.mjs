// How fast Genkan is beside the Kratos that it asks: `make bench`. All in one run on one machine, in turns, with the program as it is
// shipped. The load is made by wrk, the CPU time and the memory are what the operating system says. What a form costs by its size is
// measured by `cargo bench`, whose output is PARTS. Writes docs/performance.md between its marks.
//
//   SECONDS=5 ROUNDS=7 CONNECTIONS=64 GENKAN_BIN=… PARTS=… node end2end/bench.mjs
//
// A timing is no test: nothing here fails because something was slow. It does fail where an answer was not the one that was asked for.

import { execFile, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { testPorts } from './ports.mjs'

const AT = 92
const SECONDS = Number(process.env.SECONDS ?? 5)
const ROUNDS = Number(process.env.ROUNDS ?? 7)
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 64)
const GROWTH = [1, 8, 64, 256, 1000]
const { GENKAN_BIN, PARTS } = process.env
const at = name => fileURLToPath(new URL(name, import.meta.url))
const ports = testPorts(AT)
const GENKAN = `http://127.0.0.1:${ports.genkan}`
const KRATOS = `http://127.0.0.1:${ports.kratos}`
/** Browsers and Kratos' cookies know Genkan by this name. */
const HOST = `localhost:${ports.genkan}`
/** In which the system counts CPU time, on every Linux. */
const TICKS_PER_SECOND = 100

// ---- The story -------------------------------------------------------------------------------------------------------------

const folder = mkdtempSync(path.join(os.tmpdir(), 'genkan-bench-'))

async function main() {
  const stack = fork(at('stack.mjs'), ['test', '--at', String(AT)], { env: { ...process.env, ...withoutLimits() } })
  const stackEnded = once(stack, 'exit')
  try {
    const [ready] = await Promise.race([once(stack, 'message'), stackEnded.then(() => [])])
    if (!ready) throw new Error('the stack did not start')
    const start = await startUp()
    const loads = await prepare()
    const before = memory(ready.genkan)
    for (const load of loads) await check(load)
    const main = await inTurns(loads, CONNECTIONS, ready.genkan)
    const after = memory(ready.genkan)
    const growth = []
    for (const connections of GROWTH) growth.push([connections, await inTurns([loads[0], loads[1]], connections, ready.genkan, 1)])
    report({ main, growth, start, before, after, parts: readParts() })
  } finally {
    stack.kill('SIGTERM')
    await stackEnded
    rmSync(folder, { recursive: true })
    // A line for each of some hundred thousand requests.
    rmSync(at(`../target/stack/test/${AT}`), { recursive: true })
  }
}

/** What is asked for: by name, with the status that has to come. */
async function prepare() {
  const begun = await fetch(`${GENKAN}/login`, { headers: { host: HOST }, redirect: 'manual' })
  const page = begun.headers.get('location')
  const cookie = begun.headers.getSetCookie().map(it => it.split(';')[0]).join('; ')
  const flow = new URL(page, GENKAN).searchParams.get('flow')
  const html = await (await fetch(`${GENKAN}${page}`, { headers: { host: HOST, cookie } })).text()
  const token = /name="csrf_token" value="([^"]+)"/.exec(html)[1].replaceAll('&#x2F;', '/').replaceAll('&amp;', '&')
  const body = new URLSearchParams({ csrf_token: token, method: 'password', identifier: 'nobody@example.com', password: 'not this one' })
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'hx-request': 'true', 'sec-fetch-site': 'same-origin' }
  const loads = [
    { name: 'Kratos alone: `GET /self-service/login/flows`', url: `${KRATOS}/self-service/login/flows?id=${flow}`, headers: { cookie, accept: 'application/json' }, status: 200 },
    { name: 'the sign-in page, with a flow', url: `${GENKAN}/login?flow=${flow}`, headers: { cookie }, status: 200 },
    { name: 'a first visit, without a flow', url: `${GENKAN}/login`, headers: {}, status: 303 },
    { name: 'a failed sign-in by htmx', url: `${GENKAN}/fragments/login?flow=${flow}`, headers: { cookie, ...form }, body: body.toString(), status: 422 },
  ]
  for (const load of loads) {
    const method = load.body ? 'POST' : 'GET'
    const answer = await fetch(load.url, { method, headers: { host: HOST, ...load.headers }, body: load.body, redirect: 'manual' })
    if (answer.status !== load.status) throw new Error(`${load.name}: ${answer.status}`)
    load.bytes = (await answer.arrayBuffer()).byteLength
  }
  return loads
}

/** Each in turn, several times: what slows the machine down slows all of them down. The middle of each is taken, and of what is left of the first one's. */
async function inTurns(loads, connections, pid, rounds = ROUNDS) {
  const runs = loads.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, load] of loads.entries()) runs[index].push(await run(load, connections, pid))
  }
  return loads.map((load, index) => {
    const middleOf = figures => figures.sort((a, b) => a - b)[Math.floor(rounds / 2)]
    const middle = what => middleOf(runs[index].map(run => run[what]))
    const ratios = runs[index].map((run, round) => run.rate / runs[0][round].rate)
    const ratio = { middle: middleOf(ratios), least: Math.min(...ratios), most: Math.max(...ratios) }
    return { ...load, ratio, rate: middle('rate'), cpu: middle('cpu'), p50: middle('p50'), p99: middle('p99') }
  })
}

/** Makes the load for so many seconds, and hands over what `count`, a script of wrk's, says at its end. */
async function wrk(load, connections, seconds, count) {
  const script = path.join(folder, 'load.lua')
  const headers = Object.entries({ Host: HOST, ...load.headers }).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`)
  const method = load.body ? `wrk.method = "POST"\nwrk.body = ${lua(load.body)}` : ''
  writeFileSync(script, [...headers, method, count].join('\n'))
  const args = ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '--timeout', '20s', '-s', script, load.url]
  const { stdout } = await promisify(execFile)('wrk', args)
  return /^figures (.+)$/m.exec(stdout)[1].split(' ').map(Number)
}

/** Whether all are answered as they are to be. Not while the time counts: wrk reads each answer into Lua for it, on the cores that are compared. */
async function check(load) {
  const [wrong] = await wrk(load, CONNECTIONS, 1, LOOK.replaceAll('STATUS', load.status))
  if (wrong > 0) throw new Error(`${load.name}: ${wrong} were not answered with ${load.status}`)
}

async function run(load, connections, pid) {
  const before = cpu(pid)
  const [requests, seconds, refused, lost, p50, p99] = await wrk(load, connections, SECONDS, COUNT)
  const isAsAsked = refused === (load.status < 400 ? 0 : requests) && lost === 0
  if (!isAsAsked) throw new Error(`${load.name}: of ${requests} ${refused} were refused and ${lost} lost`)
  await sleep(200)
  return { rate: requests / seconds, cpu: ((cpu(pid) - before) * 1000) / requests, p50, p99 }
}

// One thread, so one count.
const LOOK = `
wrong = 0
function response(status) if status ~= STATUS then wrong = wrong + 1 end end
threads = {}
function setup(thread) table.insert(threads, thread) end
function done()
  for _, thread in ipairs(threads) do print("figures " .. thread:get("wrong")) end
end`

// wrk itself counts the statuses from 400 on.
const COUNT = `
function done(summary, latency)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  print("figures " .. table.concat({summary.requests, summary.duration / 1e6, errors.status, lost, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3}, " "))
end`

const lua = text => JSON.stringify(String(text)).replaceAll('\\u', '\\\\u')

/** From its start until it is ready, in milliseconds. */
async function startUp() {
  const port = ports.hooks
  const env = { ...process.env, KRATOS_PUBLIC_URL: KRATOS, PUBLIC_URL: `http://localhost:${port}`, HOST: '127.0.0.1', PORT: String(port) }
  const times = []
  for (let round = 0; round < 5; round++) {
    const began = performance.now()
    const program = spawn(GENKAN_BIN, { env, stdio: 'ignore' })
    const ended = once(program, 'exit')
    while (!(await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined))?.ok) await sleep(2)
    times.push(performance.now() - began)
    program.kill('SIGTERM')
    await ended
  }
  return times.sort((a, b) => a - b)[2]
}

/** What reading a form and drawing a whole page take by themselves, in microseconds, by the fields that a sign-in has more than usual. */
function readParts() {
  const sizes = new Map()
  let part
  for (const line of readFileSync(PARTS, 'utf8').split('\n')) {
    part = /^[├╰]─ (\w+)/.exec(line)?.[1] ?? part
    // Fastest, slowest, median.
    const [, fields, median, unit] = /[├╰]─ (\d+) +\S+ \S+ +│ +\S+ \S+ +│ +([\d.]+) (\S+)/.exec(line) ?? []
    if (fields === undefined) continue
    const microseconds = Number(median) * { ns: 0.001, µs: 1, ms: 1000 }[unit]
    sizes.set(fields, { ...sizes.get(fields), [part]: microseconds })
  }
  return sizes
}

// ---- What the operating system says ------------------------------------------------------------------------------------------

/** CPU time of a process, in seconds. */
function cpu(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Memory of a process, in MiB: now, and at most until now. */
function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const number = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024
  return { now: number('VmRSS'), most: number('VmHWM') }
}

function withoutLimits() {
  const names = ['FLOWS', 'ATTEMPTS', 'SENDS', 'ACCOUNT_ATTEMPTS', 'ACCOUNT_SENDS', 'ACCOUNT_SENDS_EVERYWHERE', 'SECOND_FACTORS']
  return Object.fromEntries(names.map(name => [`LIMIT_${name}`, '0']))
}

// ---- The report --------------------------------------------------------------------------------------------------------------

function report({ main, growth, start, before, after, parts }) {
  const page = main[1]
  const size = statSync(GENKAN_BIN).size / 1024 / 1024
  const row = cells => `| ${cells.join(' | ')} |`
  const [model] = os.cpus()
  const rows = main.map(({ name, rate, ratio, cpu, p50, p99, bytes }, index) =>
    row([name, rate.toFixed(0), ratio.middle.toFixed(3), index === 0 ? '' : cpu.toFixed(2), p50.toFixed(1), p99.toFixed(1), bytes]),
  )
  const target = (name, wanted, figure) => row([name, wanted, figure])
  const text = [
    `Measured on ${os.cpus().length} cores (${model.model.trim()}), Linux ${os.release()}, with Kratos, Genkan and wrk on the same machine; ${CONNECTIONS} connections, the middle of ${ROUNDS} rounds of ${SECONDS} s in turns.`,
    '',
    row(['what', 'requests/s', 'of Kratos alone', 'CPU ms of Genkan', 'p50 ms', 'p99 ms', 'bytes']),
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
    '',
    row(['target', 'wanted', 'measured']),
    '|---|---|---|',
    target('the sign-in page, of what Kratos alone does', '≥ 0.80', `${page.ratio.middle.toFixed(3)} (the rounds: ${page.ratio.least.toFixed(3)} to ${page.ratio.most.toFixed(3)})`),
    target('CPU a page', '≤ 0.25 ms', `${page.cpu.toFixed(2)} ms`),
    target(`memory with ${CONNECTIONS} connections`, '≤ 30 MiB', `${before.now.toFixed(1)} MiB before, ${after.now.toFixed(1)} MiB after, ${after.most.toFixed(1)} MiB at most`),
    target('start to ready', '≤ 100 ms', `${start.toFixed(0)} ms`),
    target('binary', '≤ 15 MiB', `${size.toFixed(1)} MiB`),
    '',
    'Requests a second with more connections, Kratos alone (the upper line) and the sign-in page:',
    '',
    '```mermaid',
    'xychart-beta',
    `  x-axis "connections" [${growth.map(([connections]) => connections).join(', ')}]`,
    '  y-axis "requests/s"',
    ...[0, 1].map(index => `  line [${growth.map(([, loads]) => loads[index].rate.toFixed(0)).join(', ')}]`),
    '```',
    '',
    'Microseconds to read the form of a sign-in with so many further fields (the lower line), and to answer with its whole page, where Kratos takes no time (`cargo bench`):',
    '',
    '```mermaid',
    'xychart-beta',
    `  x-axis "further fields" [${[...parts.keys()].join(', ')}]`,
    '  y-axis "µs"',
    ...['parse', 'page'].map(part => `  line [${[...parts.values()].map(times => times[part].toFixed(0)).join(', ')}]`),
    '```',
  ].join('\n')
  console.log(text)
  const file = at('../docs/performance.md')
  const [head, , foot] = readFileSync(file, 'utf8').split(/(?<=<!-- figures -->\n)|(?=<!-- end of figures -->)/)
  writeFileSync(file, `${head}${text}\n${foot}`)
}

await main()

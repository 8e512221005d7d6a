// Many people at once for a while, against the stack of the tests with Genkan as it is shipped: `make soak`.
// No request may fail, and the memory of Genkan may not grow.
//
//   DURATION=10m CONNECTIONS=64 GENKAN_BIN=… K6=… node end2end/soak.mjs

import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { testPorts } from './ports.mjs'

const AT = 90
/** How much more memory than in the second fifth of the time there may be in the last. */
const GROWTH = 1.15
const { DURATION = '10m', CONNECTIONS = '64', K6 = 'k6' } = process.env
const at = path => fileURLToPath(new URL(path, import.meta.url))

const stack = fork(at('stack.mjs'), ['test', '--at', String(AT)])
const stackEnded = once(stack, 'exit')
const [ready] = await Promise.race([once(stack, 'message'), stackEnded.then(() => [])])
if (!ready) process.exit(1)

const samples = []
const timer = setInterval(() => samples.push(measure(ready.genkan)), 5000)
const ports = testPorts(AT)
const places = { GENKAN: `http://localhost:${ports.genkan}`, ADMIN: `http://127.0.0.1:${ports.admin}`, MAIL: `http://localhost:${ports.mail}` }
const k6 = spawn(K6, ['run', '--quiet', '--no-usage-report', at('load/journeys.js')], {
  env: { ...process.env, ...places, DURATION, CONNECTIONS },
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => k6.kill(signal))
const [code] = await once(k6, 'exit')
clearInterval(timer)
const log = readFileSync(at(`../target/stack/test/${AT}/genkan.log`), 'utf8')
stack.kill('SIGTERM')
await stackEnded

const part = fifth => samples.slice((samples.length * (fifth - 1)) / 5, (samples.length * fifth) / 5)
const mean = (samples, what) => samples.reduce((sum, sample) => sum + sample[what], 0) / samples.length
console.log('Genkan     memory    files   threads')
for (const fifth of [1, 2, 3, 4, 5]) {
  const [memory, files, threads] = ['memory', 'files', 'threads'].map(what => mean(part(fifth), what))
  console.log(`${fifth}/5   ${memory.toFixed(1).padStart(8)} MiB ${files.toFixed(0).padStart(6)} ${threads.toFixed(0).padStart(9)}`)
}
const growth = mean(part(5), 'memory') / mean(part(2), 'memory')
const troubles = log.split('\n').filter(line => / ERROR | WARN |panicked/.test(line) && !line.includes('event="sign_in_failed"'))
console.log(`memory ${growth.toFixed(2)} times what it was, ${troubles.length} lines of warning in the log`)
troubles.slice(0, 10).forEach(line => console.log(`  | ${line}`))
process.exit(code === 0 && growth <= GROWTH && troubles.length === 0 ? 0 : 1)

/** What the operating system has given to a process: MiB of memory, open files, threads. */
function measure(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const number = name => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return { memory: number('VmRSS') / 1024, threads: number('Threads'), files: readdirSync(`/proc/${pid}/fd`).length }
}

// What fails behind and around Genkan, and comes back: each time there is a page that says so, what was typed stays, and
// nothing has to be started again by hand.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Page } from '@playwright/test'
import { Clock, withGenkanBefore } from '../support/apart'
import { Line, type Fault } from '../support/line'
import { Mailbox } from '../support/mail'
import { member, type Person } from '../support/people'
import { BASE, GENKAN, KRATOS } from '../support/places'
import { lockDatabase } from '../support/stack'
import { askForCode, signIn, typeCode } from '../support/steps'
import { expect, expectValues, fill, press, test } from '../support/test'
import type { Say } from '../support/texts'

const KRATOS_PORT = Number(new URL(KRATOS).port)
/** Longer than Genkan waits for Kratos, and htmx for Genkan. */
const PATIENCE = 20_000

/** What a sign-in meets while Kratos is not there: with a script the form stays, without one there is a page. */
async function expectFailure(page: Page, say: Say, hasScript: boolean, person: Person, statuses: (number | undefined)[]) {
  const answered = page.waitForResponse(response => response.request().method() === 'POST', { timeout: PATIENCE }).catch(() => undefined)
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  const status = (await answered)?.status()
  if (hasScript) {
    await expect(page.locator('#net-error')).toBeInViewport({ timeout: PATIENCE })
    await expectValues(page, { identifier: person.email, password: person.password })
  } else {
    await expect(page).toShow(say, 'error-service')
  }
  expect(statuses).toContain(status)
}

/** The next try, once Kratos is there. */
async function expectSignIn(page: Page, say: Say, hasScript: boolean, person: Person) {
  if (!hasScript) {
    await page.goBack()
    await fill(page, { identifier: person.email, password: person.password })
  }
  await page.getByRole('button', { name: say('login'), exact: true }).click()
  await expect(page).toHaveURL(`${GENKAN}/welcome`)
}

const FAULTS: [Fault, (number | undefined)[]][] = [
  ['cut', [503]],
  // htmx gives up before Genkan does.
  ['silent', [503, undefined]],
  ['garbage', [502, 503]],
  ['half', [502, 503]],
  ['busy', [502, 503]],
]

for (const [fault, statuses] of FAULTS) {
  test(`a Kratos behind a line that is ${fault} fails a sign-in, and the next try signs in`, async ({ page, say, hasScript }) => {
    const person = await member()
    const line = await Line.to(KRATOS_PORT)
    await withGenkanBefore({ kratos: line.port }, async (genkan, program) => {
      await page.goto(`${genkan}/login`)
      await fill(page, { identifier: person.email, password: person.password })

      line.become(fault)
      await expectFailure(page, say, hasScript, person, statuses)
      line.become('none')
      await expectSignIn(page, say, hasScript, person)
      expect(program.log()).not.toContain('panicked')
    })
    await line.end()
  })
}

test('a Kratos that fails many at once fails each of them in time, and leaves nothing open', async () => {
  const line = await Line.to(KRATOS_PORT)
  await withGenkanBefore({ kratos: line.port }, async (genkan, program) => {
    const open = () => fetch(`${genkan}/login`, { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) })
    for (const [fault, statuses] of FAULTS) {
      line.become(fault)
      const answers = await Promise.all(Array.from({ length: 50 }, open))
      for (const answer of answers) expect(statuses, fault).toContain(answer.status)
      line.become('none')
      await Promise.all(answers.map(answer => answer.text()))
      expect((await open()).status, fault).toBe(303)
      await expect.poll(() => line.connections, fault).toBeLessThanOrEqual(2)
    }
    expect(program.log()).not.toContain('panicked')
  })
  await line.end()
})

test('a Kratos that is slow signs in all the same', async ({ page, say }) => {
  const person = await member()
  const line = await Line.to(KRATOS_PORT)
  await withGenkanBefore({ kratos: line.port }, async genkan => {
    line.become('slow')
    await page.goto(`${genkan}/login`)
    await fill(page, { identifier: person.email, password: person.password })
    await press(page, say('login'))

    await expect(page).toHaveURL(`${GENKAN}/welcome`)
  })
  await line.end()
})

test('a Kratos that crashes in the middle of a sign-in goes on with it when it is back', async ({ page, say, hasScript, stack }) => {
  const person = await member()
  await page.goto('/login')
  await fill(page, { identifier: person.email, password: person.password })

  await stack.crash('kratos')
  await expectFailure(page, say, hasScript, person, [503])
  expect((await page.request.get('/login')).status()).toBe(503)
  expect((await page.request.get('/health/ready')).status()).toBe(503)
  expect((await page.request.get('/health/alive')).status()).toBe(200)
  await stack.restart('kratos')
  await expectSignIn(page, say, hasScript, person)
})

test('a database that is locked fails a sign-in, and the next try signs in', async ({ page, say, hasScript, profile }) => {
  const person = await member()
  await page.goto('/login')
  await fill(page, { identifier: person.email, password: person.password })

  const unlock = await lockDatabase(profile)
  await expectFailure(page, say, hasScript, person, [502, 503])
  await unlock()
  await expectSignIn(page, say, hasScript, person)
})

test('a clock set years ahead or back during a recovery locks no user out', async ({ page, say }) => {
  const person = await member()
  const clock = new Clock(test.info().outputPath('clock'))
  // Each request leaves a line, and each line has a date.
  const settings = { ...clock.settings, RUST_LOG: 'debug' }
  await withGenkanBefore({ kratos: KRATOS_PORT, settings }, async (genkan, program) => {
    const now = new Date().getFullYear()
    const year = async () => {
      await fetch(`${genkan}/health/ready`)
      return Number(program.log().trimEnd().split('\n').at(-1)?.slice(0, 4))
    }
    const mailbox = new Mailbox(person.email)
    await page.goto(`${genkan}/recovery`)
    await askForCode(page, say, person.email)

    clock.set('+1500d')
    await expect.poll(year).toBeGreaterThan(now + 2)
    await typeCode(page, say('next'), await mailbox.code())
    await expect(page).toShow(say, 'settings-password')

    clock.set('-1500d')
    await expect.poll(year).toBeLessThan(now - 2)
    await page.reload()
    await expect(page).toShow(say, 'settings-password')
    expect(program.log()).not.toContain('panicked')
  })
})

test('a mail that cannot be delivered arrives once it can', async ({ page, say, stack }) => {
  test.slow()
  const person = await member()
  await page.goto('/recovery')

  await stack.crash('mail')
  await askForCode(page, say, person.email)
  await expect(page).toShow(say, 'code')
  await stack.restart('mail')
  await typeCode(page, say('next'), await new Mailbox(person.email).code())

  await expect(page).toShow(say, 'settings-password')
})

test('a Genkan that crashes under load goes on with the flows that were begun', async ({ page, say }) => {
  const person = await member()
  await withGenkanBefore({ kratos: KRATOS_PORT }, async (genkan, program) => {
    await page.goto(`${genkan}/login`)
    await fill(page, { identifier: person.email, password: person.password })
    const address = page.url()
    let isOver = false
    const statuses = new Set<number>()
    const load = Array.from({ length: 8 }, async () => {
      while (!isOver) statuses.add((await fetch(`${genkan}/welcome`).catch(() => undefined))?.status ?? 0)
    })

    await expect.poll(() => statuses.has(200)).toBe(true)
    expect([...statuses]).toEqual([200])
    await program.crash()
    await expect.poll(() => statuses.has(0)).toBe(true)
    await program.start()
    statuses.clear()
    await expect.poll(() => statuses.has(200)).toBe(true)
    isOver = true
    await Promise.all(load)
    // No answer is a wrong one.
    expect([...statuses].filter(status => status !== 200 && status !== 0)).toEqual([])

    expect(page.url()).toBe(address)
    await press(page, say('login'))
    await expect(page).toHaveURL(`${GENKAN}/welcome`)
  })
})

const HEAD = `GET ${BASE}/login HTTP/1.1\r\nHost: localhost\r\nX-Slow: `
const BODY = `POST ${BASE}/fragments/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\nidentifier=`

/** Opens so many connections that begin a request and never end it. */
async function hold(address: string, count: number, request: string): Promise<Socket[]> {
  const { port } = new URL(address)
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      await once(socket, 'connect')
      socket.write(request)
      return socket
    }),
  )
}

const areOpen = (sockets: Socket[]) => sockets.filter(socket => !socket.destroyed && !socket.readableEnded).length

test('connections that never take their answers are let go', async () => {
  test.slow()
  const [script] = /\/assets\/[^"]+\.js/.exec(await (await fetch(`${GENKAN}/welcome`)).text())!
  // More than the socket buffers of the system can hold.
  const sockets = await hold(GENKAN, 20, `GET ${script} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(500))
  // Nothing is read of what comes, so Genkan can send no more after a while; then it is at an end for it.
  for (const socket of sockets) socket.pause()
  await new Promise(resolve => setTimeout(resolve, 45_000))

  const ended = sockets.map(socket => once(socket.resume(), 'close'))
  await Promise.race([Promise.all(ended), new Promise((_, reject) => setTimeout(() => reject(new Error('some are still there')), 10_000))])
})

test('two thousand connections with unfinished requests are closed and lock no user out', async ({ page, say }) => {
  test.slow()
  const person = await member()
  const sockets = [...(await hold(GENKAN, 1000, HEAD)), ...(await hold(GENKAN, 1000, BODY))]
  const answers = sockets.map(socket => socket.resume())
  // Of one address so many have a place, and a new one takes that of the most silent.
  expect(areOpen(answers)).toBeGreaterThan(0)

  await signIn(page, say, person)
  await expect(page).toHaveURL('/welcome')

  await expect.poll(() => areOpen(answers), { timeout: 60_000 }).toBe(0)
})

test('a Genkan that can open no more files accepts connections again when it can', async ({ page, say }) => {
  test.slow()
  const person = await member()
  await withGenkanBefore({ kratos: KRATOS_PORT, files: 64 }, async (genkan, program) => {
    const began = Date.now()
    const sockets = await hold(genkan, 200, HEAD)
    await expect.poll(() => program.log()).toContain('cannot accept connections')
    // Once a second, and not for each.
    const seconds = (Date.now() - began) / 1000
    expect(program.log().match(/cannot accept connections/g)!.length).toBeLessThan(seconds + 3)
    for (const socket of sockets) socket.destroy()

    await expect(async () => expect((await page.goto(`${genkan}/login`, { timeout: 5000 }))?.status()).toBe(200)).toPass({ timeout: 30_000 })
    await fill(page, { identifier: person.email, password: person.password })
    await press(page, say('login'))

    await expect(page).toHaveURL(`${GENKAN}/welcome`)
    expect(program.log()).not.toContain('panicked')
  })
})

// How little goes over the wire. The numbers of each run stand at its end.

import type { Browser, Page } from '@playwright/test'
import { gzipSync } from 'node:zlib'
import { bytes, Meter, type Load } from '../support/meter'
import { member, stranger } from '../support/people'
import { GENKAN } from '../support/places'
import { details, signIn } from '../support/steps'
import { expect, fill, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

/** The smaller of the two. */
const KB = 1000

// Its settings have more on them.
test.use({ profile: 'mfa' })

const measured: string[] = []

test.afterAll(() => console.log(['', 'Transferred, in bytes:', ...measured, ''].join('\n')))

function note(what: string, loads: Load[]) {
  const of = (...types: string[]) => bytes(loads.filter(load => types.includes(load.type)))
  const html = of('Document', 'Fetch', 'XHR')
  const numbers = { html, css: of('Stylesheet'), js: of('Script'), redirects: of('Redirect'), all: bytes(loads) }
  const columns = Object.entries(numbers).map(([name, number]) => `${name} ${String(number).padStart(5)}`)
  measured.push(`  ${what.padEnd(40)} ${columns.join('  ')}  in ${loads.length}`)
}

/** Opens a page, and waits for all of it: the icon comes last, when the browser likes. */
async function open(page: Page, address: string): Promise<Meter> {
  const meter = await Meter.of(page)
  await page.goto(address, { waitUntil: 'networkidle' })
  await expect.poll(() => meter.loads.map(load => load.url)).toContainEqual(expect.stringContaining('/assets/icon.'))
  await page.waitForLoadState('networkidle')
  return meter
}

/** A new browser with the session of a signed-in user. */
async function fresh(browser: Browser, page: Page, say: Say): Promise<Page> {
  await signIn(page, say, await member())
  const context = await browser.newContext()
  await context.addCookies(await page.context().cookies())
  return context.newPage()
}

for (const [address, screen] of [
  ['/login', 'login'],
  ['/registration', 'registration'],
  ['/recovery', 'recovery'],
  ['/settings', 'settings'],
] as const) {
  test(`C78 C84 ${address} is light at first, and after that nothing but its HTML is loaded`, async ({ page, browser, say, hasScript }) => {
    const visitor = address === '/settings' ? await fresh(browser, page, say) : page
    const first = await open(visitor, address)
    await expect(visitor).toShow(say, screen)
    note(`${address}, first view`, first.transferred)
    const again = await visitor.context().newPage()

    const second = await open(again, address)
    await expect(again).toShow(say, screen)
    note(`${address}, second view`, second.transferred)

    const of = (type: string) => first.transferred.filter(load => load.type === type)
    expect(of('Document')).toHaveLength(1)
    expect(bytes(of('Document'))).toBeLessThanOrEqual(14 * KB)
    expect(of('Stylesheet')).toHaveLength(1)
    expect(bytes(of('Stylesheet'))).toBeLessThanOrEqual(6 * KB)
    expect(of('Script')).toHaveLength(hasScript ? 2 : 0)
    expect(bytes(of('Script'))).toBeLessThanOrEqual(20 * KB)
    expect(bytes(first.transferred)).toBeLessThanOrEqual(45 * KB)
    // The redirect beside them gives the flow its address.
    expect(of('Redirect')).toHaveLength(1)
    expect(first.transferred.length).toBeLessThanOrEqual(6)
    expect(first.loads.filter(load => load.type === 'Font' || load.url.includes('.wasm'))).toEqual([])
    expect(first.loads.filter(load => new URL(load.url).origin !== new URL(GENKAN).origin)).toEqual([])
    expect(second.transferred.map(load => load.type)).toEqual(['Redirect', 'Document'])
    expect(second.loads.map(load => load.url)).toEqual(expect.arrayContaining(of('Stylesheet').map(load => load.url)))
  })
}

/** What may come with a mistake and its answer: the answer itself, and without a script the way to it. */
const roundTrip = (hasScript: boolean) => (hasScript ? ['Fetch'] : ['Redirect', 'Document'])

for (const [address, values, submit] of [
  ['/login', { identifier: stranger().email, password: 'not this one' }, 'login'],
  ['/registration', { ...details(stranger()), password: 'short' }, 'registration-submit'],
  ['/recovery', { email: 'not an address' }, 'send-code'],
] as const) {
  test(`C81 a mistake at ${address} costs its answer and no file`, async ({ page, say, hasScript }) => {
    await open(page, address)
    await fill(page, values)
    const meter = await Meter.of(page)

    const response = await press(page, say(submit))
    await expect(summary(page)).toBeFocused()
    await page.waitForLoadState('networkidle')

    note(`a mistake at ${address}`, meter.transferred)
    expect(meter.transferred.map(load => load.type)).toEqual(roundTrip(hasScript))
    if (hasScript) expect(gzipSync(await response.body()).length).toBeLessThanOrEqual(6 * KB)
  })
}

/** The part of a page that htmx would get in its place. */
const fragmentOf = (html: string): string => html.slice(html.indexOf('<section id="panel"'), html.indexOf('<p id="net-error"'))

test('C81 the fragment with the picture for an authenticator app is no larger than 6 KB, compressed', async ({ page, say }) => {
  await signIn(page, say, await member())

  const response = await page.request.get('/settings?section=totp')

  const fragment = fragmentOf(await response.text())
  expect(fragment).toContain('data:image/png;base64,')
  expect(gzipSync(fragment).length).toBeLessThanOrEqual(6 * KB)
})

// What every test starts from, and what holds in every test: the page logs no errors, breaks no security policy, leaves
// nothing in the browser's storage, and never loses the focus to a swap; and htmx is never answered with a redirect.

import { expect as base, test as bare, type APIRequestContext, type Browser, type BrowserContext, type Locator, type Page, type Request, type Response } from '@playwright/test'
import { remember, told } from './discretion'
import { BASE, GENKAN } from './places'
import { genkanLog, startStack, type Stack } from './stack'
import { TEXTS, type Language, type Say } from './texts'

export type Options = {
  /** The language that the browser asks for. */
  language: Language
}

export type WorkerOptions = {
  /** How Kratos is set up beside kratos.yml: names of kratos/profiles, with spaces between them. */
  profile: string
  /** How Genkan is set up, beside what the stack sets. */
  settings: Record<string, string>
}

type WorkerFixtures = {
  /** The secrets that the browsers of the tests sent and received. */
  secrets: Set<string>
  /** What the tests run against. */
  stack: Stack
  below: void
}

type Fixtures = {
  /** The texts in the language of the browser. */
  say: Say
  /** Whether pages may run scripts, so that htmx sends the forms. */
  hasScript: boolean
  /** The statuses that a posted form is answered with. */
  answer: Answer
  /** The errors that pages logged. A test that causes some takes them out. */
  troubles: string[]
}

/** With htmx the answer is a part of the page, without it is the way to a page. */
type Answer = { failed: number; shown: number; left: number }

export const test = bare.extend<Options & Fixtures, WorkerOptions & WorkerFixtures>({
  profile: ['', { option: true, scope: 'worker' }],
  settings: [{}, { option: true, scope: 'worker' }],
  secrets: [async ({}, use) => use(new Set()), { scope: 'worker' }],
  stack: [
    async ({ profile, settings, secrets }, use) => {
      const stack = await startStack(profile, settings)
      await use(stack)
      const found = await told(profile, secrets)
      await stack.end()
      base(found, 'in the log of Genkan').toEqual([])
      base(genkanLog(profile).match(/.*panicked.*/g), 'in the log of Genkan').toBeNull()
    },
    { auto: true, scope: 'worker', timeout: 150_000 },
  ],
  baseURL: GENKAN,
  // Tests write Genkan's paths as they are without a base.
  below: [
    async ({ playwright, browser }, use) => {
      if (BASE) await below(browser, await playwright.request.newContext())
      await use()
    },
    { auto: true, scope: 'worker' },
  ],
  language: ['ja', { option: true }],
  say: async ({ language }, use) => use(TEXTS[language]),
  hasScript: async ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),
  answer: async ({ hasScript }, use) =>
    use(hasScript ? { failed: 422, shown: 200, left: 200 } : { failed: 303, shown: 303, left: 303 }),
  troubles: [
    async ({ browser, context, hasScript, secrets }, use) => {
      const troubles: string[] = []
      const listenTo = (context: BrowserContext) => {
        remember(context, secrets)
        return listen(context, troubles)
      }
      await listenTo(context)
      // Those that a test opens itself.
      browser.on('context', listenTo)
      await use(troubles)
      browser.off('context', listenTo)
      base(troubles, 'errors of the page').toEqual([])
      if (hasScript) for (const page of context.pages()) base(await stored(page), 'kept in the browser').toEqual([])
    },
    { auto: true },
  ],
})

/** What Playwright has for all pages and requests. */
type Asking = Record<string, (to: unknown, ...rest: unknown[]) => unknown>

/** Leads every path that a test asks for below the base. */
async function below(browser: Browser, request: APIRequestContext) {
  const page = await browser.newPage()
  const lead = (of: object, names: string[]) => {
    const methods = Object.getPrototypeOf(of) as Asking
    for (const name of names) {
      const ask = methods[name]!
      methods[name] = function (this: unknown, to, ...rest) {
        return ask.call(this, typeof to === 'string' ? based(to) : to, ...rest)
      }
    }
  }
  lead(page, ['goto', 'route', 'unroute', 'waitForRequest', 'waitForResponse'])
  lead(request, ['get', 'post', 'head', 'put', 'delete', 'fetch'])
  await page.close()
  await request.dispose()
}

/** A path of Genkan's as it is in this run, and the path that it leads back to. */
export const based = (to: string): string => (to.startsWith('/') && !to.startsWith(`${BASE}/`) ? BASE + to.replace('return_to=/', `return_to=${BASE}/`) : to)

/** An address of this run as it is without a base. */
const unbased = (url: URL): URL => (url.pathname.startsWith(`${BASE}/`) ? new URL(url.href.replace(BASE, '')) : url)

/** Collects what goes wrong in a browser, as it happens. */
async function listen(context: BrowserContext, troubles: string[]) {
  // The console tells of each answer with a status from 400 on, and of each request that was cut off. Tests know which.
  const isExpected = (text: string) => text.startsWith('Failed to load resource')
  context.on('console', message => {
    if (message.type() === 'error' && !isExpected(message.text())) troubles.push(message.text())
  })
  context.on('weberror', error => troubles.push(String(error.error())))
  context.on('response', response => {
    const isRedirect = response.status() >= 300 && response.status() < 400
    if (isForHtmx(response.request()) && isRedirect) troubles.push(`htmx got ${response.status()} from ${response.url()}`)
  })
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      console.error(`securitypolicyviolation: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    })
    document.addEventListener('htmx:after:swap', () => {
      // Listeners of the page come after this one.
      queueMicrotask(() => {
        if (document.activeElement === document.body) console.error('htmx:after:swap: nothing has the focus')
      })
    })
  })
}

/** Whether htmx asks, and not the browser. */
export const isForHtmx = (request: Request): boolean => request.headers()['hx-request'] === 'true'

/** What a page keeps in the browser, by its keys. */
export async function stored(page: Page): Promise<string[]> {
  if (!page.url().startsWith('http')) return []
  return page.evaluate(() => [localStorage, sessionStorage].flatMap(storage => Object.keys(storage)))
}

type Screen = { failed?: boolean; values?: Parameters<Say>[1] }

export const expect = base.extend({
  /** Whether this is the screen of that name: by its heading and its title, which are one text. */
  async toShow(page: Page, say: Say, key: string, { failed = false, values }: Screen = {}) {
    const words = say(key, values)
    const title = say(failed ? 'title-failed' : 'title', { page: words, service: 'Genkan' })
    await base(page.getByRole('heading', { level: 1 })).toHaveText(words)
    await base(page).toHaveTitle(title)
    await base(summary(page)).toHaveCount(failed ? 1 : 0)
    return { pass: true, message: () => `the page is ${key}` }
  },
  async toHaveURL(page: Page, to: string | RegExp | ((url: URL) => boolean), options?: { timeout?: number }) {
    const expected = typeof to === 'string' ? based(to) : to instanceof RegExp ? to : (url: URL) => to(unbased(url))
    const holds = this.isNot ? base(page).not : base(page)
    await holds.toHaveURL(expected, options)
    return { pass: !this.isNot, message: () => `the address is ${page.url()}` }
  },
})

/** Where all errors stand. */
export const summary = (page: Page): Locator => page.locator('#error-summary')

/** What went well. */
export const notice = (page: Page): Locator => page.locator('#notice')

/** A field, by Kratos' name for it. */
export const field = (page: Page, name: string): Locator => page.getByTestId(`node/input/${name}`).locator('input:visible')

/** A message of Kratos', by its number. */
export const message = (page: Page, id: number): Locator => page.getByTestId(`ui/message/${id}`)

/** Types into fields, by Kratos' names for them. */
export async function fill(page: Page, values: Record<string, string>) {
  for (const [name, value] of Object.entries(values)) await field(page, name).fill(value)
}

/** Whether fields have these values, by Kratos' names for them. */
export async function expectValues(page: Page, values: Record<string, string>) {
  for (const [name, value] of Object.entries(values)) await expect(field(page, name), name).toHaveValue(value)
}

/** What a keyboard for Japanese writes in place of these characters. */
export const fullWidth = (text: string): string =>
  text.replace(/[!-~]/g, character => String.fromCodePoint(character.codePointAt(0)! + 0xfee0))

/** Pastes into a field, with the keys, what was copied elsewhere. */
export async function paste(field: Locator, text: string) {
  const page = field.page()
  const elsewhere = await page.context().newPage()
  await elsewhere.setContent('<input>')
  const copied = elsewhere.locator('input')
  await copied.fill(text)
  await copied.press('ControlOrMeta+A')
  await copied.press('ControlOrMeta+C')
  await elsewhere.close()
  await page.bringToFront()
  await field.press('ControlOrMeta+V')
}

/** Presses a button, by its words or as it was found, and waits for what the server makes of the form. */
export async function press(page: Page, button: string | Locator): Promise<Response> {
  const answered = page.waitForResponse(response => response.request().method() === 'POST')
  const found = typeof button === 'string' ? page.getByRole('button', { name: button, exact: true }) : button
  await found.click()
  return answered
}

/** A button, by Kratos' name and value for it. */
export const button = (page: Page, name: string, value: string): Locator => page.locator(`button[name="${name}"][value="${value}"]`)

/** The path of a page, or of what was asked for or answered. */
export const path = (of: { url: () => string }): string => unbased(new URL(of.url())).pathname

/** Where the answer to a form leads, if it does. */
export function way(response: { headers: () => Record<string, string> }): string | undefined {
  const { location, 'hx-redirect': redirect } = response.headers()
  const to = location ?? redirect
  if (!to) return undefined
  const { origin, pathname, search } = unbased(new URL(to, GENKAN))
  return (origin === new URL(GENKAN).origin ? '' : origin) + pathname + search
}

/** The flow of the page. */
export const flow = (page: Page): string => new URL(page.url()).searchParams.get('flow') ?? ''

/** The id of a flow, as Kratos would make it, but it made none such. */
export const NO_FLOW = '00000000-0000-4000-8000-000000000000'

/** The panel as HTML, without what is new in every answer, and without htmx's own mark. */
export async function panel(page: Page): Promise<string> {
  const html = await page.locator('#panel').innerHTML()
  return html
    .replace(/(name="csrf_token" value|hx-nonce|nonce)="[^"]*"/g, '$1')
    .replaceAll(flow(page), 'FLOW')
    .replaceAll(' data-htmx-powered="true"', '')
}

/** Adds a field to the form of a button, which a user of the page cannot do. */
export async function addField(page: Page, button: string, name: string, value: string) {
  await page.getByRole('button', { name: button, exact: true }).evaluate(
    (element, [name, value]) => {
      const input = document.createElement('input')
      Object.assign(input, { type: 'hidden', name, value })
      element.closest('form')?.append(input)
    },
    [name, value],
  )
}

/** Changes a hidden field of the form of a button, which a user of the page cannot do. */
export async function change(page: Page, button: string, name: string, value: string) {
  await page.getByRole('button', { name: button, exact: true }).evaluate(
    (element, [name, value]) => {
      const input = element.closest('form')?.querySelector<HTMLInputElement>(`input[name="${name}"]`)
      if (!input) throw new Error(`the form has no field ${name}`)
      input.value = value
    },
    [name, value],
  )
}

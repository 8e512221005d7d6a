// What holds on every screen, and in all that goes over the wire from a sign-up to a forgotten password.

import type { BrowserContext, Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { accounts, member, stranger, type Person } from '../support/people'
import { GENKAN, MAIL, PROVIDER } from '../support/places'
import { goToProvider, refuse } from '../support/provider'
import { genkanLog } from '../support/stack'
import { askForCode, changePassword, details, signIn, signOut, typeCode, typeWrongCode } from '../support/steps'
import { expect, field, fill, flow, NO_FLOW, notice, press, test } from '../support/test'
import type { Say } from '../support/texts'
import { Traffic } from '../support/traffic'

const ELSEWHERE = 'https://corp.example'

test.use({ profile: 'oidc', settings: { RUST_LOG: 'info,genkan=trace', PRIVACY_URL: `${ELSEWHERE}/privacy` } })

type Journey = { person: Person; codes: string[]; flows: string[]; cookies: string[] }

/** Runs through all flows, with mistakes, and collects every secret that must stay private. */
async function travel(page: Page, context: BrowserContext, say: Say): Promise<Journey> {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  const journey: Journey = { person, codes: [], flows: [], cookies: [] }
  const remember = async () => {
    journey.flows.push(flow(page))
    journey.cookies.push(...(await context.cookies(GENKAN)).map(cookie => cookie.value))
  }
  const useCode = async (button: string) => {
    const code = await mailbox.code()
    journey.codes.push(code)
    await typeWrongCode(page, say(button), code)
    await expect(page).toShow(say, 'code', { failed: true })
    await typeCode(page, say(button), code)
  }
  await standInForOthers(context)

  await page.goto('/registration')
  await remember()
  await fill(page, { ...details(person), password: 'short' })
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'registration', { failed: true })
  await fill(page, { password: person.password })
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
  await remember()
  await useCode('confirm')
  await expect(page).toShow(say, 'verification-done')

  await page.goto('/settings?section=profile')
  await remember()
  await fill(page, { 'traits.nickname': 'タロ' })
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await page.goto('/sessions')
  await expect(page.getByRole('main')).toContainText(person.email)
  await signOut(page, say)
  await remember()

  await fill(page, { identifier: person.email, password: 'not this one' })
  await press(page, say('login'))
  await expect(page).toShow(say, 'login', { failed: true })
  await page.getByTestId('forgot-password-link').click()
  await expect(page).toShow(say, 'recovery')
  await remember()
  await askForCode(page, say, person.email)
  await page.getByRole('link', { name: say('mail-catcher') }).click()
  await expect(page).toHaveURL(url => url.origin === MAIL)
  await page.goBack()
  await expect(page).toShow(say, 'code')
  await useCode('next')
  await expect(page).toShow(say, 'settings-password')
  await remember()
  await changePassword(page, say, `${person.password} again`)
  await signOut(page, say)

  await goToProvider(page)
  await refuse(page)
  await expect(page).toShow(say, 'login', { failed: true })
  await remember()
  await page.getByRole('link', { name: say('privacy'), exact: true }).click()
  await expect(page).toHaveURL(`${ELSEWHERE}/privacy`)
  await signIn(page, say, { ...person, password: `${person.password} again` })
  await remember()
  return journey
}

/** Other sites, which are not asked in earnest. */
async function standInForOthers(context: BrowserContext) {
  for (const site of [ELSEWHERE, MAIL]) {
    await context.route(`${site}/**`, route => route.fulfill({ contentType: 'text/html', body: '<title>Elsewhere</title>' }))
  }
}

/** What stands in HTML and would be code: read as a browser reads it, on a page that forbids nothing. */
async function codeIn(page: Page, pages: string[]): Promise<string[]> {
  await page.goto('about:blank')
  return page.evaluate(pages => {
    const isCode = ({ name, value }: Attr) => name.startsWith('on') || name === 'style' || name === 'srcdoc' || /^\s*javascript:/i.test(value)
    return pages.flatMap(html =>
      [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('*')]
        .filter(element => element.matches('style, script:not([src]), base') || [...element.attributes].some(isCode))
        .map(element => element.outerHTML.slice(0, 200)),
    )
  }, pages)
}

test('C55 C63 all HTML of a journey is without code, and is kept nowhere', async ({ page, context, say, hasScript }) => {
  test.slow()
  const traffic = Traffic.of(context)

  await travel(page, context, say)

  const answers = await traffic.html()
  expect(answers.length).toBeGreaterThan(20)
  expect(answers.some(({ headers }) => headers['x-ui-fragment'] === 'panel')).toBe(hasScript)
  for (const { url, headers } of answers) expect(headers['cache-control'], url).toBe('no-store')
  expect(await codeIn(page, answers.map(({ html }) => html))).toEqual([])
  // It does look.
  expect(await codeIn(page, ['<p onclick="x()">', '<style>', '<script>x()</script>', '<i style="color: red">'])).toHaveLength(4)
})

/** Hears of broken security policies, with a script or without: the browser writes them to its console too. */
function broken(context: BrowserContext): string[] {
  const heard: string[] = []
  context.on('console', message => {
    if (/securitypolicyviolation|Content.Security.Policy|Trusted ?Type|Trusted ?(HTML|Script)/i.test(message.text())) heard.push(message.text())
  })
  return heard
}

/** Has the page ask for what no policy of Genkan's allows: that is heard from the browser, and from the page where it has a script. */
async function expectToHear(page: Page, heard: string[], hasScript: boolean) {
  await page.evaluate(() => {
    const image = document.createElement('img')
    image.src = 'https://evil.example/x.png'
    document.body.append(image)
  })
  await expect.poll(() => heard).toHaveLength(hasScript ? 2 : 1)
}

test('C56 a whole journey breaks no security policy', async ({ page, context, say, hasScript, troubles }) => {
  test.slow()
  const heard = broken(context)

  await travel(page, context, say)

  expect(heard).toEqual([])
  await expectToHear(page, heard, hasScript)
  expect(troubles.splice(0)).toEqual(heard)
})

test('C62 what is secret stands in no title, in no log, and in no word to another site', async ({ page, context, say, profile }) => {
  test.slow()
  const traffic = Traffic.of(context)

  const { person, codes, flows, cookies } = await travel(page, context, say)
  // What is refused is logged.
  const refused = [
    await page.request.get(`/nowhere?flow=${flows[0]}&email=${person.email}&code=${codes[0]}`),
    await page.request.get(`/login?return_to=https://evil.example/${person.email}`),
    await page.request.post(`/fragments/login?flow=${flows[0]}`, {
      headers: { Origin: 'https://evil.example', 'HX-Current-URL': `${GENKAN}/login?flow=${flows[0]}` },
      form: { identifier: person.email, password: person.password },
    }),
  ]

  const answers = await traffic.html()
  const tokens = answers.flatMap(({ html }) => [...html.matchAll(/name="csrf_token" value="([^"]+)"/g)].map(match => match[1]))
  const [name] = person.email.split('@')
  const passwords = [person.password, 'not this one', 'short'].flatMap(it => [it, it.replaceAll(' ', '+'), encodeURIComponent(it)])
  const secrets = [...new Set([name, ...passwords, ...codes, ...flows, ...tokens, ...cookies])].filter(it => it.length > 5)
  expect(codes).toHaveLength(2)
  expect(tokens.length).toBeGreaterThan(10)
  const told = (text: string) => secrets.filter(secret => text.includes(secret))

  for (const { html } of answers) {
    const title = /<title>([^<]*)<\/title>/.exec(html)?.[1] ?? ''
    expect(title).not.toBe('')
    expect(told(title)).toEqual([])
  }
  const log = genkanLog(profile)
  expect(log).toContain(refused[0].headers()['x-request-id'])
  expect(log).toContain(refused[2].headers()['x-request-id'])
  expect(told(log)).toEqual([])
  // What an operator may want to alert on.
  expect(log).toMatch(/event="sign_in_failed".* path="[^"]*\/fragments\/login"/)
  expect(log).toMatch(/event="sign_in_failed".* path="[^"]*\/fragments\/recovery"/)
  expect(log).toMatch(/event="foreign_origin".* path="[^"]*\/fragments\/login"/)
  const elsewhere = await traffic.elsewhere()
  for (const site of [ELSEWHERE, MAIL, PROVIDER]) expect(elsewhere.map(({ origin }) => origin)).toContain(site)
  expect(elsewhere.filter(({ referer }) => referer.startsWith(GENKAN))).toEqual([])
  // Only Genkan itself receives the flow in a referrer.
  expect((await traffic.here()).some(({ referer }) => told(referer).length > 0)).toBe(true)
})

// ---- What a link can do --------------------------------------------------------------------------------------------------

/** The addresses that all forms of a page would have if they were sent by GET, each with each of its buttons. */
const formsByGet = (page: Page, typed: Record<string, string>): Promise<string[]> =>
  page.locator('form').evaluateAll(
    (forms: HTMLFormElement[], typed) =>
      forms.flatMap(form =>
        [...form.querySelectorAll<HTMLButtonElement>('button:not([type=button])')].flatMap(button => {
          const data = new FormData(form, button)
          for (const [name, value] of Object.entries(typed)) if (data.has(name)) data.set(name, value)
          const action = new URL(form.action)
          for (const [name, value] of data) action.searchParams.append(name, String(value))
          // The address of the form, and that of its page.
          return [action.href, action.href.replace('/fragments/', '/')]
        }),
      ),
    typed,
  )

/** Every address that can be opened, with the parameters that it knows. */
const ADDRESSES = [
  '/',
  '/welcome',
  '/sessions',
  '/logout',
  '/login?refresh=true',
  '/login?aal=aal2',
  '/registration',
  '/verification',
  `/verification?flow=${NO_FLOW}&code=123456`,
  '/recovery',
  `/recovery?flow=${NO_FLOW}&code=123456`,
  '/settings',
  ...['profile', 'password', 'oidc'].map(section => `/settings?section=${section}`),
  '/error?id=stub:500',
  `/verify?flow=${NO_FLOW}&code=123456`,
  '/.well-known/change-password',
  '/.well-known/ory/webauthn.js',
  '/health/alive',
  '/health/ready',
  ...['login', 'registration', 'verification', 'recovery', 'settings', 'logout'].map(kind => `/self-service/${kind}/browser`),
  ...['login', 'registration', 'verification', 'recovery', 'settings', 'logout', 'sessions'].map(kind => `/fragments/${kind}`),
  '/self-service/logout',
  '/self-service/logout?token=guessed',
  `/self-service/verification?flow=${NO_FLOW}&code=123456`,
  `/self-service/recovery?flow=${NO_FLOW}&token=guessed`,
  `/self-service/settings?flow=${NO_FLOW}`,
  '/self-service/methods/oidc/callback/example?code=guessed&state=guessed',
  '/self-service/methods/oidc/callback?code=guessed&state=guessed',
]

/** Opens addresses as a link, a picture, and htmx would. */
async function openAll(page: Page, addresses: string[]) {
  for (const address of addresses) {
    for (const headers of [{ Accept: 'text/html' }, { Accept: 'image/*' }, { Accept: 'text/html', 'HX-Request': 'true' }]) {
      const response = await page.request.get(address, { headers: headers as Record<string, string> })
      expect(response.status(), address).toBeLessThan(500 + Number(address.includes('stub:500')))
    }
  }
}

test('C61 no address that is opened, and no form that is sent by GET, changes anything', async ({ page, browser, say }) => {
  test.slow()
  const person = await member()
  const changed = { ...stranger(), nickname: 'changed' }
  const typed = { ...details(changed), identifier: person.email, email: person.email, 'traits.email': changed.email }
  const mailbox = new Mailbox(person.email)
  const elsewhere = await (await browser.newContext()).newPage()
  await signIn(elsewhere, say, person)
  const outsider = await (await browser.newContext()).newPage()
  await signIn(page, say, person)

  await openAll(page, ADDRESSES)
  for (const address of ['/logout', '/sessions', '/settings?section=profile', '/settings?section=password', '/settings?section=oidc']) {
    await page.goto(address)
    const forms = await formsByGet(page, typed)
    expect(forms.length, address).toBeGreaterThan(0)
    await openAll(page, forms)
  }
  for (const address of ['/login', '/registration', '/verification', '/recovery']) {
    await outsider.goto(address)
    await openAll(outsider, await formsByGet(outsider, { ...typed, ...(address === '/login' && { password: person.password }) }))
  }

  await outsider.goto('/sessions')
  await expect(outsider).toShow(say, 'login')
  expect(await accounts(changed.email)).toEqual([])
  await elsewhere.goto('/sessions')
  await expect(elsewhere.getByRole('main')).toContainText(person.email)
  await page.goto('/sessions')
  await expect(page).toShow(say, 'sessions')
  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
  await expect(field(page, 'traits.email')).toHaveValue(person.email)
  await signOut(page, say)
  await signIn(page, say, person)
  // Mail goes out in order: what was asked for before would have come before.
  await outsider.goto('/recovery')
  await askForCode(outsider, say, person.email)
  await mailbox.next()
  expect(await mailbox.unread()).toEqual([])
  expect(await new Mailbox(changed.email).unread()).toEqual([])
  await elsewhere.context().close()
  await outsider.context().close()
})

// How a form is answered: htmx gets the panel or the way to go on, a plain form is always sent on to a page.

import type { Page, Response } from '@playwright/test'
import { member, newcomer, stranger } from '../support/people'
import { details, openQuestion, setUpApp, setUpBackupCodes, signIn, signOut } from '../support/steps'
import { button, expect, fill, isForHtmx, NO_FLOW, press, test, way as whereTo } from '../support/test'

test.use({ profile: 'mfa' })

/** The panel with that status, or the way to the page that shows it. */
async function expectPanel(page: Page, response: Response, hasScript: boolean, status: 200 | 422, way: RegExp) {
  const headers = await response.allHeaders()
  expect(isForHtmx(response.request())).toBe(hasScript)
  expect(response.status()).toBe(hasScript ? status : 303)
  if (hasScript) {
    expect(headers['x-ui-fragment']).toBe('panel')
    expect(headers).not.toHaveProperty('hx-redirect')
    expect(await response.text()).toMatch(/^<title>[^<]+<\/title>\s*<section id="panel"/)
  } else {
    expect(whereTo(response)).toMatch(way)
    await expect(page).toHaveURL(url => way.test(url.pathname + url.search))
  }
}

/** The way away from the form. */
async function expectWay(page: Page, response: Response, hasScript: boolean, way: RegExp, end = way) {
  const headers = await response.allHeaders()
  expect(isForHtmx(response.request())).toBe(hasScript)
  expect(response.status()).toBe(hasScript ? 200 : 303)
  expect(headers).toHaveProperty(hasScript ? 'hx-redirect' : 'location')
  expect(whereTo(response)).toMatch(way)
  expect(headers).not.toHaveProperty(hasScript ? 'location' : 'hx-redirect')
  expect(headers).not.toHaveProperty('x-ui-fragment')
  await expect(page).toHaveURL(url => end.test(url.pathname + url.search))
}

test('C44 a mistake is answered with 422, or with the way to the page that tells of it', async ({ page, say, hasScript }) => {
  const { email } = await member()
  await page.goto('/login')
  await fill(page, { identifier: email, password: 'not this one' })

  const response = await press(page, say('login'))

  await expectPanel(page, response, hasScript, 422, /^\/login\?flow=/)
})

test('C44 a step, and the same step again, are answered with 200, or with the way to the page', async ({ page, say, hasScript }) => {
  const { email } = await newcomer()
  await page.goto('/verification')
  await fill(page, { email })

  await expectPanel(page, await press(page, say('send-code')), hasScript, 200, /^\/verification\?flow=/)
  await expect(page).toShow(say, 'code')
  await expectPanel(page, await press(page, say('resend')), hasScript, 200, /^\/verification\?flow=/)
})

test('C44 a change and a removal are answered with 200, or with the way to the page', async ({ page, say, hasScript }) => {
  await signIn(page, say, await member())
  await page.goto('/settings?section=profile')

  await expectPanel(page, await press(page, say('save')), hasScript, 200, /^\/settings\?flow=/)
  await setUpBackupCodes(page, say)
  await page.goto('/settings?section=lookup_secret')
  const off = button(page, 'lookup_secret_disable', 'true')
  await openQuestion(off)
  await expectPanel(page, await press(page, off), hasScript, 200, /^\/settings\?flow=/)
})

test('C44 what is done is answered with the way to what comes next', async ({ page, say, hasScript }) => {
  const person = stranger()
  await page.goto('/registration')
  await fill(page, details(person))

  await expectWay(page, await press(page, say('registration-submit')), hasScript, /^\/verification\?flow=/)
  await page.goto('/logout')
  await expectWay(page, await press(page, say('logout')), hasScript, /^\/login/)
  await fill(page, { identifier: person.email, password: person.password })
  await expectWay(page, await press(page, say('login')), hasScript, /^\/welcome$/)
})

for (const [what, spoil] of [
  ['whose flow is gone', (page: Page) => setAction(page, action => action.replace(/flow=[^&]+/, `flow=${NO_FLOW}`))],
  ['without its token', (page: Page) => page.locator('input[name=csrf_token]').evaluate(input => input.remove())],
  ['without its cookies', (page: Page) => page.context().clearCookies()],
] as const) {
  test(`C44 a form ${what} is answered with the way to a fresh one`, async ({ page, say, hasScript }) => {
    const { email, password } = await member()
    await page.goto('/login')
    await spoil(page)
    await fill(page, { identifier: email, password })

    const response = await press(page, say('login'))

    await expectWay(page, response, hasScript, /^\/login\?.*flow=/)
    await expect(page).toShow(say, 'login', { failed: true })
  })
}

test('C44 a password that is not enough is answered with the way to the second factor', async ({ page, say, hasScript }) => {
  const person = await member()
  await signIn(page, say, person)
  await setUpApp(page, say)
  await signOut(page, say)
  await fill(page, { identifier: person.email, password: person.password })

  const response = await press(page, say('login'))

  await expectWay(page, response, hasScript, /^\/self-service\/login\/browser\?aal=aal2/, /^\/login\?.*flow=/)
  await expect(page).toShow(say, 'login-second-factor')
})

/** Gives the form another address, which a user of the page cannot do. */
async function setAction(page: Page, change: (action: string) => string) {
  const form = page.locator('form').first()
  const action = change((await form.getAttribute('action')) ?? '')
  await form.evaluate((form, action) => {
    form.setAttribute('action', action)
    form.setAttribute('hx-post', action)
  }, action)
}

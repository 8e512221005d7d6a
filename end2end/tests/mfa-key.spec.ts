// A security key as the second factor. Without a script: no-keys.spec.ts.

import type { Page } from '@playwright/test'
import { Authenticator, forge, NONSENSE } from '../support/authenticator'
import { member } from '../support/people'
import { PRIVILEGED_SECONDS } from '../support/places'
import { openQuestion, setUpApp, setUpKey, signIn, signInHalfway, signOut, typeAppCode } from '../support/steps'
import { expect, field, fill, message, notice, press, test } from '../support/test'

test.use({ profile: 'mfa' })

const add = (page: Page) => page.getByTestId('node/input/webauthn_register_trigger')
const use = (page: Page) => page.getByTestId('node/input/webauthn_login_trigger')
const remove = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ hasText: name }).locator('button[name=webauthn_remove]')

test('a security key is added under a name, asked for at the sign-in, and removed', async ({ page, say }) => {
  test.slow()
  const authenticator = await Authenticator.plugInto(page, 'security key')
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=webauthn')
  await expect(page).toShow(say, 'settings-webauthn')
  await expect(page.getByText(say('settings-webauthn-none'))).toBeVisible()

  await add(page).click()
  await expect(field(page, 'webauthn_register_displayname')).toBeFocused()
  expect(await authenticator.keys()).toBe(0)
  await fill(page, { webauthn_register_displayname: '青い鍵 <b>' })
  await press(page, add(page))
  await expect(page).toShow(say, 'settings-webauthn')
  await expect(notice(page)).toHaveText(say('settings-saved'))
  const listed = page.getByRole('listitem').filter({ hasText: '青い鍵 <b>' })
  const since = Date.parse((await listed.locator('time').getAttribute('datetime')) ?? '')
  expect(Math.abs(since - Date.now())).toBeLessThan(60_000)
  await page.goto('/settings')
  await expect(page.locator('.menu a[href$="section=webauthn"] .state')).toHaveText(say('state-count', { count: 1 }))
  await signOut(page, say)

  await signInHalfway(page, say, person)
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
  await page.goto('/settings?section=webauthn')
  await page.waitForTimeout((PRIVILEGED_SECONDS + 1) * 1000)

  await openQuestion(remove(page, '青い鍵'))
  await expect(page.getByText(say('settings-webauthn-remove-lead'))).toBeVisible()
  await press(page, remove(page, '青い鍵'))
  await expect(page).toShow(say, 'login-again')
  await fill(page, { password: person.password })
  await press(page, say('continue'))
  await expect(page).toShow(say, 'settings-webauthn')
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await expect(page.getByText(say('settings-webauthn-none'))).toBeVisible()
  expect(await authenticator.keys()).toBe(1)
  await signOut(page, say)
  await signIn(page, say, person)
})

test('a wrong key, or none, leaves the other ways open', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'security key')
  const person = await member()
  await signIn(page, say, person)
  const key = await setUpApp(page, say)
  await setUpKey(page, say, 'one')
  const sent: string[] = []
  page.on('request', request => {
    if (request.method() === 'POST') sent.push(request.url())
  })
  await signOut(page, say)

  await signInHalfway(page, say, person)
  await page.getByRole('link', { name: say('factor-webauthn') }).click()
  await expect(page).toShow(say, 'login-second-factor')
  // The key of another user, which has no credential for this account.
  await authenticator.clear()
  sent.length = 0
  await use(page).click()
  await expect(page.locator('#live')).toHaveText(say('webauthn-cancelled'))
  await expect(use(page)).toBeFocused()
  expect(sent).toEqual([])

  for (const value of NONSENSE) {
    expect((await forge(page, 'webauthn_login', value)).status(), value).toBeLessThan(500)
    await expect(page, value).toShow(say, 'login-second-factor', { failed: true })
    await expect(use(page)).toBeVisible()
  }
  await page.getByRole('link', { name: say('factor-totp') }).click()
  await typeAppCode(page, say, key)
  await expect(page).toHaveURL('/welcome')
})

test('an answer of a key counts once', async ({ page, say }) => {
  await Authenticator.plugInto(page, 'security key')
  const person = await member()
  await signIn(page, say, person)
  await setUpKey(page, say, 'one')
  await signOut(page, say)
  await signInHalfway(page, say, person)
  const request = page.waitForRequest(request => request.method() === 'POST')
  await press(page, use(page))
  const given = new URLSearchParams((await request).postData() ?? '').get('webauthn_login') ?? ''
  await expect(page).toHaveURL('/welcome')
  await signOut(page, say)

  await signInHalfway(page, say, person)
  await forge(page, 'webauthn_login', given)
  await expect(page).toShow(say, 'login-second-factor', { failed: true })
  await expect(message(page, 4000008)).toHaveText(say('kratos-4000043'))
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
})

// A security key in place of a password.

import type { Page } from '@playwright/test'
import { Authenticator, expectReason, forge, NONSENSE } from '../support/authenticator'
import { member, stranger } from '../support/people'
import { GENKAN } from '../support/places'
import { openQuestion, setUpKey, signIn, signOut, traits } from '../support/steps'
import { button, expect, field, fill, message, press, summary, test } from '../support/test'
import { TEXTS, type Say } from '../support/texts'

test.use({ profile: 'webauthn' })

const signUp = (page: Page) => page.getByTestId('node/input/webauthn_register_trigger')
const use = (page: Page) => page.getByTestId('node/input/webauthn_login_trigger')
const remove = (page: Page) => page.locator('button[name=webauthn_remove]')

/** Says whose key it is, which comes first. */
async function nameAccount(page: Page, say: Say, email: string) {
  await page.goto('/login')
  await fill(page, { identifier: email })
  await press(page, button(page, 'method', 'webauthn'))
}

test('C38 C42 an account is made with a security key, which signs in and is the last way in', async ({ page, say, browser }) => {
  const authenticator = await Authenticator.plugInto(page, 'security key')
  const person = stranger()
  const fields = traits(person)
  await page.goto('/registration')
  await expect(field(page, 'webauthn_register_displayname')).toHaveCount(0)
  await fill(page, { ...fields, 'traits.nickname': '' })
  await signUp(page).click()
  await expect(field(page, 'traits.nickname')).toBeFocused()
  expect(await authenticator.keys()).toBe(0)
  await fill(page, fields)
  await press(page, signUp(page))
  await expect(page).toHaveURL(/\/verification\?flow=/)
  await signOut(page, say)

  await nameAccount(page, say, person.email)
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
  await page.goto('/settings?section=webauthn')
  await expect(page.getByText(say('settings-webauthn-last'))).toBeVisible()
  await expect(remove(page)).toHaveCount(0)

  const en = TEXTS.en
  const plain = await browser.newContext({ baseURL: GENKAN, javaScriptEnabled: false, locale: 'en' })
  const page_ = await plain.newPage()
  await page_.goto('/registration')
  await expect(signUp(page_)).toBeHidden()
  await page_.goto('/login')
  await expect(button(page_, 'method', 'webauthn')).toBeHidden()
  await expect(page_.getByRole('button', { name: en('login') })).toBeVisible()
  await plain.addCookies(await page.context().cookies())
  await page_.goto('/login?refresh=true')
  await expect(page_).toShow(en, 'login-again')
  await expect(page_.getByText(en('webauthn-lacking'))).toBeVisible()
  await plain.close()
})

test('C42 a key beside a password is added, used, and removed', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'security key')
  const person = await member()
  await signIn(page, say, person)
  await setUpKey(page, say, '青い鍵')
  await signOut(page, say)

  await nameAccount(page, say, person.email)
  await authenticator.touch(false)
  await authenticator.touch(true)
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
  await page.goto('/settings?section=webauthn')
  await openQuestion(remove(page))
  await press(page, remove(page))
  await expect(page.getByText(say('settings-webauthn-none'))).toBeVisible()
  await signOut(page, say)

  await nameAccount(page, say, person.email)
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(message(page, 4000015)).toHaveText(say('kratos-4000015'))
  await expect(summary(page)).toBeFocused()
  await signIn(page, say, person)
})

test('a missing key and the key of another account do not sign in, and the right one does', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'security key')
  const [person, stranger_] = [await member(), await member()]
  for (const { email, password } of [stranger_, person]) {
    await signIn(page, say, { ...person, email, password })
    await setUpKey(page, say, '青い鍵')
    await signOut(page, say)
  }

  await nameAccount(page, say, stranger_.email)
  const request = page.waitForRequest(request => request.method() === 'POST')
  await press(page, use(page))
  const theirs = new URLSearchParams((await request).postData() ?? '').get('webauthn_login') ?? ''
  await expect(page).toHaveURL('/welcome')
  await signOut(page, say)

  await nameAccount(page, say, person.email)
  const putBack = await authenticator.lose()
  await use(page).click()
  await expectReason(page, use(page), say('webauthn-cancelled'))
  await putBack()

  const tampered = JSON.stringify({ ...JSON.parse(theirs), id: 'AAAA', rawId: 'AAAA' })
  for (const value of [theirs, tampered, ...NONSENSE]) {
    expect((await forge(page, 'webauthn_login', value)).status(), value).toBeLessThan(500)
    await expect(page, value).toShow(say, 'login', { failed: true })
    await expect(summary(page), value).toBeVisible()
    await expect(use(page), value).toBeVisible()
  }
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
  await page.goto('/sessions')
  await expect(page.getByRole('main')).toContainText(person.email)
})

test('a key does not sign in to an account whose address was put into its form', async ({ page, say }) => {
  await Authenticator.plugInto(page, 'security key')
  const [person, victim] = [await member(), await member()]
  await signIn(page, say, person)
  await setUpKey(page, say, '青い鍵')
  await signOut(page, say)
  await nameAccount(page, say, person.email)
  await expect(use(page)).toBeVisible()

  await page.locator('input[name=identifier]').evaluateAll((inputs: HTMLInputElement[], email) => {
    for (const input of inputs) input.value = email
  }, victim.email)
  expect((await press(page, use(page))).status()).toBeLessThan(500)

  await expect(page).toShow(say, 'login', { failed: true })
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login')
  await nameAccount(page, say, person.email)
  await press(page, use(page))
  await expect(page).toHaveURL('/welcome')
})

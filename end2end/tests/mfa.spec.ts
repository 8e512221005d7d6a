// Second factors that people set up themselves: an authenticator app and backup codes. Security keys: webauthn.spec.ts.

import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member } from '../support/people'
import { PRIVILEGED_SECONDS } from '../support/places'
import {
  askForCode,
  changePassword,
  openQuestion,
  setUpApp,
  setUpBackupCodes,
  shownCodes,
  shownKey,
  signIn,
  signInHalfway,
  signOut,
  typeAppCode,
} from '../support/steps'
import { addField, button, expect, field, fill, fullWidth, message, notice, press, summary, test } from '../support/test'
import { oldTotpCode, totpCode, wrongTotpCode } from '../support/totp'
import type { Say } from '../support/texts'

test.use({ profile: 'mfa' })

const chooseFactor = (page: Page, say: Say, key: string) => page.getByRole('link', { name: say(key) }).click()

/** What the settings say about a section. */
const state = (page: Page, section: string): Locator => page.locator(`.menu a[href$="section=${section}"] .state`)

test('an authenticator app is set up, and every sign-in asks for its code from then on', async ({ page, say, answer }) => {
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=totp')
  await expect(page).toShow(say, 'settings-totp')
  const picture = page.getByRole('img', { name: say('settings-totp-qr') })
  expect(await picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeTruthy()
  const key = await shownKey(page)

  for (const code of ['', wrongTotpCode(key)]) {
    await fill(page, { totp_code: code })
    expect((await press(page, say('turn-on'))).status()).toBe(answer.failed)
    await expect(page).toShow(say, 'settings-totp', { failed: true })
    await expect(summary(page)).toBeFocused()
    await expect(field(page, 'totp_code')).toHaveAttribute('aria-invalid', 'true')
    await expect(field(page, 'totp_code')).toHaveValue('')
    expect(await shownKey(page)).toBe(key)
  }
  await expect(message(page, 4000008)).toBeVisible()
  // As Japanese keyboards have it.
  await fill(page, { totp_code: fullWidth(totpCode(key)).replace(/(?<=^...)/, ' ') })
  expect((await press(page, say('turn-on'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'settings-totp')
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await expect(page.getByText(say('settings-totp-on'))).toBeVisible()
  await page.goto('/settings')
  await expect(state(page, 'totp')).toHaveText(say('state-on'))

  await signOut(page, say)
  await signInHalfway(page, say, person)
  await expect(field(page, 'totp_code')).toBeFocused()
  for (const code of ['', 'abc', wrongTotpCode(key), oldTotpCode(key)]) {
    await fill(page, { totp_code: code })
    expect((await press(page, say('verify'))).status()).toBe(answer.failed)
    await expect(page).toShow(say, 'login-second-factor', { failed: true })
    await expect(summary(page)).toBeFocused()
    await expect(field(page, 'totp_code')).toHaveValue('')
  }
  await expect(message(page, 4000008)).toHaveCount(1)
  expect((await typeAppCode(page, say, key)).status()).toBe(answer.left)
  await expect(page).toHaveURL('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })

  await page.goto('/settings?section=totp')
  const off = button(page, 'totp_unlink', 'true')
  await openQuestion(off)
  await expect(page.getByText(say('settings-totp-off-lead'))).toBeVisible()
  await press(page, off)
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await page.goto('/settings?section=totp')
  expect(await shownKey(page)).not.toBe(key)
  await signOut(page, say)
  await signIn(page, say, person)
})

test('backup codes are shown, kept, and each of them works once in place of the app', async ({
  page,
  say,
  answer,
  hasScript,
}) => {
  const person = await member()
  await signIn(page, say, person)
  const key = await setUpApp(page, say)
  await page.goto('/settings?section=lookup_secret')
  await expect(page).toShow(say, 'settings-lookup')
  await press(page, button(page, 'lookup_secret_regenerate', 'true'))
  await expect(page.getByText(say('settings-lookup-keep'))).toBeVisible()
  const codes = await shownCodes(page)
  expect(new Set(codes).size).toBe(12)
  const file = page.waitForEvent('download')
  await page.getByRole('link', { name: say('download') }).click()
  expect((await file.then(download => download.path()).then(path => readFile(path, 'utf8'))).split('\n')).toEqual(codes)
  if (hasScript) {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: say('copy') }).click()
    await expect(page.locator('#live')).toHaveText(say('copied'))
    await expect(page.locator('[data-copy]')).toHaveText(say('copied'))
    await expect(page.locator('[data-copy]')).toHaveText(say('copy'))
    expect((await page.evaluate(() => navigator.clipboard.readText())).split('\n')).toEqual(codes)
  } else {
    await expect(page.getByRole('button', { name: say('copy') })).toBeHidden()
    await expect(page.getByRole('button', { name: say('print') })).toBeHidden()
  }
  await press(page, button(page, 'lookup_secret_confirm', 'true'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await expect(page.getByRole('main')).not.toContainText(codes[0])
  await page.goto('/settings')
  await expect(state(page, 'lookup_secret')).toHaveText(say('state-on'))
  await signOut(page, say)

  await signInHalfway(page, say, person)
  await fill(page, { totp_code: wrongTotpCode(key) })
  await press(page, say('verify'))
  await expect(page).toShow(say, 'login-second-factor', { failed: true })
  await chooseFactor(page, say, 'factor-lookup')
  await expect(page).toShow(say, 'login-second-factor')
  await fill(page, { lookup_secret: 'notacode' })
  expect((await press(page, say('verify'))).status()).toBe(answer.failed)
  await expect(message(page, 4000016)).toHaveCount(1)
  await expect(summary(page)).toBeFocused()
  await fill(page, { lookup_secret: codes[0] })
  expect((await press(page, say('verify'))).status()).toBe(answer.left)
  await expect(page).toHaveURL('/welcome')
  await signOut(page, say)

  await signInHalfway(page, say, person)
  await chooseFactor(page, say, 'factor-lookup')
  await fill(page, { lookup_secret: codes[0] })
  expect((await press(page, say('verify'))).status()).toBe(answer.failed)
  await expect(message(page, 4000012)).toHaveCount(1)
  await chooseFactor(page, say, 'factor-totp')
  await expect(page).toShow(say, 'login-second-factor')
  await typeAppCode(page, say, key)
  await expect(page).toHaveURL('/welcome')
})

/** Shows the backup codes that were kept. */
async function reveal(page: Page) {
  await page.goto('/settings?section=lookup_secret')
  await press(page, button(page, 'lookup_secret_reveal', 'true'))
  await expect(page.getByTestId('node/text/lookup_secret_codes')).toBeVisible()
}

test('used backup codes are marked, few of them are a warning, and new ones replace them once they are kept', async ({
  page,
  say,
}) => {
  test.slow()
  const person = await member()
  await signIn(page, say, person)
  const codes = await setUpBackupCodes(page, say)
  // Who is signed in can be asked again, which needs a code each time.
  const use = async (code: string) => {
    await page.goto('/login?aal=aal2&refresh=true')
    await fill(page, { lookup_secret: code })
    await press(page, say('verify'))
  }

  for (const code of codes.slice(0, 8)) {
    await use(code)
    await expect(page).toHaveURL('/welcome')
  }
  await signOut(page, say)
  await signInHalfway(page, say, person)
  await fill(page, { lookup_secret: codes[8] })
  await press(page, say('verify'))
  await expect(page).toHaveURL('/welcome')
  await reveal(page)
  expect(await shownCodes(page)).toEqual(codes.slice(9))
  await expect(page.getByTestId('node/text/lookup_secret_codes').getByText(say('kratos-1050014'))).toHaveCount(9)
  await expect(page.getByText(say('settings-lookup-few', { count: 3 }))).toBeVisible()

  const again = button(page, 'lookup_secret_regenerate', 'true')
  await openQuestion(again)
  await expect(page.getByText(say('settings-lookup-again-lead'))).toBeVisible()
  await press(page, again)
  await expect(button(page, 'lookup_secret_confirm', 'true')).toBeVisible()
  const fresh = await shownCodes(page)
  expect(fresh.filter(code => codes.includes(code))).toEqual([])
  // Not kept yet: another page still knows the old ones.
  await use(fresh[0])
  await expect(message(page, 4000016)).toHaveCount(1)
  await use(codes[9])
  await expect(page).toHaveURL('/welcome')
  await reveal(page)
  expect(await shownCodes(page)).toEqual(codes.slice(10))
  await openQuestion(again)
  await press(page, again)
  await expect(button(page, 'lookup_secret_confirm', 'true')).toBeVisible()
  const kept = await shownCodes(page)
  await press(page, button(page, 'lookup_secret_confirm', 'true'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await use(codes[10])
  await expect(message(page, 4000016)).toHaveCount(1)
  await use(kept[0])
  await expect(page).toHaveURL('/welcome')

  await page.goto('/settings?section=lookup_secret')
  const off = button(page, 'lookup_secret_disable', 'true')
  await openQuestion(off)
  await expect(page.getByText(say('settings-lookup-off-lead'))).toBeVisible()
  await press(page, off)
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await expect(button(page, 'lookup_secret_regenerate', 'true')).toBeVisible()
  await signOut(page, say)
  await signIn(page, say, person)
})

test('a sign-in that waits for its second factor is no loop, comes back to where it came from, and can be left', async ({
  page,
  say,
}) => {
  const person = await member()
  await signIn(page, say, person)
  const key = await setUpApp(page, say)
  await signOut(page, say)
  await signInHalfway(page, say, person)

  await page.goto('/welcome')
  await expect(page.getByText(say('welcome-halfway'))).toBeVisible()
  await expect(page.getByRole('link', { name: say('logout') })).toBeVisible()
  for (const at of ['/login', '/registration', '/settings?section=totp', '/sessions', '/recovery', '/login?aal=aal2']) {
    await page.goto(at)
    await expect(page).toShow(say, 'login-second-factor')
    await expect(field(page, 'totp_code')).toBeVisible()
  }
  await page.goto('/login?aal=aal2&return_to=/settings')
  await page.getByTestId('logout-link').click()
  await press(page, say('logout'))
  await expect(page).toHaveURL(/\/login\?flow=/)

  await signInHalfway(page, say, person)
  await page.goto('/login?aal=aal2&return_to=/settings?section=totp')
  await typeAppCode(page, say, key)
  await expect(page).toShow(say, 'settings-totp')

  await page.goto('/login?aal=aal2')
  await expect(page).toHaveURL('/welcome')
  await expect(notice(page)).toHaveText(say('flash-signed-in-already'))
  await page.goto('/login?aal=aal2&return_to=/sessions')
  await expect(page).toHaveURL('/sessions')
})

test('a user without a second factor, or without a session, is told what to do', async ({ page, say }) => {
  await page.goto('/login?aal=aal2&return_to=/sessions')
  await expect(page).toShow(say, 'login')
  const { email, password } = await member()
  await fill(page, { identifier: email, password })
  await press(page, say('login'))
  await expect(page).toHaveURL('/sessions')

  await page.goto('/login?aal=aal2&return_to=/sessions')

  await expect(page).toShow(say, 'login-second-factor')
  await expect(page.getByText(say('no-second-factor'))).toBeVisible()
  await expect(page.getByText(say('kratos-1010004'))).toHaveCount(0)
  await expect(page.getByTestId('logout-link')).toBeVisible()
  await page.getByRole('link', { name: say('settings') }).click()
  await expect(page).toShow(say, 'settings')
})

test('a lost password is replaced after the code from the mail and the one from the app', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)
  const key = await setUpApp(page, say)
  await signOut(page, say)
  const mailbox = new Mailbox(person.email)

  await page.goto('/recovery')
  await askForCode(page, say, person.email)
  await fill(page, { code: await mailbox.code() })
  await press(page, say('next'))
  await expect(page).toShow(say, 'login-second-factor')
  await typeAppCode(page, say, key)
  await expect(page).toShow(say, 'settings-password')
  await expect(message(page, 1060001)).toBeVisible()
  await changePassword(page, say, 'something new to remember')

  await signOut(page, say)
  await signInHalfway(page, say, { ...person, password: 'something new to remember' })
  await typeAppCode(page, say, key)
  await expect(page).toHaveURL('/welcome')
})

test('an old session needs the password again, and the change is then made in its own section', async ({
  browser,
  say,
}) => {
  test.slow()
  // Several people in browsers of their own, who wait together.
  const [offPage, newPage, codesPage] = await Promise.all([1, 2, 3].map(() => browser.newPage()))
  const [off, on, renew] = await Promise.all([member(), member(), member()])
  await signIn(offPage, say, off)
  const key = await setUpApp(offPage, say)
  await offPage.goto('/settings?section=totp')
  await signIn(codesPage, say, renew)
  const codes = await setUpBackupCodes(codesPage, say)
  await reveal(codesPage)
  await signIn(newPage, say, on)
  await newPage.goto('/settings?section=totp')
  const newKey = await shownKey(newPage)
  await newPage.waitForTimeout((PRIVILEGED_SECONDS + 1) * 1000)

  await openQuestion(button(offPage, 'totp_unlink', 'true'))
  await press(offPage, button(offPage, 'totp_unlink', 'true'))
  await givePasswordAgain(offPage, say, off.password)
  await expect(offPage).toShow(say, 'settings-totp')
  await expect(notice(offPage)).toHaveText(say('settings-saved'))
  expect(await shownKey(offPage)).not.toBe(key)

  await fill(newPage, { totp_code: totpCode(newKey) })
  await press(newPage, say('turn-on'))
  await givePasswordAgain(newPage, say, on.password)
  await expect(newPage).toShow(say, 'settings-totp')
  await expect(newPage.getByText(say('settings-totp-on'))).toBeVisible()
  await expect(notice(newPage)).toHaveText(say('settings-saved'))

  await openQuestion(button(codesPage, 'lookup_secret_regenerate', 'true'))
  await press(codesPage, button(codesPage, 'lookup_secret_regenerate', 'true'))
  await givePasswordAgain(codesPage, say, renew.password)
  await expect(codesPage).toShow(say, 'settings-lookup')
  const fresh = await shownCodes(codesPage)
  expect(fresh.filter(code => !codes.includes(code))).toHaveLength(12)
  await press(codesPage, button(codesPage, 'lookup_secret_confirm', 'true'))
  await expect(notice(codesPage)).toHaveText(say('settings-saved'))
  await reveal(codesPage)
  expect(await shownCodes(codesPage)).toEqual(fresh)
  for (const page of [offPage, newPage, codesPage]) await page.context().close()
})

async function givePasswordAgain(page: Page, say: Say, password: string) {
  await expect(page).toShow(say, 'login-again')
  await fill(page, { password: 'not this one' })
  await press(page, say('continue'))
  await expect(page).toShow(say, 'login-again', { failed: true })
  await fill(page, { password })
  await press(page, say('continue'))
}

test('what a form does not hold is told, and is no way round the second factor', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)
  await setUpApp(page, say)
  await signOut(page, say)
  await signInHalfway(page, say, person)

  for (const fields of [
    { csrf_token: 'nonsense' },
    { method: 'nonsense' },
    { lookup_secret: 'nonsense', webauthn_login: '{}', passkey_login: '{}', address: 'a@example.com' },
    { method: 'password', identifier: person.email, password: person.password, provider: 'nobody' },
  ]) {
    await page.goto('/login?aal=aal2')
    await fill(page, { totp_code: 'nonsense' })
    await setFields(page, say('verify'), fields)
    const response = await press(page, say('verify'))
    expect(response.status(), Object.keys(fields).join()).toBeLessThan(500)
    await expect(page).toShow(say, 'login-second-factor', { failed: true })
  }

  await page.goto('/welcome')
  await expect(page.getByText(say('welcome-halfway'))).toBeVisible()
})

/** Gives fields of a form these values, whether the form has them or not. */
async function setFields(page: Page, words: string, fields: Record<string, string>) {
  for (const [name, value] of Object.entries(fields)) {
    const form = page.getByRole('button', { name: words, exact: true }).locator('xpath=ancestor::form')
    const given = form.locator(`input[name="${name}"]`)
    if (await given.count()) await given.evaluate((input: HTMLInputElement, value) => (input.value = value), value)
    else await addField(page, words, name, value)
  }
}

test('what a section of the settings does not hold is told, and changes nothing', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)
  await setUpBackupCodes(page, say)

  for (const fields of [
    { csrf_token: 'nonsense' },
    { method: 'nonsense' },
    { totp_unlink: 'nonsense' },
    { lookup_secret_disable: 'nonsense', webauthn_remove: 'nonsense', webauthn_register: '{}', passkey_remove: 'nonsense' },
  ]) {
    await page.goto('/settings?section=totp')
    await fill(page, { totp_code: '000000' })
    await setFields(page, say('turn-on'), fields)
    const response = await press(page, say('turn-on'))
    expect(response.status(), Object.keys(fields).join()).toBeLessThan(500)
    await expect(page).toShow(say, 'settings-totp', { failed: true })
  }

  await page.goto('/settings')
  await expect(state(page, 'totp')).toHaveText(say('state-off'))
  await expect(state(page, 'lookup_secret')).toHaveText(say('state-on'))
})

test('a form that is sent twice, or once more after it has worked, has one effect', async ({ page, context, say, hasScript }) => {
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=totp')
  const key = await shownKey(page)
  const other = await context.newPage()
  await other.goto('/settings?section=totp')
  const otherKey = await shownKey(other)

  await fill(page, { totp_code: totpCode(key) })
  await page.getByRole('button', { name: say('turn-on') }).dblclick()
  await expect(page.getByText(say('settings-totp-on'))).toBeVisible()
  await expect(summary(page)).toHaveCount(0)
  await fill(other, { totp_code: totpCode(otherKey) })
  await press(other, say('turn-on'))
  await expect(other.getByText(say('settings-totp-on'))).toBeVisible()
  await page.goBack()
  await page.goForward()
  await expect(page.getByText(say('settings-totp-on'))).toBeVisible()

  await page.goto('/settings?section=lookup_secret')
  await other.goto('/settings?section=lookup_secret')
  await press(page, button(page, 'lookup_secret_regenerate', 'true'))
  await expect(button(page, 'lookup_secret_confirm', 'true')).toBeVisible()
  const codes = await shownCodes(page)
  await button(page, 'lookup_secret_confirm', 'true').dblclick()
  await expect(button(page, 'lookup_secret_reveal', 'true')).toBeVisible()
  // Without a script the second may come after the first has worked, and is told that it changed nothing.
  if (hasScript) await expect(summary(page)).toHaveCount(0)
  await reveal(page)
  expect(await shownCodes(page)).toEqual(codes)

  await signOut(page, say)
  await signInHalfway(page, say, person)
  await typeAppCode(page, say, otherKey)
  await expect(page).toShow(say, 'login-second-factor', { failed: true })
  await fill(page, { totp_code: totpCode(key) })
  await page.getByRole('button', { name: say('verify') }).dblclick()
  await expect(page).toHaveURL('/welcome')
  // The form of before does no harm.
  await page.goBack()
  await typeAppCode(page, say, key)
  await expect(page).toHaveURL('/welcome')
  await expect(page).toShow(say, 'welcome-name', { values: { name: person.nickname } })
})

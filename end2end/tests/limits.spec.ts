// What is tried too often is put off: in words, with the time to wait, and with the form as it was.

import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member } from '../support/people'
import { GENKAN } from '../support/places'
import { askForCode, setUpApp, setUpBackupCodes, signIn, signInHalfway, signOut } from '../support/steps'
import { genkanLog } from '../support/stack'
import { expect, field, fill, flow, notice, path, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'
import { totpCode, wrongTotpCode } from '../support/totp'

test.use({
  profile: 'mfa',
  settings: { LIMIT_ACCOUNT_ATTEMPTS: '6/h', LIMIT_SECOND_FACTORS: '3/h', RESEND_COOL_DOWN: '60' },
})

const MINUTES = { '6/h': 10, '3/h': 20 }

/** What was posted is put off for so many minutes: beside the form with a script, on a page without. */
async function expectPutOff(page: Page, say: Say, hasScript: boolean, button: string, minutes: number) {
  const told = say('error-too-many-minutes', { number: minutes })
  const response = await press(page, button)

  expect(response.status()).toBe(429)
  const seconds = Number(response.headers()['retry-after'])
  expect(seconds).toBeGreaterThan((minutes - 1) * 60)
  expect(seconds).toBeLessThanOrEqual(minutes * 60)
  if (hasScript) {
    await expect(summary(page)).toContainText(told)
    await expect(summary(page)).toBeFocused()
  } else {
    await expect(page).toShow(say, 'error-too-many')
    await expect(page.getByTestId('ui/error/message')).toHaveText(told)
    await page.getByRole('link', { name: say('try-again'), exact: true }).click()
  }
}

test('too many passwords for an account are put off, and what was typed stays', async ({ page, say, answer, hasScript }) => {
  const person = await member()
  await page.goto('/login')
  const id = flow(page)
  for (let i = 0; i < 6; i++) {
    await fill(page, { identifier: person.email, password: 'not this one' })
    expect((await press(page, say('login'))).status()).toBe(answer.failed)
    await expect(summary(page)).toBeFocused()
  }

  // The right one does not help either: who tries them all would have found it.
  await fill(page, { identifier: ` ${person.email.toUpperCase()}`, password: person.password })
  await expectPutOff(page, say, hasScript, say('login'), MINUTES['6/h'])

  await expect(page.getByRole('heading', { level: 1 })).toHaveText(say('login'))
  expect(path(page)).toBe('/login')
  expect(flow(page)).toBe(id)
  await expect(field(page, 'identifier')).toHaveValue(person.email.toUpperCase())
  await expect(field(page, 'password')).toHaveValue('')
  // The form is the same as ever: another account signs in with it.
  const other = await member()
  await fill(page, { identifier: other.email, password: other.password })
  await press(page, say('login'))
  await expect(page).toHaveURL('/welcome')
  const limited = genkanLog('mfa').split('\n').filter(line => line.includes('LIMIT_ACCOUNT_ATTEMPTS'))
  expect(limited.length).toBeGreaterThan(0)
  for (const secret of [person.email, person.email.toUpperCase(), person.password, id]) {
    expect(limited.join('\n')).not.toContain(secret)
  }
})

test('codes of an app are put off for the account, in whatever session', async ({ page, say, answer, hasScript }) => {
  const person = await member()
  await signIn(page, say, person)
  const key = await setUpApp(page, say)
  await signOut(page, say)
  await signInHalfway(page, say, person)
  for (let i = 0; i < 3; i++) {
    await fill(page, { totp_code: wrongTotpCode(key) })
    expect((await press(page, say('verify'))).status()).toBe(answer.failed)
    await expect(summary(page)).toBeFocused()
  }

  await fill(page, { totp_code: totpCode(key) })
  await expectPutOff(page, say, hasScript, say('verify'), MINUTES['3/h'])

  await expect(page.getByRole('heading', { level: 1 })).toHaveText(say('login-second-factor'))
  await expect(field(page, 'totp_code')).toHaveValue('')
  await signOut(page, say)
  await signInHalfway(page, say, person)
  await fill(page, { totp_code: totpCode(key) })
  await expectPutOff(page, say, hasScript, say('verify'), MINUTES['3/h'])
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login-second-factor')
})

test('backup codes are put off', async ({ page, say, answer, hasScript }) => {
  const person = await member()
  await signIn(page, say, person)
  const [code] = await setUpBackupCodes(page, say)
  await signOut(page, say)
  await signInHalfway(page, say, person)
  for (let i = 0; i < 3; i++) {
    await fill(page, { lookup_secret: 'abcd1234' })
    expect((await press(page, say('verify'))).status()).toBe(answer.failed)
    await expect(summary(page)).toBeFocused()
  }

  await fill(page, { lookup_secret: code })
  await expectPutOff(page, say, hasScript, say('verify'), MINUTES['3/h'])

  await expect(field(page, 'lookup_secret')).toHaveValue('')
  await page.goto('/sessions')
  await expect(page).toShow(say, 'login-second-factor')
})

test('C33 another browser gets no second code for the same address right after the first', async ({
  page,
  browser,
  say,
  answer,
  language,
  hasScript,
}) => {
  const [person, next] = [await member(), await member()]
  const [mailbox, after] = [new Mailbox(person.email), new Mailbox(next.email)]
  await page.goto('/recovery')
  await askForCode(page, say, person.email)
  const code = await mailbox.code()
  const elsewhere = await browser.newContext({ baseURL: GENKAN, locale: language, javaScriptEnabled: hasScript })
  const there = await elsewhere.newPage()
  await there.goto('/recovery')

  await fill(there, { email: ` ${person.email.toUpperCase()}` })
  expect((await press(there, say('send-code'))).status()).toBe(answer.shown)

  await expect(there).toShow(say, 'recovery')
  await expect(notice(there)).toHaveText(say('flash-sent-just-now', { seconds: '60' }))
  await expect(field(there, 'email')).toHaveValue(person.email.toUpperCase())
  // Mails leave in order: when another's has come, a second would be there.
  await askForCode(there, say, next.email)
  await after.code()
  expect(await mailbox.unread()).toEqual([])
  await elsewhere.close()
  await fill(page, { code })
  await press(page, say('next'))
  await expect(page).toShow(say, 'settings-password')
})

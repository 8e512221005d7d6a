// A Kratos that answers a recovery with redirects instead of data, as it does unless it is told otherwise.

import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { PRIVILEGED_SECONDS } from '../support/places'
import { askForCode, details, expectNewStart, recover, signIn, signOut, typeCode, typeTooManyWrongCodes, typeWrongCode } from '../support/steps'
import { expect, field, fill, flow, message, notice, press, test } from '../support/test'

test.use({ profile: 'no-transitions' })

const NEW = 'something new to remember'

test('a forgotten password is replaced: address, wrong code, code, new password', async ({ page, say, answer }) => {
  const person = await member()
  const mailbox = new Mailbox(person.email)
  await page.goto('/recovery')
  await fill(page, { email: person.email })
  expect((await press(page, say('send-code'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'code')
  const done = page.url()
  const code = await mailbox.code()

  expect((await typeWrongCode(page, say('next'), code)).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'code', { failed: true })
  await expect(message(page, 4060006)).toHaveText(say('kratos-4060006'))
  expect((await typeCode(page, say('next'), code)).status()).toBe(answer.left)
  await expect(page).toShow(say, 'settings-password')
  await expect(message(page, 1060001)).toBeVisible()
  await fill(page, { password: 'short' })
  expect((await press(page, say('settings-password-submit'))).status()).toBe(answer.failed)
  await expect(page).toShow(say, 'settings-password', { failed: true })
  await fill(page, { password: NEW })
  expect((await press(page, say('settings-password-submit'))).status()).toBe(answer.shown)
  await expect(notice(page)).toHaveText(say('settings-password-saved'))

  await page.goto(done)
  await expect(page).toShow(say, 'recovery')
  await expect(page.getByRole('main')).toContainText(say('recovery-done-lead'))
  await signOut(page, say)
  await signIn(page, say, { ...person, password: NEW })
})

test('after too many wrong codes it starts again, says so, and another code works', async ({ page, say }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)
  const id = flow(page)

  await typeTooManyWrongCodes(page, say('next'), await mailbox.code())

  await expectNewStart(page, say, 'recovery', id, 'too-often')
  await askForCode(page, say, email)
  await recover(page, say, mailbox)
})

test('a sign-up goes on to its code, and from there to where it was to lead', async ({ page, say, answer }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await page.goto('/registration?return_to=/sessions')
  await fill(page, details(person))
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.left)
  await expect(page).toShow(say, 'code')
  const code = await mailbox.code()

  await typeWrongCode(page, say('confirm'), code)
  await expect(page).toShow(say, 'code', { failed: true })
  await typeCode(page, say('confirm'), code)
  await expect(page).toShow(say, 'verification-done')
  await page.getByRole('link', { name: say('kratos-1070009'), exact: true }).click()
  await expect(page).toHaveURL('/sessions')
})

test('a change that comes a while after the sign-in asks for the password, and then is made', async ({ page, say }) => {
  test.slow()
  const person = await member()
  await signIn(page, say, person)
  await page.goto('/settings?section=password')
  await page.waitForTimeout((PRIVILEGED_SECONDS + 1) * 1000)

  await fill(page, { password: NEW })
  await press(page, say('settings-password-submit'))
  await expect(page).toShow(say, 'login-again')
  await fill(page, { password: person.password })
  await press(page, say('continue'))

  await expect(page).toShow(say, 'settings-password')
  await expect(field(page, 'password')).toHaveValue('')
  await expect(notice(page)).toBeVisible()
  await signOut(page, say)
  await signIn(page, say, { ...person, password: NEW })
})

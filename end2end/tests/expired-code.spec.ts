// Mailed codes that are too old while the form that waits for them is not.

import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member, newcomer, stranger } from '../support/people'
import { CODE_SECONDS } from '../support/places'
import { askForCode, askForSignInCode, askForSignUpCode, confirmAddress, expectNewStart, recover, traits, typeCode } from '../support/steps'
import { expect, expectValues, field, flow, press, test } from '../support/test'
import { recoverAfterLateCode } from '../support/version'

test.use({ profile: 'code short-code' })

/** Types a code, but so late that it is not good any more. */
async function typeLate(page: Page, button: string, code: string) {
  await page.waitForTimeout((CODE_SECONDS + 1) * 1000)
  return typeCode(page, button, code)
}

test('C34 a sign-in with a code that is too old says so, keeps the address, and ends where it was to', async ({ page, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/login?return_to=/sessions')
  await askForSignInCode(page, say, email)
  const id = flow(page)

  const response = await typeLate(page, say('login-code-submit'), await mailbox.code())

  expect(response.status()).toBe(answer.left)
  await expectNewStart(page, say, 'login', id, 'kratos-4010001')
  await expect(field(page, 'identifier')).toHaveValue(email)
  await press(page, say('kratos-1010015'))
  await expect(page).toShow(say, 'code')
  await typeCode(page, say('login-code-submit'), await mailbox.code())
  await expect(page).toHaveURL('/sessions')
})

test('C34 a sign-up with a code that is too old says so, and keeps all that was typed', async ({ page, say, answer }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  const typed = traits(person)
  await page.goto('/registration?return_to=/sessions')
  await askForSignUpCode(page, say, typed)
  const id = flow(page)

  const response = await typeLate(page, say('registration-code-submit'), await mailbox.code())

  expect(response.status()).toBe(answer.left)
  await expectNewStart(page, say, 'registration', id, 'kratos-4040001')
  await expectValues(page, typed)
  await press(page, say('kratos-1040006'))
  await expect(page).toShow(say, 'code')
  await typeCode(page, say('registration-code-submit'), await mailbox.code())
  await expect(page).toHaveURL('/sessions')
})

test('C34 a code of a verification that is too old says so, keeps the address, and another works', async ({ page, say, answer }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/verification')
  await askForCode(page, say, email)
  const id = flow(page)

  const response = await typeLate(page, say('confirm'), await mailbox.code())

  expect(response.status()).toBe(answer.left)
  await expectNewStart(page, say, 'verification', id, 'kratos-4070005')
  await expect(field(page, 'email')).toHaveValue(email)
  await press(page, say('send-code'))
  await expect(page).toShow(say, 'code')
  await confirmAddress(page, say, mailbox)
})

test('C34 a code of a recovery that is too old is refused, and another works', async ({ page, say }) => {
  const { email } = await newcomer()
  const mailbox = new Mailbox(email)
  await page.goto('/recovery')
  await askForCode(page, say, email)
  const id = flow(page)

  await typeLate(page, say('next'), await mailbox.code())

  await recoverAfterLateCode(page, say, email, id)
  await recover(page, say, mailbox)
})

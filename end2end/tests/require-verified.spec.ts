// No sign-in before the address is confirmed.

import { Mailbox } from '../support/mail'
import { member, newcomer, stranger } from '../support/people'
import { details, signIn } from '../support/steps'
import { expect, fill, message, press, test } from '../support/test'
import { beSentToConfirm, codeWithoutHook } from '../support/version'

test.use({ profile: 'require-verified' })

test('a sign-up ends with the code, and after it the sign-in works', async ({ page, say, answer }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await page.goto('/registration')
  await fill(page, details(person))
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.left)

  await fill(page, { code: await codeWithoutHook(page, say, person.email, mailbox) })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done')
  await page.getByRole('link', { name: say('kratos-1070009'), exact: true }).click()
  // Confirmed is not signed in.
  await expect(page).toShow(say, 'welcome')
  await signIn(page, say, person)
})

test('a sign-in before that leads to the confirmation, and afterwards to where it was meant to', async ({ page, say }) => {
  const person = await newcomer()
  const mailbox = new Mailbox(person.email)
  await page.goto('/login?return_to=/sessions')
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))
  await beSentToConfirm(page, say, person)
  await fill(page, { code: await mailbox.code() })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done')
  await page.getByRole('link', { name: say('kratos-1070009'), exact: true }).click()
  await expect(page).toShow(say, 'login')
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/sessions')
})

test('a wrong password is said as such, whether the address is confirmed or not', async ({ page, say }) => {
  for (const { email } of [await newcomer(), await member()]) {
    await page.goto('/login')
    await fill(page, { identifier: email, password: 'not this one' })
    await press(page, say('login'))
    await expect(page).toShow(say, 'login', { failed: true })
    await expect(message(page, 4000006)).toHaveText(say('kratos-4000006'))
    await expect(message(page, 4000010)).toHaveCount(0)
  }
})

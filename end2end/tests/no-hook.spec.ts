// A sign-up without the hook `show_verification_ui`, as many a configuration from before Kratos 25.4 has it.

import { accounts, stranger } from '../support/people'
import { Mailbox } from '../support/mail'
import { details } from '../support/steps'
import { expect, fill, press, test } from '../support/test'
import { codeWithoutHook } from '../support/version'

test.use({ profile: 'no-hook' })

test('a sign-up leads to its code all the same, and then to where it was to lead', async ({ page, say, answer }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await page.goto('/registration?return_to=/sessions')
  await fill(page, details(person))
  expect((await press(page, say('registration-submit'))).status()).toBe(answer.left)

  await fill(page, { code: await codeWithoutHook(page, say, person.email, mailbox) })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done')
  const [account] = await accounts(person.email)
  expect(account?.verifiable_addresses[0]?.verified).toBe(true)
  await page.getByRole('link', { name: say('kratos-1070009'), exact: true }).click()
  await expect(page).toHaveURL('/sessions')
})

test('the link of the first mail confirms the address, too', async ({ page, say }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await page.goto('/registration')
  await fill(page, details(person))
  await press(page, say('registration-submit'))
  await expect(page).toHaveURL(/\/verification\?flow=/)

  await page.goto(await mailbox.link())
  await expect(page).toShow(say, 'code')
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done')
})

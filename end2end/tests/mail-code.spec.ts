// Mails that take the place of a password are in the language of the page that asks for them.

import { member, stranger } from '../support/people'
import { askForSignInCode, askForSignUpCode, details, expectBothLanguages } from '../support/steps'
import { test } from '../support/test'

test.use({ profile: 'code' })

test('a code to sign in comes in the language of the page, and the next in that which is chosen then', async ({
  page,
  say,
  language,
}) => {
  const { email } = await member()
  await page.goto('/login')
  await askForSignInCode(page, say, email)

  await expectBothLanguages(page, email, language, 'resend')
})

test('a code to sign up comes in the language of the page, and the next in that which is chosen then', async ({
  page,
  say,
  language,
}) => {
  const person = stranger()
  await page.goto('/registration')
  await askForSignUpCode(page, say, details(person))

  await expectBothLanguages(page, person.email, language, 'resend')
})

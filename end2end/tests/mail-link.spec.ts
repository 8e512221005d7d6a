// Mails with links are in the language of the page that asks for them, where Kratos says which it is.

import { Mailbox } from '../support/mail'
import { newcomer } from '../support/people'
import { askForLink, expectBothLanguages } from '../support/steps'
import { test } from '../support/test'

test.use({ profile: 'link' })

test('a link for a verification comes in the language of the page, and the next in that which is chosen then', async ({
  page,
  say,
  language,
}) => {
  const { email } = await newcomer()
  await page.goto('/verification')
  await askForLink(page, say, email)

  await expectBothLanguages(page, email, language, 'send-link-again')
})

// Kratos 1.3.1 loads the flow again before it writes this mail, and so loses the language.
test('a link for a recovery comes in both languages', async ({ page, say }) => {
  const { email } = await newcomer()
  await page.goto('/recovery')

  await askForLink(page, say, email)

  await new Mailbox(email).expectInBoth()
})

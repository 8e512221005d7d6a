// Mails that take the place of a password are in the language of the page that asks for them.

import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { choose, details } from '../support/steps'
import { expect, fill, press, test } from '../support/test'
import { OTHER, TEXTS } from '../support/texts'

test.use({ profile: 'code' })

test('a code to sign in comes in the language of the page, and the next in that which is chosen then', async ({
  page,
  say,
  language,
}) => {
  const other = OTHER[language]
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/login')
  await fill(page, { identifier: email })
  await press(page, say('kratos-1010015'))
  await expect(page).toShow(say, 'code')
  await mailbox.expectIn(language)

  await choose(page, other)
  await press(page, TEXTS[other]('resend'))

  await mailbox.expectIn(other)
})

test('a code to sign up comes in the language of the page, and the next in that which is chosen then', async ({
  page,
  say,
  language,
}) => {
  const other = OTHER[language]
  const { password: _, ...traits } = details(stranger())
  const mailbox = new Mailbox(traits['traits.email']!)
  await page.goto('/registration')
  await fill(page, traits)
  await press(page, say('kratos-1040006'))
  await expect(page).toShow(say, 'code')
  await mailbox.expectIn(language)

  await choose(page, other)
  await press(page, TEXTS[other]('resend'))

  await mailbox.expectIn(other)
})

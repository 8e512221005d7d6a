// Mails are in the language of the page that asks for them.

import { Mailbox } from '../support/mail'
import { member, newcomer, stranger } from '../support/people'
import { PRIVILEGED_SECONDS } from '../support/places'
import { askForCode, choose, details, expectBothLanguages, signIn } from '../support/steps'
import { expect, fill, press, test } from '../support/test'
import { OTHER, TEXTS } from '../support/texts'
import { expectConfirmationWithoutHook, expectMailOfChange } from '../support/version'

for (const kind of ['verification', 'recovery'] as const) {
  test(`a code for a ${kind} comes in the language of the page, and the next in that which is chosen then`, async ({
    page,
    say,
    language,
  }) => {
    const { email } = await newcomer()
    await page.goto(`/${kind}`)
    await askForCode(page, say, email)

    await expectBothLanguages(page, email, language, 'resend')
  })
}

test('the code after a sign-up comes in the language that was chosen for it', async ({ page, language }) => {
  const say = TEXTS[OTHER[language]]
  const person = stranger()
  await page.goto('/registration')
  await choose(page, OTHER[language])

  await fill(page, details(person))
  await press(page, say('registration-submit'))

  await expect(page).toShow(say, 'code')
  await new Mailbox(person.email).expectIn(OTHER[language])
})

test('the code to a new address comes in the language of the settings, or of the sign-in that they ask for', async ({
  page,
  say,
  language,
}) => {
  test.slow()
  const other = OTHER[language]
  const person = await member()
  await signIn(page, say, person)
  const signedIn = Date.now()
  await page.goto('/settings?section=profile')
  await choose(page, other)
  const first = stranger().email
  await fill(page, { 'traits.email': first })
  await press(page, TEXTS[other]('save'))
  await expectConfirmationWithoutHook(page, TEXTS[other])
  await expectMailOfChange(new Mailbox(first), other)

  await page.goto('/settings?section=profile')
  await page.waitForTimeout(signedIn + (PRIVILEGED_SECONDS + 1) * 1000 - Date.now())
  const second = stranger().email
  await fill(page, { 'traits.email': second })
  await press(page, TEXTS[other]('save'))
  await expect(page).toShow(TEXTS[other], 'login-again')
  await choose(page, language)
  await fill(page, { password: person.password })
  await press(page, say('continue'))

  await expectMailOfChange(new Mailbox(second), language)
})

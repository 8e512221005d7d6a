// After one code it takes a while until the next may be asked for.

import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { GENKAN } from '../support/places'
import { askForAnotherCode, askForSignInCode, confirmAddress, signUp } from '../support/steps'
import { expect, field, fill, message, notice, press, test } from '../support/test'
import { TEXTS } from '../support/texts'

test.use({ profile: 'code', settings: { RESEND_COOL_DOWN: '4' } })

test('C33 a second code right after the first is not sent, and a while later it is', async ({ page, context, browser, say, answer }) => {
  const { email } = await member()
  const mailbox = new Mailbox(email)
  await page.goto('/login')
  await askForSignInCode(page, say, email)

  expect((await press(page, say('resend'))).status()).toBe(answer.shown)
  await expect(page).toShow(say, 'code')
  await expect(notice(page)).toHaveText(say('flash-sent-just-now', { seconds: '4' }))
  await expect(field(page, 'code')).toBeFocused()
  const first = await mailbox.code()
  const isOver = async () => (await context.cookies()).every(cookie => cookie.name !== 'genkan_sent')
  await expect.poll(isOver).toBe(true)
  // Mails leave in order: when another's has come, a second would be there.
  const other = await member()
  const elsewhere = await browser.newContext({ baseURL: GENKAN, locale: 'en' })
  const there = await elsewhere.newPage()
  await there.goto('/login')
  await askForSignInCode(there, TEXTS.en, other.email)
  await new Mailbox(other.email).code()
  await elsewhere.close()
  expect(await mailbox.unread()).toEqual([])
  await askForAnotherCode(page, say)
  const second = await mailbox.code()
  await fill(page, { code: first })
  expect((await press(page, say('login-code-submit'))).status()).toBe(answer.failed)
  await expect(message(page, 4010008)).toBeVisible()
  await fill(page, { code: second })
  await press(page, say('login-code-submit'))

  await expect(page).toHaveURL('/welcome')
})

test('C33 the code of a sign-up is the first one, and stays good', async ({ page, say }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await signUp(page, say, person)

  await press(page, say('resend'))
  await expect(notice(page)).toHaveText(say('flash-sent-just-now', { seconds: '4' }))

  await confirmAddress(page, say, mailbox)
})

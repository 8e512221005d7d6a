// Accounts named by a phone number: no page speaks of mail, and every button does something. Kratos 1.3.1 sends text messages
// after a change and at the sign-in, never on request.

import { randomInt } from 'node:crypto'
import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { KRATOS_ADMIN } from '../support/places'
import { stranger } from '../support/people'
import { expect, field, fill, message, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'
import { confirmsEachAddress } from '../support/version'

test.use({ profile: 'phone' })

/** One that Kratos takes for a mobile number. */
const number = () => `+49176${randomInt(10_000_000, 99_999_999)}`

/** The code of the text message to a number. */
async function texted(phone: string): Promise<string> {
  const url = `${KRATOS_ADMIN}/admin/courier/messages?recipient=${encodeURIComponent(phone)}`
  const [{ body }] = await (await fetch(url)).json()
  return /\d{6}/.exec(body)![0]
}

async function signUp(page: Page, say: Say, traits: Record<string, string>) {
  await page.goto('/registration')
  await fill(page, { ...traits, password: stranger().password })
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
}

/** Whether nothing here is about mail. */
async function expectNoMail(page: Page) {
  await expect(page.getByRole('main')).not.toContainText(/mail|メール/i)
}

test('a phone number is confirmed by its code, in words for phones', async ({ page, say }) => {
  const phone = number()
  await page.goto('/registration')
  await expect(field(page, 'traits.phone')).toHaveAttribute('type', 'tel')
  await signUp(page, say, { 'traits.phone': phone })
  await expectNoMail(page)
  await expect(message(page, 1080003)).toHaveText(say('verification-code-lead-phone', { address: phone }))
  await expect(page.getByRole('main').getByRole('button')).toHaveText([say('confirm')])

  await fill(page, { code: '000000' })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'code', { failed: true })
  await expectNoMail(page)

  await fill(page, { code: await texted(phone) })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'verification-done-phone')
  await expectNoMail(page)
  await page.goto('/welcome')
  await expect(page.locator('main a[href*="/verification"]')).toHaveCount(0)
})

test('a mistyped number is asked for again as a number', async ({ page, say }) => {
  const phone = number()
  await page.goto('/login')
  await expect(page.getByLabel(say('trait-phone'), { exact: true })).toHaveAttribute('inputmode', 'tel')
  await fill(page, { identifier: phone, password: 'not this one' })
  await press(page, say('login'))
  await expect(summary(page)).toContainText(say('login-wrong', { label: say('trait-phone') }))

  await page.goto('/login')
  await fill(page, { identifier: phone })
  await press(page, say('kratos-1010015'))
  await expect(page).toShow(say, 'login', { failed: true })
  await expect(summary(page)).toContainText(say('login-unknown'))
  await expect(page.getByLabel(say('trait-phone'), { exact: true })).toHaveValue(phone)
  await expectNoMail(page)
})

test('a mail address and a phone number are confirmed one after the other', async ({ page, say }) => {
  const phone = number()
  const { email } = stranger()
  const mailbox = new Mailbox(email)
  await signUp(page, say, { 'traits.phone': phone, 'traits.email': email })
  const codes = { [email]: () => mailbox.code(), [phone]: () => texted(phone) }
  const lead = await message(page, 1080003).textContent()
  const [first, second] = lead!.includes(email) ? [email, phone] : [phone, email]

  await fill(page, { code: await codes[first]() })
  await press(page, say('confirm'))
  if (!(await confirmsEachAddress())) {
    await expect(message(page, 1080002)).toHaveText(say('verification-done-lead'))
    return
  }
  await expect(message(page, 1080002)).toHaveText(say('verification-next-lead'))
  await page.getByRole('link', { name: say('verification-next', { address: second }), exact: true }).click()

  await expect(message(page, 1080003)).toContainText(second)
  await fill(page, { code: await codes[second]() })
  await press(page, say('confirm'))
  await expect(message(page, 1080002)).toHaveText(say('verification-done-lead'))
})

// A mailed code as the second factor, which everybody has who has an address.

import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import { askForCode, changePassword, confirmAddress, signInHalfway, signOut, signUp } from '../support/steps'
import { expect, field, fill, message, notice, press, summary, test } from '../support/test'
import type { Say } from '../support/texts'

test.use({ profile: 'mfa-code' })

/** The code for the second half of a sign-in comes without being asked for, and there is no other way. */
async function expectCode(page: Page, say: Say, email: string) {
  await expect(page).toShow(say, 'login-second-factor')
  await expect(message(page, 1010014)).toContainText(email)
  await expect(field(page, 'code')).toBeFocused()
  await expect(page.getByRole('link', { name: say('factor-others') })).toHaveCount(0)
}

/** A code that was not sent. */
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

test('a sign-in asks for the code from a mail, of which the last one counts', async ({ page, say, answer }) => {
  const person = await member()
  const mailbox = new Mailbox(person.email)
  await page.goto('/sessions')
  await fill(page, { identifier: person.email, password: person.password })
  await press(page, say('login'))
  await expectCode(page, say, person.email)
  const first = await mailbox.code()
  for (const code of ['', 'abc', other(first)]) {
    await fill(page, { code })
    expect((await press(page, say('confirm'))).status(), code).toBe(answer.failed)
    await expect(page).toShow(say, 'login-second-factor', { failed: true })
    await expect(summary(page)).toBeFocused()
  }
  await expect(page.getByTestId('logout-link')).toBeVisible()
  await fill(page, { code: first })
  expect((await press(page, say('confirm'))).status()).toBe(answer.left)
  await expect(page).toHaveURL('/sessions')
  await signOut(page, say)

  await signInHalfway(page, say, person)
  await expectCode(page, say, person.email)
  const second = await mailbox.code()
  await press(page, say('resend'))
  await expect(notice(page)).toHaveText(say('flash-resent'))
  const third = await mailbox.code()
  for (const code of [first, second]) {
    await fill(page, { code })
    await press(page, say('confirm'))
    await expect(page).toShow(say, 'login-second-factor', { failed: true })
  }
  await fill(page, { code: third })
  await press(page, say('confirm'))
  await expect(page).toHaveURL('/welcome')
})

test('a new account, and a lost password, take one code more', async ({ page, say }) => {
  const person = stranger()
  const mailbox = new Mailbox(person.email)
  await signUp(page, say, person)
  await confirmAddress(page, say, mailbox)
  await page.goto('/settings?section=profile')
  await expectCode(page, say, person.email)
  await fill(page, { code: await mailbox.code() })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'settings-profile')
  await signOut(page, say)

  await page.goto('/recovery')
  await askForCode(page, say, person.email)
  await fill(page, { code: await mailbox.code() })
  await press(page, say('next'))
  await expectCode(page, say, person.email)
  await fill(page, { code: await mailbox.code() })
  await press(page, say('confirm'))
  await expect(page).toShow(say, 'settings-password')
  await changePassword(page, say, 'something new to remember')
})

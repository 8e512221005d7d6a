// Who keeps passwords and codes elsewhere pastes them, into any field.

import type { Page } from '@playwright/test'
import { Mailbox } from '../support/mail'
import { member, newcomer, stranger } from '../support/people'
import { details, setUpBackupCodes, shownKey, signIn, signInHalfway, signOut } from '../support/steps'
import { expect, field, fill, fullWidth, notice, paste, press, test } from '../support/test'
import { totpCode } from '../support/totp'

test.use({ profile: 'mfa' })

/** Pastes into each field of the page, but for dates: the browser makes those of parts, none of which takes a whole date. */
async function pasteAll(page: Page, values: Record<string, string>) {
  await expect(page.locator('main input:visible:not([readonly], [type=date])')).toHaveCount(Object.keys(values).length)
  for (const [name, value] of Object.entries(values)) {
    await fill(page, { [name]: '' })
    await paste(field(page, name), value)
    await expect(field(page, name)).toHaveValue(value)
  }
}

test('C12 an address and a password are pasted, and sign in', async ({ page, say }) => {
  const { email, password } = await member()
  await page.goto('/login')

  await pasteAll(page, { identifier: email, password })
  await press(page, say('login'))

  await expect(page).toHaveURL('/welcome')
})

test('C12 all that a sign-up asks for is pasted, and the code as well', async ({ page, say }) => {
  const person = stranger()
  await page.goto('/registration')

  await pasteAll(page, details(person))
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
  await pasteAll(page, { code: await new Mailbox(person.email).code() })
  await press(page, say('confirm'))

  await expect(page).toShow(say, 'verification-done')
})

for (const [kind, submit, end] of [
  ['verification', 'confirm', 'verification-done'],
  ['recovery', 'next', 'settings-password'],
] as const) {
  test(`C12 the address and the code of a ${kind} are pasted`, async ({ page, say }) => {
    const { email } = await newcomer()
    await page.goto(`/${kind}`)

    await pasteAll(page, { email })
    await press(page, say('send-code'))
    await expect(page).toShow(say, 'code')
    await pasteAll(page, { code: await new Mailbox(email).code() })
    await press(page, say(submit))

    await expect(page).toShow(say, end)
  })
}

test('C12 a profile and a new password are pasted', async ({ page, say }) => {
  const person = await member()
  const { password: _, ...profile } = details({ ...person, nickname: 'タロ' })
  await signIn(page, say, person)

  await page.goto('/settings?section=profile')
  await pasteAll(page, profile)
  await press(page, say('save'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  await page.goto('/settings?section=password')
  await pasteAll(page, { password: 'something new to remember' })
  await press(page, say('settings-password-submit'))
  await expect(notice(page)).toHaveText(say('settings-password-saved'))

  await signOut(page, say)
  await signIn(page, say, { ...person, password: 'something new to remember' })
})

for (const [how, written] of [
  ['in two groups', (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`],
  ['with a hyphen', (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
  ['in full width', fullWidth],
] as const) {
  test(`C10 C12 a code of an app pasted ${how} sets the app up, and signs in`, async ({ page, say }) => {
    const person = await member()
    const giveCode = async (key: string) => {
      for (const limit of ['maxlength', 'pattern']) await expect(field(page, 'totp_code')).not.toHaveAttribute(limit)
      await pasteAll(page, { totp_code: written(totpCode(key)) })
    }
    await signIn(page, say, person)
    await page.goto('/settings?section=totp')
    const key = await shownKey(page)

    await giveCode(key)
    await press(page, say('turn-on'))
    await expect(notice(page)).toHaveText(say('settings-saved'))
    await signOut(page, say)
    await signInHalfway(page, say, person)
    await giveCode(key)
    await press(page, say('verify'))

    await expect(page).toHaveURL('/welcome')
  })
}

test('C12 a backup code is pasted, and signs in', async ({ page, say }) => {
  const person = await member()
  await signIn(page, say, person)
  const [code] = await setUpBackupCodes(page, say)
  await signOut(page, say)
  await signInHalfway(page, say, person)

  await pasteAll(page, { lookup_secret: code })
  await press(page, say('verify'))

  await expect(page).toHaveURL('/welcome')
})

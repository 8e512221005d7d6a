// Passkeys and security keys need a script. Where there is none, nothing of them is offered, the page says why where they
// are all there is, and there is another way in.

import type { Page } from '@playwright/test'
import { Authenticator } from '../support/authenticator'
import { Mailbox } from '../support/mail'
import { member, stranger } from '../support/people'
import {
  askForCode,
  changePassword,
  openQuestion,
  recover,
  setUpBackupCodes,
  setUpKey,
  signIn,
  signInHalfway,
  signOut,
  traits,
} from '../support/steps'
import { expect, field, fill, press, test } from '../support/test'

test.use({ profile: 'mfa passkey' })

const trigger = (page: Page, of: string) => page.getByTestId(`node/input/${of}_trigger`)
const remove = (page: Page, what: 'passkey' | 'webauthn') => page.locator(`button[name=${what}_remove]`)

/** Another browser, which runs scripts. */
const withScript = test.extend<{ there: Page }>({
  there: async ({ browser }, use) => {
    const context = await browser.newContext({ javaScriptEnabled: true })
    await use(await context.newPage())
    await context.close()
  },
})

withScript('C38 an account that has only a passkey is told why it cannot be used, and gets in by a code from a mail', async ({
  page,
  there,
  say,
}) => {
  await Authenticator.plugInto(there, 'passkey')
  const person = stranger()
  await there.goto('/registration')
  await fill(there, traits(person))
  await press(there, trigger(there, 'passkey_register'))
  await expect(there).toHaveURL(/\/verification\?flow=/)

  await page.goto('/registration')
  await expect(trigger(page, 'passkey_register')).toBeHidden()
  await page.goto('/login')
  await expect(page).toShow(say, 'login')
  await expect(trigger(page, 'passkey_login')).toBeHidden()
  await expect(page.getByText(say('or'), { exact: true })).toBeHidden()

  // The same sign-in, and the script went away.
  await page.context().addCookies(await there.context().cookies())
  await page.goto('/login?refresh=true')
  await expect(page).toShow(say, 'login-again')
  await expect(page.getByText(say('webauthn-lacking'))).toBeVisible()
  await expect(page.getByTestId('logout-link')).toBeVisible()
  await page.goto('/settings?section=passkey')
  await expect(page.getByText(say('webauthn-lacking'))).toBeVisible()
  await expect(trigger(page, 'passkey_settings_register')).toBeHidden()
  await expect(page.getByText(say('settings-passkey-last'))).toBeVisible()
  await expect(remove(page, 'passkey')).toHaveCount(0)
  await page.context().clearCookies()

  const mailbox = new Mailbox(person.email)
  await mailbox.next()
  await page.goto('/login')
  await page.getByTestId('forgot-password-link').click()
  await askForCode(page, say, person.email)
  await recover(page, say, mailbox)
  await changePassword(page, say, person.password)
  await page.goto('/settings?section=passkey')
  await openQuestion(remove(page, 'passkey'))
  await press(page, remove(page, 'passkey'))
  await expect(page.getByText(say('settings-passkey-none'))).toBeVisible()
  await signOut(page, say)
  await signIn(page, say, person)
})

withScript('a security key as the second factor is told to be out of reach, and a backup code is the other way', async ({
  page,
  there,
  say,
}) => {
  await Authenticator.plugInto(there, 'security key')
  const person = await member()
  await signIn(there, say, person)
  await setUpKey(there, say, 'Blue key')
  const codes = await setUpBackupCodes(there, say)

  await signInHalfway(page, say, person)
  await expect(trigger(page, 'webauthn_login')).toBeHidden()
  await expect(page.getByText(say('webauthn-lacking'))).toBeVisible()
  await expect(page.getByTestId('logout-link')).toBeVisible()
  await page.getByRole('link', { name: say('factor-lookup') }).click()
  await fill(page, { lookup_secret: codes[0] })
  await press(page, say('verify'))
  await expect(page).toHaveURL('/welcome')

  await page.goto('/settings?section=webauthn')
  await expect(page.getByText('Blue key', { exact: true })).toBeVisible()
  await expect(page.getByText(say('webauthn-lacking'))).toBeVisible()
  await expect(field(page, 'webauthn_register_displayname')).toHaveCount(0)
  await openQuestion(remove(page, 'webauthn'))
  await press(page, remove(page, 'webauthn'))
  await expect(page.getByText(say('settings-webauthn-none'))).toBeVisible()
})

// What people do on the way to what a test is about.

import type { Locator, Page, Response } from '@playwright/test'
import { Mailbox } from './mail'
import type { Person } from './people'
import { button, expect, fill, notice, press } from './test'
import { OTHER, TEXTS, type Language, type Say } from './texts'
import { totpCode } from './totp'

export async function signIn(page: Page, say: Say, person: Person) {
  await givePassword(page, say, person)
  await expect(page).toHaveURL('/welcome')
}

/** The same, for an account that asks for more than a password. */
export async function signInHalfway(page: Page, say: Say, person: Person) {
  await givePassword(page, say, person)
  await expect(page).toShow(say, 'login-second-factor')
}

async function givePassword(page: Page, say: Say, { email, password }: Person) {
  await page.goto('/login')
  await fill(page, { identifier: email, password })
  await press(page, say('login'))
}

export async function signOut(page: Page, say: Say) {
  await page.goto('/logout')
  await press(page, say('logout'))
  await expect(page).toHaveURL(/\/login\?flow=/)
}

/** The fields of a sign-up. */
export const details = ({ email, password, lastname, firstname, nickname }: Person): Record<string, string> => ({
  'traits.email': email,
  'traits.lastname': lastname,
  'traits.firstname': firstname,
  'traits.nickname': nickname,
  password,
})

/** Has a code sent, for a verification or a recovery. */
export async function askForCode(page: Page, say: Say, email: string) {
  await fill(page, { email })
  await press(page, say('send-code'))
  await expect(page).toShow(say, 'code')
}

/** Has a code sent, for a sign-in without a password. */
export async function askForSignInCode(page: Page, say: Say, identifier: string) {
  await fill(page, { identifier })
  await press(page, say('kratos-1010015'))
  await expect(page).toShow(say, 'code')
}

/** Has a code sent, for a sign-up without a password. */
export async function askForSignUpCode(page: Page, say: Say, { password: _, ...traits }: Record<string, string>) {
  await fill(page, traits)
  await press(page, say('kratos-1040006'))
  await expect(page).toShow(say, 'code')
}

/** Kratos takes five wrong codes, and ends the flow at the sixth. */
export async function typeTooManyWrongCodes(page: Page, button: string, right: string) {
  for (let i = 0; i < 6; i++) {
    await fill(page, { code: String((Number(right) + 1 + i) % 1_000_000).padStart(6, '0') })
    await press(page, button)
    if (i < 5) await expect(page.locator('#error-summary')).toBeFocused()
  }
}

/** Types any code but the right one. */
export async function typeWrongCode(page: Page, button: string, right: string): Promise<Response> {
  await fill(page, { code: right === '000000' ? '000001' : '000000' })
  return press(page, button)
}

/** Has a link sent, for a verification or a recovery. */
export async function askForLink(page: Page, say: Say, email: string) {
  await fill(page, { email })
  await press(page, say('send-link'))
  await expect(page).toShow(say, 'link-sent')
}

/** Chooses the other language, on the page as it is. */
export async function choose(page: Page, language: Language) {
  await page.getByRole('contentinfo').locator(`a[hreflang=${language}]`).click()
  await expect(page.locator('html')).toHaveAttribute('lang', language)
}

/** The mail to somebody is in the language of the page, and the next, which `again` asks for, in the one that is chosen then. */
export async function expectBothLanguages(page: Page, email: string, language: Language, again: string) {
  const other = OTHER[language]
  const mailbox = new Mailbox(email)
  await mailbox.expectIn(language)
  await choose(page, other)
  await press(page, TEXTS[other](again))
  await mailbox.expectIn(other)
}

/** The key for the authenticator app, as the page shows it. */
export const shownKey = (page: Page): Promise<string> => page.getByTestId('node/text/totp_secret_key/text').innerText()

/** Sets up an authenticator app, and answers with its key. */
export async function setUpApp(page: Page, say: Say): Promise<string> {
  await page.goto('/settings?section=totp')
  const key = await shownKey(page)
  await fill(page, { totp_code: totpCode(key) })
  await press(page, say('turn-on'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  return key
}

/** The backup codes that the page shows and that were not used. */
export const shownCodes = (page: Page): Promise<string[]> =>
  page.getByTestId('node/text/lookup_secret_codes').locator('code').allInnerTexts()

/** Makes backup codes and keeps them. */
export async function setUpBackupCodes(page: Page, say: Say): Promise<string[]> {
  await page.goto('/settings?section=lookup_secret')
  await press(page, button(page, 'lookup_secret_regenerate', 'true'))
  await expect(button(page, 'lookup_secret_confirm', 'true')).toBeVisible()
  const codes = await shownCodes(page)
  await press(page, button(page, 'lookup_secret_confirm', 'true'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
  return codes
}

/** Opens the question that stands before a button which takes something away. */
export async function openQuestion(button: Locator) {
  await expect(button).toBeHidden()
  await button.locator('xpath=ancestor::details').locator('summary').click()
  await expect(button).toBeVisible()
}

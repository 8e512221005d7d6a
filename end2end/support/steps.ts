// What people do on the way to what a test is about.

import type { Locator, Page, Response } from '@playwright/test'
import { Mailbox } from './mail'
import { stranger, type Person } from './people'
import { button, expect, expectValues, field, fill, notice, press, summary } from './test'
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

/** The fields of a sign-up, but for the password. */
export const traits = ({ email, lastname, firstname, nickname }: Person): Record<string, string> => ({
  'traits.email': email,
  'traits.lastname': lastname,
  'traits.firstname': firstname,
  'traits.nickname': nickname,
})

/** The fields of a sign-up. */
export const details = (person: Person): Record<string, string> => ({ ...traits(person), password: person.password })

/** Signs up, which leads to the code that confirms the address. */
export async function signUp(page: Page, say: Say, person: Person) {
  await page.goto('/registration')
  await fill(page, details(person))
  await press(page, say('registration-submit'))
  await expect(page).toShow(say, 'code')
}

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

/** Has another code sent, which leaves the field for it empty. */
export async function askForAnotherCode(page: Page, say: Say): Promise<Response> {
  const response = await press(page, say('resend'))
  await expect(page).toShow(say, 'code')
  await expect(notice(page)).toHaveText(say('flash-resent'))
  await expect(field(page, 'code')).toHaveValue('')
  await expect(field(page, 'code')).toBeFocused()
  return response
}

/** Goes from the code back to where the address was typed, which is kept with all else that was. */
export async function goBackToAddress(page: Page, say: Say, screen: string, typed: Record<string, string>) {
  await page.getByRole('link', { name: say('code-other-address') }).click()
  await expect(page).toShow(say, screen)
  await expectValues(page, typed)
}

/** Types the code from a mail, which confirms the address. */
export async function confirmAddress(page: Page, say: Say, mailbox: Mailbox) {
  await typeCode(page, say('confirm'), await mailbox.code())
  await expect(page).toShow(say, 'verification-done')
}

/** Types the code from a mail, which leads to the form for a new password. */
export async function recover(page: Page, say: Say, mailbox: Mailbox) {
  await typeCode(page, say('next'), await mailbox.code())
  await expect(page).toShow(say, 'settings-password')
}

/** Types a code. */
export async function typeCode(page: Page, button: string, code: string): Promise<Response> {
  await fill(page, { code })
  return press(page, button)
}

/** Kratos takes five wrong codes, and ends the flow at the sixth. */
export async function typeTooManyWrongCodes(page: Page, button: string, right: string) {
  for (let i = 0; i < 6; i++) {
    await typeCode(page, button, String((Number(right) + 1 + i) % 1_000_000).padStart(6, '0'))
    if (i < 5) await expect(page.locator('#error-summary')).toBeFocused()
  }
}

/** Types any code but the right one. */
export const typeWrongCode = (page: Page, button: string, right: string): Promise<Response> =>
  typeCode(page, button, right === '000000' ? '000001' : '000000')

/** Whether the form starts again, as another flow than that one, and says why. */
export async function expectNewStart(page: Page, say: Say, kind: string, id: string, why: string) {
  await expect(page).toHaveURL(url => url.pathname === `/${kind}` && url.searchParams.get('flow') !== id)
  await expect(page).toShow(say, kind, { failed: true })
  await expect(summary(page)).toContainText(say(why))
}

/** Checks that an unknown address gets the same answer as this known one, and no mail. */
export async function expectSameAnswer(known: string, answerTo: (address: string) => Promise<string>) {
  const unknown = stranger().email
  const toUnknown = await answerTo(unknown)
  const toKnown = await answerTo(known)
  expect(toUnknown.replaceAll(unknown, '…')).toBe(toKnown.replaceAll(known, '…'))
  // Mails leave in order: when the second has come, the first would be there.
  await new Mailbox(known).next()
  expect(await new Mailbox(unknown).unread()).toEqual([])
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

/** Checks that a mail is in the language of the page, and the next one, which `again` requests, in the language chosen by then. */
export async function expectBothLanguages(page: Page, email: string, language: Language, again: string) {
  const other = OTHER[language]
  const mailbox = new Mailbox(email)
  await mailbox.expectIn(language)
  await choose(page, other)
  await press(page, TEXTS[other](again))
  await mailbox.expectIn(other)
}

/** Types a new password, in the section of the settings that is for it. */
export async function changePassword(page: Page, say: Say, password: string) {
  await fill(page, { password })
  await press(page, say('settings-password-submit'))
  await expect(notice(page)).toHaveText(say('settings-password-saved'))
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

/** Types the code that an app shows, at a sign-in. */
export async function typeAppCode(page: Page, say: Say, key: string): Promise<Response> {
  await fill(page, { totp_code: totpCode(key) })
  return press(page, say('verify'))
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

/** Adds a security key of this name. */
export async function setUpKey(page: Page, say: Say, name: string) {
  await page.goto('/settings?section=webauthn')
  await fill(page, { webauthn_register_displayname: name })
  await press(page, page.getByTestId('node/input/webauthn_register_trigger'))
  await expect(notice(page)).toHaveText(say('settings-saved'))
}

/** Opens the question that stands before a button which takes something away. */
export async function openQuestion(button: Locator) {
  await expect(button).toBeHidden()
  await button.locator('xpath=ancestor::details').locator('summary').click()
  await expect(button).toBeVisible()
}

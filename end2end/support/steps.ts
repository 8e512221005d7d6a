// What people do on the way to what a test is about.

import type { Page } from '@playwright/test'
import type { Person } from './people'
import { expect, fill, press } from './test'
import type { Say } from './texts'

export async function signIn(page: Page, say: Say, { email, password }: Person) {
  await page.goto('/login')
  await fill(page, { identifier: email, password })
  await press(page, say('login'))
  await expect(page).toHaveURL('/welcome')
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

/** Kratos takes five wrong codes, and ends the flow at the sixth. */
export async function typeTooManyWrongCodes(page: Page, button: string, right: string) {
  for (let i = 0; i < 6; i++) {
    await fill(page, { code: String((Number(right) + 1 + i) % 1_000_000).padStart(6, '0') })
    await press(page, button)
    if (i < 5) await expect(page.locator('#error-summary')).toBeFocused()
  }
}

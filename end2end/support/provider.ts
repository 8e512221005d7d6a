// The OpenID provider of profile "oidc", as somebody meets it who signs in with it.

import type { Page } from '@playwright/test'
import { PROVIDER } from './places'
import { button, expect } from './test'

/** What the provider calls everybody. */
export const NAME = { lastname: '鈴木', firstname: '花子', nickname: 'はなこ' }

/** What Kratos and the screens call the provider. */
export const LABEL = 'Example ID'

/** Goes to the provider from a sign-in or a sign-up. Without a script a page of Genkan's own leads on. */
export const goToProvider = (page: Page) => leave(page, 'provider')

/** Goes to the provider from the settings, to connect an account. */
export const goToConnect = (page: Page) => leave(page, 'link')

async function leave(page: Page, name: string) {
  await button(page, name, 'example').click()
  await expect(page).toHaveURL(url => url.origin === PROVIDER)
}

/** Signs in there, as whoever has this address, and says what Genkan may know. */
export async function allow(page: Page, account: string, { email = true, name = true } = {}) {
  await page.getByLabel('Your account').fill(account)
  await page.getByLabel('my email address').setChecked(email)
  await page.getByLabel('my name').setChecked(name)
  await page.getByRole('button', { name: 'Allow' }).click()
}

/** Thinks better of it. */
export async function refuse(page: Page) {
  await page.getByRole('button', { name: 'Refuse' }).click()
}

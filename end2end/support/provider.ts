// The OpenID provider of the profile "oidc", as a user sees it at a sign-in.

import type { Page } from '@playwright/test'
import { stranger } from './people'
import { GENKAN, PROVIDER } from './places'
import { button, expect } from './test'

/** What the provider calls everybody. */
export const NAME = { lastname: '鈴木', firstname: '花子', nickname: 'はなこ' }

/** What Kratos and the screens call the provider. */
export const LABEL = 'Example ID'

/** Goes to the provider from a sign-in or a sign-up. Without a script a page of Genkan's own leads on. */
export const goToProvider = (page: Page) => leave(page, 'provider')

/** Goes to the provider from the settings, to connect an account. */
export async function goToConnect(page: Page) {
  await page.goto('/settings?section=oidc')
  await leave(page, 'link')
}

async function leave(page: Page, name: string) {
  await button(page, name, 'example').click()
  await expect(page).toHaveURL(url => url.origin === PROVIDER)
}

/** Signs in there with this address, and chooses what Genkan may know. */
export async function allow(page: Page, account: string, { email = true, name = true } = {}) {
  await page.getByLabel('Your account').fill(account)
  await page.getByLabel('my email address').setChecked(email)
  await page.getByLabel('my name').setChecked(name)
  await page.getByRole('button', { name: 'Allow' }).click()
}

/** Signs a new user up with the provider, and returns the address. */
export async function signUpByProvider(page: Page): Promise<string> {
  const { email } = stranger()
  await page.goto('/registration')
  await goToProvider(page)
  await allow(page, email)
  await expect(page).toHaveURL('/welcome')
  return email
}

/** Thinks better of it. */
export async function refuse(page: Page) {
  await page.getByRole('button', { name: 'Refuse' }).click()
}

/** What can go wrong when Kratos asks the provider who came back: end2end/provider.mjs does it to accounts of that name. */
export type Trouble = 'failure' | 'garbage' | 'hangup' | 'silence'

/** An account that the provider has trouble with, later. */
export const troubled = (trouble: Trouble, email: string) => `${trouble}-${email}`

/** Goes to the provider, and answers with the secret that it is to send back. */
export async function goToProviderKnowingState(page: Page): Promise<string> {
  const asked = page.waitForRequest(request => request.url().startsWith(`${PROVIDER}/auth?`))
  await goToProvider(page)
  return new URL((await asked).url()).searchParams.get('state') ?? ''
}

const CALLBACK = `${GENKAN}/self-service/methods/oidc/callback/example`

/** Where the provider sends people back to, with what it says. */
export const callback = (query: Record<string, string>) => `${CALLBACK}?${new URLSearchParams(query)}`

/** Returns the URL to which the provider sends the browser back next. */
export async function nextCallback(page: Page): Promise<string> {
  return (await page.waitForRequest(request => request.url().startsWith(CALLBACK))).url()
}

// Passkeys and security keys without the hardware: Chromium's virtual authenticator.

import { expect, type Locator, type Page } from '@playwright/test'

type Kind = 'passkey' | 'security key'

/** One authenticator, connected to one page. It confirms every request at once. */
export class Authenticator {
  private constructor(
    private readonly send: (method: string, parameters?: object) => Promise<unknown>,
    private readonly id: string,
  ) {}

  /** Connects an authenticator. Earlier requests of the page reach none. */
  static async plugInto(page: Page, kind: Kind): Promise<Authenticator> {
    const session = await page.context().newCDPSession(page)
    const send = (method: string, parameters?: object) => session.send(method as never, parameters as never) as Promise<unknown>
    await send('WebAuthn.enable', { enableUI: false })
    const options = {
      protocol: 'ctap2',
      transport: kind === 'passkey' ? 'internal' : 'usb',
      // Passkeys are found without a name, and by fingerprint or PIN.
      hasResidentKey: kind === 'passkey',
      hasUserVerification: kind === 'passkey',
      isUserVerified: kind === 'passkey',
      automaticPresenceSimulation: true,
    }
    const { authenticatorId } = (await send('WebAuthn.addVirtualAuthenticator', { options })) as { authenticatorId: string }
    return new Authenticator(send, authenticatorId)
  }

  /** How many keys it holds. */
  async keys(): Promise<number> {
    const answer = await this.send('WebAuthn.getCredentials', { authenticatorId: this.id })
    return (answer as { credentials: unknown[] }).credentials.length
  }

  /** Forgets all keys, as a new one would. */
  async clear() {
    await this.send('WebAuthn.clearCredentials', { authenticatorId: this.id })
  }

  /** Takes all keys out, and answers with what puts them back. */
  async lose(): Promise<() => Promise<void>> {
    const putBack = await this.copy()
    await this.clear()
    return putBack
  }

  /** Answers with what puts the keys in that are there now. */
  async copy(): Promise<() => Promise<void>> {
    const authenticatorId = this.id
    const { credentials } = (await this.send('WebAuthn.getCredentials', { authenticatorId })) as { credentials: object[] }
    return async () => {
      for (const credential of credentials) await this.send('WebAuthn.addCredential', { authenticatorId, credential })
    }
  }

  /** Whether the fingerprint or the PIN is right from here on. */
  async recognise(right: boolean) {
    await this.send('WebAuthn.setUserVerified', { authenticatorId: this.id, isUserVerified: right })
  }

  /** Pulls it out. */
  async unplug() {
    await this.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: this.id })
  }

  /** Whether a user touches it. Otherwise a page waits, also one that asks for a passkey by itself. */
  async touch(present: boolean) {
    await this.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: this.id, enabled: present })
  }
}

/** Why nothing came of a button: seen beside it, and read out. */
export async function expectReason(page: Page, button: Locator, text: string) {
  const reason = button.locator('xpath=following-sibling::p[1]')
  await expect(reason).toBeVisible()
  await expect(reason).toHaveText(text)
  await expect(page.locator('#live')).toHaveText(text)
  await expect(button).toBeFocused()
}

/** What no authenticator answers. */
export const NONSENSE = ['nonsense', '{}', '{"id":"AA","rawId":"AA","type":"public-key","response":{}}', 'null']

/** Sends an answer that no authenticator gave. */
export async function forge(page: Page, name: string, value: string) {
  const answered = page.waitForResponse(response => response.request().method() === 'POST')
  await page.locator(`input[name=${name}]`).evaluate((input: HTMLInputElement, value) => {
    input.value = value
    HTMLFormElement.prototype.submit.call(input.form)
  }, value)
  const response = await answered
  await page.waitForLoadState()
  return response
}

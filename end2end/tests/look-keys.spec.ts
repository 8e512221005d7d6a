// What the script shows beside forms, on pages with passkeys and security keys.

import { member } from '../support/people'
import { moved } from '../support/shift'
import { signIn } from '../support/steps'
import { expect, test } from '../support/test'

test.use({ profile: 'passkey mfa' })

for (const width of [320, 1280]) {
  test(`C79 C83 nothing moves when a script that comes late shows what needs it: ${width} px`, async ({ page, say }) => {
    await page.setViewportSize({ width, height: 800 })
    await page.route('**/assets/ui.*', async route => {
      await new Promise(resolve => setTimeout(resolve, 400))
      await route.continue()
    })
    const stay = async (address: string) => {
      await page.goto(address)
      expect(await moved(page), address).toBe(0)
    }

    await stay('/login')
    await expect(page.locator('[data-ceremony]').first()).toBeVisible()
    await stay('/registration')
    await signIn(page, say, await member())
    await stay('/settings?section=passkey')
    await expect(page.locator('[data-ceremony]')).toBeVisible()
    await stay('/settings?section=webauthn')
    await stay('/login?refresh=true')
  })
}

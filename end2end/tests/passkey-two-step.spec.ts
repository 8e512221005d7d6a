// Sign-up in two steps, of which the second is the choice of a password or a passkey.

import { Authenticator } from '../support/authenticator'
import { stranger } from '../support/people'
import { signOut, traits } from '../support/steps'
import { expect, field, fill, press, test } from '../support/test'

test.use({ profile: 'two-step passkey' })

test('an account is made with a passkey in the second step', async ({ page, say }) => {
  const authenticator = await Authenticator.plugInto(page, 'passkey')
  const person = stranger()
  await page.goto('/registration')
  await fill(page, traits(person))
  await press(page, say('next'))
  await expect(page).toShow(say, 'registration-credential')

  const signUp = page.getByTestId('node/input/passkey_register_trigger')
  await authenticator.recognise(false)
  await signUp.click()
  await expect(page.locator('#live')).toHaveText(say('passkey-cancelled'))
  await authenticator.recognise(true)
  await press(page, signUp)
  await expect(page).toHaveURL(/\/verification\?flow=/)

  await page.goto('/settings?section=profile')
  await expect(field(page, 'traits.email')).toHaveValue(person.email)
  await expect(field(page, 'traits.nickname')).toHaveValue(person.nickname)
  await authenticator.touch(false)
  await signOut(page, say)
  await authenticator.touch(true)
  await press(page, page.getByTestId('node/input/passkey_login_trigger'))
  await expect(page).toHaveURL('/welcome')
})

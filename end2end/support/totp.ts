// An authenticator app.

import { Secret, TOTP } from 'otpauth'

/** The code that an app shows, which was given this key. */
export const totpCode = (key: string): string => new TOTP({ secret: Secret.fromBase32(key.replaceAll(/\s/g, '')) }).generate()

/** A code that no app shows which was given this key: not now, and not for a minute before or after. */
export function wrongTotpCode(key: string): string {
  const totp = new TOTP({ secret: Secret.fromBase32(key.replaceAll(/\s/g, '')) })
  const right = [-2, -1, 0, 1, 2].map(step => totp.generate({ timestamp: Date.now() + step * 30_000 }))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find(code => !right.includes(code))!
}

/** A code that the app showed some minutes ago. */
export const oldTotpCode = (key: string): string =>
  new TOTP({ secret: Secret.fromBase32(key.replaceAll(/\s/g, '')) }).generate({ timestamp: Date.now() - 5 * 60_000 })

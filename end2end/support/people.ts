// Who uses the pages.

import { randomBytes } from 'node:crypto'
import { KRATOS_ADMIN } from './places'

export type Person = {
  email: string
  password: string
  lastname: string
  firstname: string
  nickname: string
}

/** A person without an account. */
export const stranger = (): Person => ({
  email: `${randomBytes(6).toString('hex')}@example.com`,
  password: 'a quiet garden at dusk',
  lastname: '山田',
  firstname: '太郎',
  nickname: 'たろう',
})

/** A user with a verified address. */
export const member = (different: Partial<Person> = {}) => withAccount({ ...stranger(), ...different }, true)

/** A user whose address is not verified yet. */
export const newcomer = () => withAccount(stranger(), false)

async function withAccount(person: Person, verified: boolean): Promise<Person> {
  const { email, password, ...name } = person
  await makeAccount('user_v1', { email, ...name }, password, verified)
  return person
}

/** Makes an account as an operator does, with whatever its schema has. */
export async function makeAccount(schema_id: string, traits: Account['traits'], password: string, verified = true) {
  const value = traits.email
  const response = await fetch(`${KRATOS_ADMIN}/admin/identities`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      schema_id,
      traits,
      credentials: { password: { config: { password } } },
      verifiable_addresses: [{ value, via: 'email', verified, status: verified ? 'completed' : 'pending' }],
    }),
  })
  if (!response.ok) throw new Error(`Kratos did not make an account: ${await response.text()}`)
}

/** Disables the account with this address, as an operator does. */
export const disable = (email: string) => setState(email, 'inactive')

/** Switches it on again. */
export const enable = (email: string) => setState(email, 'active')

async function setState(email: string, state: 'active' | 'inactive') {
  const [account] = await accounts(email)
  const response = await fetch(`${KRATOS_ADMIN}/admin/identities/${account.id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ op: 'replace', path: '/state', value: state }]),
  })
  if (!response.ok) throw new Error(`Kratos did not change an account: ${await response.text()}`)
}

type Account = { id: string; traits: { email: string; [name: string]: unknown }; verifiable_addresses: { value: string; verified: boolean }[] }

/** All accounts with this address. */
export async function accounts(email: string): Promise<Account[]> {
  const response = await fetch(`${KRATOS_ADMIN}/admin/identities?page_size=1000`)
  if (!response.ok) throw new Error(`Kratos did not list its accounts: ${await response.text()}`)
  return ((await response.json()) as Account[]).filter(account => account.traits.email === email)
}

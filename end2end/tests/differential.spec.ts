// What Genkan counts is what Kratos does: random forms go to the real Kratos, and each mail that it
// sends and each secret that it tries must be one that was counted.

import { randomInt } from 'node:crypto'
import { member, newcomer, stranger, type Person } from '../support/people'
import { AT, GENKAN, KRATOS_ADMIN } from '../support/places'
import { expect, test } from '../support/test'

const METRICS = `127.0.0.1:${9500 + AT}`

test.use({ profile: 'code', settings: { METRICS_ADDRESS: METRICS } })

/** The forms of a flow that are tried. DIFFERENTIAL=500 tries more. */
const FORMS = Number(process.env.DIFFERENTIAL ?? 60)

type Pair = [name: string, value: string]

/** A browser with no more than cookies. */
class Client {
  readonly #cookies = new Map<string, string>()

  async ask(path: string, form?: Pair[]): Promise<{ status: number; text: string; to: string }> {
    const response = await fetch(path.startsWith('http') ? path : GENKAN + path, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        cookie: [...this.#cookies].map(pair => pair.join('=')).join('; '),
        'accept-language': 'en',
        ...(form && { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(GENKAN).origin, 'hx-request': 'true' }),
      },
      ...(form && { body: new URLSearchParams(form).toString() }),
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      if (/Max-Age=0/i.test(cookie)) this.#cookies.delete(name!)
      else this.#cookies.set(name!, value!)
    }
    const to = response.headers.get('location') ?? response.headers.get('hx-redirect') ?? ''
    return { status: response.status, text: await response.text(), to }
  }

  /** Begins a flow; says its id and the token of its forms. */
  async begin(kind: string): Promise<{ id: string; token: string }> {
    const { to } = await this.ask(`/${kind}`)
    const id = new URL(to, GENKAN).searchParams.get('flow')!
    const { text } = await this.ask(`/${kind}?flow=${id}`)
    return { id, token: /name="csrf_token"[^>]*value="([^"]*)"/.exec(text)?.[1] ?? '' }
  }
}

type Figures = { mails: number; tries: number; mailsCounted: number; triesCounted: number }

/** What Kratos has done, and what Genkan has counted, without what it took back. */
async function figures(): Promise<Figures> {
  const text = await (await fetch(`http://${METRICS}/metrics`)).text()
  const counted = (name: string, limit: string) => Number(new RegExp(`^${name}\\{limit="${limit}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN)
  const everywhere = 'LIMIT_ACCOUNT_SENDS_EVERYWHERE'
  const told = [...text.matchAll(/^genkan_flow_messages_total\{.*message="(\d+)"\} (\d+)$/gm)]
  const tries = told.filter(([, id]) => TRIED.includes(id!)).map(([, , count]) => Number(count))
  const response = await fetch(`${KRATOS_ADMIN}/admin/courier/messages?page_size=1000`)
  return {
    mails: ((await response.json()) as unknown[]).length,
    tries: tries.reduce((sum, count) => sum + count, 0),
    mailsCounted: counted('genkan_limits_counted_total', everywhere) - counted('genkan_limits_given_back_total', everywhere),
    triesCounted: counted('genkan_limits_counted_total', 'LIMIT_ACCOUNT_ATTEMPTS'),
  }
}

const one = <T>(of: readonly T[]): T => of[randomInt(of.length)]!

/** Messages of Kratos that say that a secret was compared, and was wrong. */
const TRIED = ['4000006', '4010008', '4040003', '4060006', '4070006']

/** How an address may be written. */
const spelled = (address: string): string => one([address, ` ${address} `, address.toUpperCase(), address.replace('@', '＠')])

/** Values that a field may have, whether or not they make sense there. */
function values(people: Person[]): Record<string, () => string> {
  const address = () => spelled(one(people).email)
  const code = () => one(['', '123456', '１２３４５６', ' 0 '])
  return {
    method: () => one(['code', 'code', 'code', 'code', 'password', 'password', 'profile', 'link', 'totp', '']),
    identifier: address,
    address,
    email: address,
    recovery_address: address,
    recovery_confirm_address: address,
    password_identifier: address,
    'traits.email': address,
    'traits@whole': () => JSON.stringify({ rest: { email: one(people).email }, kinds: [] }),
    traits: () => JSON.stringify({ email: one(people).email }),
    password: () => one(['', 'not this one', one(people).password]),
    code,
    totp_code: code,
    lookup_secret: code,
    passkey_login: () => one(['', '{}']),
    provider: () => '',
    resend: () => one(['', 'code', 'CODE', 'x']),
    screen: () => one(['', 'previous', 'credential-selection']),
    transient_payload: () => '{"lang":"x"}',
    unknown: () => 'x',
  }
}

/** The forms of the pages. Most made-up forms are one of them with changes, so that many get far. */
const USUAL: Record<string, string[][]> = {
  login: [['method', 'identifier', 'password'], ['method', 'identifier'], ['method', 'identifier', 'code'], ['method', 'identifier', 'resend']],
  registration: [['method', 'traits.email', 'password'], ['method', 'traits.email'], ['method', 'traits.email', 'code'], ['method', 'traits.email', 'resend']],
  recovery: [['method', 'email'], ['method', 'code']],
  verification: [['method', 'email'], ['method', 'code']],
}

/** A form that mails a code, so that no run is without one. */
function mailing(kind: string, [known, , unknown]: Person[]): Pair[] {
  const names: Record<string, string> = { login: 'identifier', registration: 'traits.email' }
  const person = kind === 'registration' ? unknown! : known!
  return [['method', 'code'], [names[kind] ?? 'email', person.email]]
}

function made(kind: string, people: Person[]): Pair[] {
  const make = values(people)
  // Half of the forms are those of a page; the others lack something or have more.
  const isUsual = randomInt(2) === 0
  const names = one(USUAL[kind]!).filter(() => isUsual || randomInt(4) > 0)
  while (!isUsual && randomInt(3) > 0) names.push(one(Object.keys(make)))
  if (!isUsual && randomInt(4) === 0) names.push(one(names.length ? names : ['method']))
  const shuffled = names.map(name => [randomInt(1e6), name] as const).sort(([a], [b]) => a - b)
  return shuffled.map(([, name]) => [name, make[name]!()])
}

for (const kind of Object.keys(USUAL)) {
  test(`each mail and each secret of a random ${kind} form is counted`, async () => {
    test.setTimeout(60_000 + FORMS * 2_000)
    const people = [await member(), await newcomer(), stranger()]
    let [mails, tries] = [0, 0]
    let client = new Client()
    let flow = await client.begin(kind)
    for (let i = 0; i < FORMS; i++) {
      // Accounts that are made are taken.
      people[2] = stranger()
      // A form in a new flow, or one more in the same.
      if (randomInt(4) === 0) {
        client = new Client()
        flow = await client.begin(kind)
      }
      const form: Pair[] = [['csrf_token', flow.token], ...(i === 0 ? mailing(kind, people) : made(kind, people))]
      if (kind === 'registration') form.push(['traits.lastname', 'x'], ['traits.firstname', 'y'], ['traits.nickname', 'z'])
      const before = await figures()
      const { status, text, to } = await client.ask(`/fragments/${kind}?flow=${flow.id}`, form)
      const after = await figures()
      const sent = after.mails - before.mails
      // Kratos repeats what it said of an earlier form beside a new error. Of several values it takes the first.
      const secrets = kind === 'login' ? ['code', 'password'] : ['code']
      const holdsSecret = secrets.some(secret => form.find(([name]) => name === secret)?.[1])
      const tried = holdsSecret ? after.tries - before.tries : 0
      const seen = JSON.stringify({ form: form.slice(1), status, before, after })
      expect(status, seen).toBeLessThan(500)
      expect(after.mailsCounted - before.mailsCounted, `a mail that was not counted: ${seen}`).toBeGreaterThanOrEqual(sent)
      if (tried > 0) expect(after.triesCounted, `a secret that was not counted: ${seen}`).toBeGreaterThan(before.triesCounted)
      mails += sent
      tries += tried
      // Kratos has gone on to another flow or has signed in.
      if (to) {
        client = new Client()
        flow = await client.begin(kind)
      } else {
        flow.token = /name="csrf_token"[^>]*value="([^"]*)"/.exec(text)?.[1] ?? flow.token
      }
    }
    console.log(`${kind}: ${FORMS} forms, ${mails} mails, ${tries} secrets tried, 0 disagreements`)
    // A run in which nothing happens shows nothing.
    expect(mails).toBeGreaterThan(0)
  })
}

// What Genkan counts is what Kratos does. Random forms go to the real Kratos: exactly the mails that
// it sends are counted, each for the account that gets it, and each secret that it tries is counted.

import { randomInt } from 'node:crypto'
import { member, newcomer, stranger, type Person } from '../support/people'
import { AT, GENKAN, KRATOS_ADMIN } from '../support/places'
import { expect, test } from '../support/test'
import { totpCode } from '../support/totp'

const METRICS = `127.0.0.1:${9500 + AT}`

/** The mails that an account may get. An account with fewer must still get the rest, and no more. */
const MAILS = 4

test.use({
  profile: 'code mfa',
  settings: { METRICS_ADDRESS: METRICS, LIMIT_ACCOUNT_SENDS_EVERYWHERE: `${MAILS}/h` },
})

/** The forms of a flow that are tried. DIFFERENTIAL=500 tries more. */
const FORMS = Number(process.env.DIFFERENTIAL ?? 60)

/** The forms after which other accounts take the place of those whose mails are used up. */
const FORMS_OF_ACCOUNTS = 20

/** How long a sign-in counts as a recent one, with room to spare. In milliseconds. */
const RECENT = 10_000

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

  /** Begins a flow at a page. */
  async begin(page: string): Promise<Flow> {
    const { to } = await this.ask(page)
    const { pathname, searchParams } = new URL(to, GENKAN)
    const id = searchParams.get('flow')!
    const { text } = await this.ask(to)
    return { action: `/fragments${pathname}?flow=${id}`, token: tokenOf(text) ?? '', text }
  }

  /** Sends a form of the page that a flow begins at. */
  async send(page: string, form: Pair[]) {
    const { action, token } = await this.begin(page)
    return this.ask(action, [['csrf_token', token], ...form])
  }

  /** Signs in by a password. */
  async signIn({ email, password }: Person) {
    await this.send('/login', [['method', 'password'], ['identifier', email], ['password', password]])
    expect([...this.#cookies.keys()], 'a sign-in').toContain('ory_kratos_session')
  }
}

/** A form to be sent: its address and its anti-CSRF token, and the page that it is on. */
type Flow = { action: string; token: string; text: string }

const tokenOf = (page: string): string | undefined => /name="csrf_token"[^>]*value="([^"]*)"/.exec(page)?.[1]

type Figures = {
  /** Who was mailed, once for each mail. */
  mails: string[]
  mailsCounted: number
  /** How often each kind of secret was wrong, and how often it was counted. */
  wrong: Record<string, number>
  counted: Record<string, number>
}

/** Messages of Kratos that say that a secret was compared, and the limit that counts it. */
const TRIED: Record<string, string> = {
  4000006: 'LIMIT_ACCOUNT_ATTEMPTS',
  4010008: 'LIMIT_ACCOUNT_ATTEMPTS',
  4040003: 'LIMIT_ACCOUNT_ATTEMPTS',
  4060006: 'LIMIT_ACCOUNT_ATTEMPTS',
  4070006: 'LIMIT_ACCOUNT_ATTEMPTS',
  4000008: 'LIMIT_SECOND_FACTORS',
  4000016: 'LIMIT_SECOND_FACTORS',
}

/** The fields that hold a secret which is counted. */
const SECRETS: Record<string, string[]> = { '/login': ['code', 'password', 'totp_code', 'lookup_secret'] }

/** What Kratos has done, and what Genkan has counted, without what it took back. */
async function figures(): Promise<Figures> {
  const text = await (await fetch(`http://${METRICS}/metrics`)).text()
  const total = (name: string, limit: string) => Number(new RegExp(`^${name}\\{limit="${limit}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN)
  const everywhere = 'LIMIT_ACCOUNT_SENDS_EVERYWHERE'
  const wrong: Record<string, number> = {}
  const counted: Record<string, number> = {}
  for (const limit of new Set(Object.values(TRIED))) {
    wrong[limit] = 0
    counted[limit] = total('genkan_limits_counted_total', limit)
  }
  for (const [, id, count] of text.matchAll(/^genkan_flow_messages_total\{.*message="(\d+)"\} (\d+)$/gm)) {
    if (TRIED[id!]) wrong[TRIED[id!]!]! += Number(count)
  }
  return {
    mails: await mailed(),
    mailsCounted: total('genkan_limits_counted_total', everywhere) - total('genkan_limits_given_back_total', everywhere),
    wrong,
    counted,
  }
}

/** The addresses that Kratos has written to, once for each mail, the latest first. */
async function mailed(): Promise<string[]> {
  const recipients: string[] = []
  let page: string | undefined = '/admin/courier/messages?page_size=250'
  while (page) {
    const response: Response = await fetch(new URL(page, KRATOS_ADMIN))
    recipients.push(...((await response.json()) as { recipient: string }[]).map(mail => mail.recipient))
    page = /<([^>]*)>; *rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  }
  return recipients
}

const one = <T>(of: readonly T[]): T => of[randomInt(of.length)]!

/** How an address may be written. */
const spelled = (address: string): string => one([address, ` ${address} `, address.toUpperCase(), address.replace('@', '＠')])

/** Values that a field may have, whether or not they make sense there. */
function values(people: Person[], methods: string[]): Record<string, () => string> {
  const address = () => spelled(one(people).email)
  const code = () => one(['', '123456', '１２３４５６', ' 0 '])
  return {
    method: () => one(methods),
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

/** Three of four times the first ones. */
const mostly = (often: string[], ...others: string[]): string[] => [...Array(9).fill(often).flat(), ...Array(3).fill(others).flat()]

type Kind = {
  page: string
  /** The forms of the page. Most made-up forms are one of them with changes, so that many get far. */
  usual: string[][]
  methods: string[]
  /** The pairs that every form of the page has. */
  always?: Pair[]
  /** A form that mails a code, so that no run is without one. */
  mailing?: (people: Accounts) => Pair[]
  /** Whose session the browser has: an account that no other form knows. */
  account?: () => Promise<Person>
}

/** A person whose address is confirmed, one whose address is not, and one without an account. */
type Accounts = [member: Person, newcomer: Person, stranger: Person]

const NAMES: Pair[] = [['traits.lastname', 'x'], ['traits.firstname', 'y'], ['traits.nickname', 'z']]
const BY_CODE = mostly(['code', 'code', 'code'], 'password', 'password', 'profile', 'link', 'totp', '')

const KINDS: Record<string, Kind> = {
  login: {
    page: '/login',
    usual: [['method', 'identifier', 'password'], ['method', 'identifier'], ['method', 'identifier', 'code'], ['method', 'identifier', 'resend']],
    methods: BY_CODE,
    mailing: ([{ email }]) => [['method', 'code'], ['identifier', email]],
  },
  'second factor': {
    page: '/login?aal=aal2',
    usual: [['method', 'totp_code'], ['method', 'lookup_secret'], ['totp_code'], ['lookup_secret']],
    methods: mostly(['totp', 'lookup_secret'], 'code', 'password', ''),
    account: withSecondFactors,
  },
  registration: {
    page: '/registration',
    usual: [['method', 'traits.email', 'password'], ['method', 'traits.email'], ['method', 'traits.email', 'code'], ['method', 'traits.email', 'resend']],
    methods: BY_CODE,
    always: NAMES,
    mailing: ([, , { email }]) => [['method', 'code'], ['traits.email', email]],
  },
  recovery: {
    page: '/recovery',
    usual: [['method', 'email'], ['method', 'code']],
    methods: BY_CODE,
    mailing: ([{ email }]) => [['method', 'code'], ['email', email]],
  },
  verification: {
    page: '/verification',
    usual: [['method', 'email'], ['method', 'code']],
    methods: BY_CODE,
    mailing: ([{ email }]) => [['method', 'code'], ['email', email]],
  },
  settings: {
    page: '/settings?section=profile',
    usual: [['method', 'traits.email'], ['method', 'traits.email', 'password'], ['method', 'password']],
    methods: mostly(['profile', 'profile', 'password'], 'code', 'totp', ''),
    always: NAMES,
    mailing: ([, , { email }]) => [['method', 'profile'], ['traits.email', email]],
    account: member,
  },
}

/** A person who has an app and backup codes. */
async function withSecondFactors(): Promise<Person> {
  const person = await member()
  const client = new Client()
  await client.signIn(person)
  const { action, token, text } = await client.begin('/settings?section=totp')
  const [, shown] = /data-testid="node\/text\/totp_secret_key\/text">(.*?)<\/code>/.exec(text)!
  const key = shown!.replaceAll(/<[^>]*>/g, '')
  const steps: [string, string, string][] = [
    ['totp', 'totp_code', totpCode(key)],
    ['lookup_secret', 'lookup_secret_regenerate', 'true'],
    ['lookup_secret', 'lookup_secret_confirm', 'true'],
  ]
  for (const [method, name, value] of steps) {
    const { status } = await client.ask(action, [['csrf_token', token], ['method', method], [name, value]])
    expect(status, name).toBe(200)
  }
  return person
}

function made({ usual, methods }: Kind, people: Person[]): Pair[] {
  const make = values(people, methods)
  // Half of the forms are those of a page; the others lack something or have more.
  const isUsual = randomInt(2) === 0
  const names = one(usual).filter(() => isUsual || randomInt(4) > 0)
  while (!isUsual && randomInt(3) > 0) names.push(one(Object.keys(make)))
  if (!isUsual && randomInt(4) === 0) names.push(one(names.length ? names : ['method']))
  const shuffled = names.map(name => [randomInt(1e6), name] as const).sort(([a], [b]) => a - b)
  return shuffled.map(([, name]) => [name, make[name]!()])
}

/** Whether a value is this address, however it is written. */
const names = (value: string, email: string) => value.replace('＠', '@').trim().toLowerCase() === email

const isTo = (email: string) => (recipient: string) => recipient.toLowerCase() === email.toLowerCase()

/** Asks for mails to an address until no more is sent. */
async function getTheRest(email: string) {
  const accounts = await fetch(`${KRATOS_ADMIN}/admin/identities?credentials_identifier=${encodeURIComponent(email)}`)
  const hasAccount = ((await accounts.json()) as unknown[]).length > 0
  const [page, form]: [string, Pair[]] = hasAccount
    ? ['/recovery', [['method', 'code'], ['email', email]]]
    : ['/registration', [['method', 'code'], ['traits.email', email], ...NAMES]]
  const count = async () => (await mailed()).filter(isTo(email)).length
  let before = -1
  while ((await count()) > before) {
    before = await count()
    await new Client().send(page, form)
  }
  expect(await count(), `mails to ${email}`).toBe(MAILS)
}

/** A browser at the form of a flow. */
async function opened({ page, account }: Kind, person: Person | undefined) {
  const client = new Client()
  if (account && person) await client.signIn(person)
  return { client, flow: await client.begin(page), since: Date.now() }
}

for (const [name, kind] of Object.entries(KINDS)) {
  test(`each mail and each secret of a random form is counted: ${name}`, async () => {
    test.setTimeout(60_000 + FORMS * 3_000)
    let [mails, tries] = [0, 0]
    let people: Accounts = [await member(), await newcomer(), stranger()]
    let account = await kind.account?.()
    let browser = await opened(kind, account)
    const mailedOf = new Set<string>()
    for (let i = 0; i < FORMS; i++) {
      const isStale = account !== undefined && Date.now() - browser.since > RECENT
      // A form in a new flow, or one more in the same.
      if (randomInt(4) === 0 || isStale) {
        // A profile may have another address or password by now.
        if (name === 'settings') account = await kind.account?.()
        browser = await opened(kind, account)
      }
      // An address that was mailed may have an account by now.
      if (mailedOf.has(people[2].email)) people[2] = stranger()
      const pairs = (i % FORMS_OF_ACCOUNTS === 0 && kind.mailing?.(people)) || made(kind, people)
      // Without a name the form is refused, and Kratos keeps what was typed in its flow.
      const others = (kind.always ?? []).filter(() => randomInt(12) > 0)
      const form: Pair[] = [['csrf_token', browser.flow.token], ...pairs, ...others]
      const before = await figures()
      const { status, text, to } = await browser.client.ask(browser.flow.action, form)
      const after = await figures()
      const seen = JSON.stringify({ form: form.slice(1), status, before: { ...before, mails: 0 }, after: { ...after, mails: 0 } })
      expect(status, seen).toBeLessThan(500)
      const sent = after.mails.slice(0, after.mails.length - before.mails.length)
      const counted = after.mailsCounted - before.mailsCounted
      // A recovery and a verification answer the same whether or not there is an account.
      const mayBeUnknown = !kind.always && form.some(([, value]) => names(value, people[2].email))
      if (mayBeUnknown) expect(counted, seen).toBeGreaterThanOrEqual(sent.length)
      else expect(counted, `mails that are counted: ${seen}`).toBe(sent.length)
      sent.forEach(recipient => mailedOf.add(recipient.toLowerCase()))
      mails += sent.length
      // Kratos repeats what it said of an earlier form beside a new error. Of several values it takes the first.
      const secrets = SECRETS[kind.page.split('?')[0]!] ?? ['code']
      const holdsSecret = secrets.some(secret => form.find(([name]) => name === secret)?.[1])
      for (const limit of holdsSecret ? Object.keys(after.wrong) : []) {
        const tried = after.wrong[limit]! - before.wrong[limit]!
        if (tried > 0) expect(after.counted[limit], `a secret that was not counted: ${seen}`).toBeGreaterThan(before.counted[limit]!)
        tries += tried
      }
      if ((i + 1) % FORMS_OF_ACCOUNTS === 0 || i + 1 === FORMS) {
        for (const email of [...mailedOf].slice(-2)) await getTheRest(email)
        const all = await mailed()
        for (const email of mailedOf) expect(all.filter(isTo(email)).length, `mails to ${email}`).toBeLessThanOrEqual(MAILS)
        mailedOf.clear()
        people = [await member(), await newcomer(), stranger()]
      }
      // Kratos has gone on to another flow or has signed in.
      if (to) {
        if (name === 'settings') account = await kind.account?.()
        browser = await opened(kind, account)
      } else {
        browser.flow.token = tokenOf(text) ?? browser.flow.token
      }
    }
    console.log(`${name}: ${FORMS} forms, ${mails} mails, ${tries} secrets`)
    // A run in which nothing happens shows nothing.
    expect(mails + tries).toBeGreaterThan(0)
  })
}

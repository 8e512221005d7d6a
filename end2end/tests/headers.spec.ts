// The headers that keep pages safe, on answers of every kind.

import type { APIRequestContext, APIResponse } from '@playwright/test'
import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import { always, silent, withGenkan } from '../support/apart'
import { member } from '../support/people'
import { BASE } from '../support/places'
import { signIn } from '../support/steps'
import { expect, NO_FLOW, test } from '../support/test'

test.use({ profile: 'mfa' })

const policy = ({ images = "'self'", end = '' } = {}) =>
  `default-src 'none'; script-src 'nonce-N'; style-src 'self'; img-src ${images}; font-src 'self'; connect-src 'self'; ` +
  `manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; ` +
  `trusted-types htmx${end}`

/** What each answer has, byte for byte. The service of the tests has no TLS. */
const SAFE = {
  'content-security-policy': policy(),
  'strict-transport-security': undefined as string | undefined,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'permissions-policy':
    'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'cache-control': 'no-store',
  vary: 'HX-Request, Accept-Language, Cookie',
  'x-robots-tag': 'noindex',
  // Absent, because clients do not need them.
  server: undefined as string | undefined,
  'x-powered-by': undefined as string | undefined,
}

const OVER_TLS = {
  ...SAFE,
  'content-security-policy': policy({ end: '; upgrade-insecure-requests' }),
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
}

type Safe = typeof SAFE

/** Those headers as they came, with the nonce left out. A header that came twice has both values. */
function safety(response: APIResponse): Safe {
  const all = response.headersArray()
  const value = (name: string) => {
    const values = all.filter(header => header.name.toLowerCase() === name).map(header => header.value)
    return values.length === 0 ? undefined : values.join(' | ').replace(/'nonce-[^']*'/, "'nonce-N'")
  }
  return Object.fromEntries(Object.keys(SAFE).map(name => [name, value(name)])) as Safe
}

/** The number that makes scripts of this answer run. */
const nonce = (response: APIResponse): string =>
  /script-src 'nonce-([^']*)'/.exec(response.headers()['content-security-policy'])?.[1] ?? ''

/** A page as it is, not where it leads. */
const get = (request: APIRequestContext, address: string, headers: Record<string, string> = {}) =>
  request.get(address, { maxRedirects: 0, headers })

const post = (request: APIRequestContext, address: string, data: string, headers: Record<string, string> = {}) =>
  request.post(address, { maxRedirects: 0, data, headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers } })

/** A sign-in form, and a body for it with a wrong password. */
async function signInForm(request: APIRequestContext): Promise<{ action: string; body: string }> {
  const html = await (await request.get('/login')).text()
  const action = /<form method="post" action="([^"]*)"/.exec(html)?.[1] ?? ''
  const csrf_token = /name="csrf_token" value="([^"]*)"/.exec(html)?.[1] ?? ''
  const body = new URLSearchParams({ csrf_token, identifier: 'taro@example.com', password: 'not this one', method: 'password' })
  return { action, body: body.toString() }
}

const HTMX = { 'HX-Request': 'true' }

/** Answers of every kind, and how to get them. */
const ANSWERS: [string, number, (request: APIRequestContext) => Promise<APIResponse>][] = [
  ['a page', 200, request => get(request, '/welcome')],
  ['the page of a flow', 200, request => request.get('/login')],
  ['a fragment', 200, request => post(request, '/fragments/logout', '', HTMX)],
  ['the start of a flow', 303, request => get(request, '/login')],
  ['the way from one page to another', 303, request => get(request, '/')],
  ['what Kratos answers a browser itself', 303, request => get(request, '/self-service/login/browser', { Accept: 'text/html' })],
  [
    'a form that failed',
    303,
    async request => {
      const { action, body } = await signInForm(request)
      return post(request, action, body)
    },
  ],
  [
    'a fragment that failed',
    422,
    async request => {
      const { action, body } = await signInForm(request)
      return post(request, action, body, HTMX)
    },
  ],
  ['a form that cannot be read', 400, request => post(request, '/fragments/login', 'x', { 'Content-Type': 'text/plain' })],
  ['a form from another site', 403, request => post(request, '/fragments/login', '', { Origin: 'https://evil.example' })],
  ['a page that is not there', 404, request => get(request, '/nowhere')],
  ['a fragment that is not there', 404, request => get(request, '/nowhere', HTMX)],
  ['a file that is not there', 404, request => get(request, '/assets/nothing.css')],
  ['a method that a page does not have', 405, request => post(request, '/login', '')],
  ['a form that is too large', 413, request => post(request, '/fragments/login', `identifier=${'x'.repeat(100_000)}`)],
  ['a fragment that is too large', 413, request => post(request, '/fragments/login', `identifier=${'x'.repeat(100_000)}`, HTMX)],
  ['an error that Kratos reports', 500, request => get(request, '/error?id=stub:500')],
]

for (const [what, status, ask] of ANSWERS) {
  test(`C54 ${what} (${status}) has the safe headers, byte for byte`, async ({ request }) => {
    const response = await ask(request)

    expect(response.status()).toBe(status)
    expect(safety(response)).toEqual(SAFE)
  })
}

for (const [address, status] of [
  ['/logout', 200],
  ['/', 303],
  ['/nowhere', 404],
] as const) {
  test(`C54 ${address} over TLS (${status}) has the safe headers, byte for byte, and asks for TLS`, async ({ request }) => {
    await withGenkan({ kratos: always(401, {}), settings: { PUBLIC_URL: 'https://id.example' } }, async genkan => {
      const response = await get(request, `${genkan}${address}`)

      expect(response.status()).toBe(status)
      expect(safety(response)).toEqual(OVER_TLS)
    })
  })
}

/** What a Kratos in trouble answers, and what a browser gets for it. */
const TROUBLES = [
  ['asks for patience', 429, always(429, {}, { 'retry-after': '17' })],
  ['talks nonsense', 502, always(500, { error: { reason: 'The database is gone.' } })],
  ['hangs up', 503, silent],
] as const

for (const [what, status, kratos] of TROUBLES) {
  test(`C54 a page over TLS has the safe headers also where Kratos ${what} (${status}), and asks for TLS`, async ({ request, hasScript }) => {
    await withGenkan({ kratos, settings: { PUBLIC_URL: 'https://id.example' } }, async genkan => {
      const responses = [
        await get(request, `${genkan}/login`),
        await post(request, `${genkan}/fragments/login?flow=${NO_FLOW}`, 'a=b', {
          Cookie: 'csrf_token_x=1',
          ...(hasScript && HTMX),
        }),
      ]

      for (const response of responses) {
        expect(response.status()).toBe(status)
        expect(safety(response)).toEqual(OVER_TLS)
        expect(response.headers()['retry-after']).toBe(status === 429 ? '17' : undefined)
        expect(await response.text()).not.toContain('database')
      }
    })
  })
}

test('C54 what is put off by a limit of its own (429) has the safe headers too', async ({ request, hasScript }) => {
  const settings = { PUBLIC_URL: 'https://id.example', LIMIT_FLOWS: '1/h' }
  await withGenkan({ kratos: always(401, {}), settings }, async genkan => {
    await get(request, `${genkan}/login`)
    const responses = [
      await get(request, `${genkan}/login`),
      await post(request, `${genkan}/fragments/login`, 'a=b', hasScript ? HTMX : {}),
    ]

    for (const response of responses) {
      expect(response.status()).toBe(429)
      expect(safety(response)).toEqual(OVER_TLS)
      expect(Number(response.headers()['retry-after'])).toBeGreaterThan(3500)
    }
  })
})

test('C54 only the page with the picture for an authenticator app may show a picture that stands in it', async ({ page, say }) => {
  await signIn(page, say, await member())

  const app = await page.request.get('/settings?section=totp')
  const others = await Promise.all(['', '?section=profile', '?section=password'].map(query => page.request.get(`/settings${query}`)))

  expect(await app.text()).toContain('src="data:image/png;base64,')
  expect(safety(app)).toEqual({ ...SAFE, 'content-security-policy': policy({ images: "'self' data:" }) })
  for (const other of others) expect(safety(other)).toEqual(SAFE)
})

test('C54 C84 a file has the safe headers too, and may be kept for ever under its name', async ({ request }) => {
  const html = await (await request.get('/login')).text()
  const files = [...html.matchAll(new RegExp(`(?:href|src)="${BASE}(/assets/[^"]*)"`, 'g'))].map(match => match[1])

  expect(files).toHaveLength(4)
  for (const file of files) {
    expect(file).toMatch(/\.[0-9a-f]{12}\.(css|js|svg)$/)
    for (const coding of ['br', 'gzip', 'identity']) {
      const response = await get(request, file, { 'Accept-Encoding': coding })
      expect(response.status()).toBe(200)
      expect(safety(response)).toEqual({ ...SAFE, 'cache-control': 'public, max-age=31536000, immutable', vary: 'Accept-Encoding' })
      expect(response.headers()['content-encoding']).toBe(coding === 'identity' ? undefined : coding)
    }
  }
})

test('C55 each answer has a nonce of its own, of 128 bits or more', async ({ request }) => {
  const { action, body } = await signInForm(request)
  const responses = [
    ...(await Promise.all(Array.from({ length: 20 }, () => get(request, '/welcome')))),
    await post(request, action, body, HTMX),
    await post(request, action, body, HTMX),
    await get(request, '/nowhere'),
  ]

  const nonces = responses.map(nonce)

  for (const value of nonces) {
    expect(value).toMatch(/^[A-Za-z0-9+/]+={0,2}$/)
    expect(Buffer.from(value, 'base64').length).toBeGreaterThanOrEqual(16)
  }
  expect(new Set(nonces).size).toBe(responses.length)
  // Of random bits about half change from one to the next; of a number that counts, or of a clock, few do.
  const bits = nonces.map(value => [...Buffer.from(value, 'base64')].map(byte => byte.toString(2).padStart(8, '0')).join(''))
  for (const [at, one] of bits.slice(1).entries()) {
    const changed = [...one].filter((bit, place) => bit !== bits[at][place]).length / one.length
    expect(changed).toBeGreaterThan(0.2)
  }
})

test('C57 the evaluator of security policies has nothing to say', async ({ request }) => {
  const evaluate = (text: string) => new CspEvaluator(new CspParser(text).csp).evaluate()
  const response = await get(request, '/welcome')

  const findings = evaluate(response.headers()['content-security-policy'])

  expect(findings).toEqual([])
  expect(evaluate(OVER_TLS['content-security-policy'].replace('nonce-N', `nonce-${nonce(response)}`))).toEqual([])
  // It does look.
  expect(evaluate("script-src 'self'")).not.toEqual([])
})

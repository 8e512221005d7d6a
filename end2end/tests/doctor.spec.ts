// `genkan doctor` before a Kratos that is set up for Genkan: all is right, but for what Genkan itself is told.

import { writeFileSync } from 'node:fs'
import { Clock } from '../support/apart'
import { examine, faults } from '../support/doctor'
import { HYDRA, withGateway, type Habits } from '../support/gateway'
import { BASE, GENKAN, KRATOS, KRATOS_ADMIN } from '../support/places'
import { fileOf } from '../support/stack'
import { expect, test } from '../support/test'
import { version } from '../support/version'

test('where all is right nothing is found', async () => {
  const { report, isRight } = await examine()

  expect(report).not.toContain('WRONG')
  expect(isRight).toBe(true)
  for (const key of ['serve.public.base_url', 'selfservice.flows.login.ui_url', 'selfservice.flows.error.ui_url', 'selfservice.allowed_return_urls']) {
    expect(report).toMatch(new RegExp(`^ {2}right {4}${key}`, 'm'))
  }
  expect(report).toContain('Kratos accepts forms')
  expect(report).toContain('the clocks agree')
  expect(report).toContain('no e-mail was abandoned')
  expect(report).toContain(`right    Kratos is ${await version()}`)
  // What it cannot see it does not pass over.
  expect(report).toMatch(/^ {2}unknown {2}session\.cookie\.name: SESSION_COOKIE is ory_kratos_session/m)
  expect(report).toMatch(/^ {2}unknown {2}selfservice\.default_browser_return_url: /m)
})

test('with the files of Kratos it knows what Kratos does not show', async () => {
  const { report, isRight } = await examine({}, ['kratos.yml', 'test.yml'].map(name => fileOf('', name)))

  expect(isRight).toBe(true)
  for (const known of [
    `selfservice.default_browser_return_url is ${GENKAN}/welcome`,
    `selfservice.flows.settings.ui_url is ${GENKAN}/settings`,
    'session.cookie.name is SESSION_COOKIE: ory_kratos_session',
    'selfservice.flows.registration.after.password.hooks has session',
  ]) {
    expect(report).toContain(`right    ${known}\n`)
  }
  // The later file wins.
  expect(report).toContain('doubtful selfservice.flows.settings.privileged_session_max_age is 20s')
  expect(report).toContain('doubtful secrets.cookie is that of a sample')
  expect(report).not.toContain('development-only')
  expect(report.match(/serve\.public\.base_url is/g), 'nothing is told twice').toHaveLength(1)
  expect(report).not.toMatch(/unknown {2}(session|selfservice)/)
})

test('it finds files that the Kratos that runs has not read', async ({}, testInfo) => {
  const other = testInfo.outputPath('other.yml')
  writeFileSync(other, 'serve: { public: { base_url: https://kratos.example/ } }\nselfservice: { default_browser_return_url: https://old.example/ }\n')
  const { report } = await examine({ PASSWORD_MIN_LENGTH: '12' }, [fileOf('', 'kratos.yml'), other])
  expect(report).toMatch(/^ {2}doubtful serve\.public\.base_url is https:\/\/kratos\.example\/.*but the running Kratos has it right$/m)
  expect(faults(report)).toEqual([
    expect.stringMatching(/^selfservice\.default_browser_return_url is https:\/\/old\.example\/.* → set it to .*\/welcome/),
    expect.stringMatching(/min_password_length is 8, but PASSWORD_MIN_LENGTH is 12 → set PASSWORD_MIN_LENGTH to 8$/),
  ])
})

test('what answers at its address like a Genkan is none', async () => {
  // The reference UI has the same path for probes, and says the same.
  await withGateway(KRATOS, { says: { [`${BASE}/health/alive`]: { status: 'ok' } } }, async other => {
    const { report } = await examine({ PUBLIC_URL: other + BASE })
    expect(faults(report)).toContainEqual(expect.stringMatching(/^the server at .* is not Genkan → route that URL to Genkan/))
  })
})

test('without the admin API it says what it does not see', async () => {
  const { report, isRight } = await examine({ KRATOS_ADMIN_URL: '' })
  expect(isRight).toBe(true)
  expect(report).toMatch(/^ {2}unknown {2}the version of Kratos.*KRATOS_ADMIN_URL/m)
})

const ELSEWHERE = 'https://id.example'
const there = ELSEWHERE + BASE

const WIRINGS: [string, Record<string, string>, RegExp[]][] = [
  ['an address without a listener', { KRATOS_PUBLIC_URL: 'http://127.0.0.1:9' }, [/Kratos does not respond at http:\/\/127.0.0.1:9\/, .* → set KRATOS_PUBLIC_URL/]],
  ["Genkan's own address for Kratos'", { KRATOS_PUBLIC_URL: GENKAN }, [/is not Kratos' public API → set KRATOS_PUBLIC_URL/]],
  ["the admin API for the public one", { KRATOS_PUBLIC_URL: KRATOS_ADMIN }, [/is not Kratos' public API → set KRATOS_PUBLIC_URL/]],
  ["the public API for the admin one", { KRATOS_ADMIN_URL: KRATOS }, [/no admin API of Kratos responds at .* → set KRATOS_ADMIN_URL/]],
  ['a Hydra that is not there', { HYDRA_ADMIN_URL: 'http://127.0.0.1:9' }, [/no Hydra that is ready responds at http:\/\/127.0.0.1:9\/ → set HYDRA_ADMIN_URL/]],
  ["Kratos' address for Hydra's", { HYDRA_ADMIN_URL: KRATOS }, [/is not Hydra's admin API → set HYDRA_ADMIN_URL/]],
  [
    'browsers that are led to Kratos and do not tell it who they are',
    { KRATOS_BROWSER_URL: 'http://kratos.localhost' },
    [/^cookies from .* are not sent to kratos.localhost, .* → set cookies.domain and session.cookie.domain to a parent domain of both/],
  ],
  [
    'another address of Genkan',
    { PUBLIC_URL: ELSEWHERE },
    [
      new RegExp(`serve.public.base_url is ${GENKAN}/, but PUBLIC_URL is ${there}/ → set serve.public.base_url to ${there}/`),
      /cookies are not Secure.* → start Kratos without --dev/,
      new RegExp(`selfservice.flows.login.ui_url is .* → set it to ${there}/login$`),
      new RegExp(`selfservice.flows.registration.ui_url is .* → set it to ${there}/registration$`),
      new RegExp(`allowed_return_urls has not ${ELSEWHERE}/.* → add ${ELSEWHERE}/`),
    ],
  ],
  ['an application that Kratos does not know', { ALLOWED_RETURN_ORIGINS: 'https://app.example' }, [/allowed_return_urls has not https:\/\/app.example\/ → add https:\/\/app.example\//]],
]

for (const [wiring, settings, expected] of WIRINGS) {
  test(`it finds ${wiring}`, async () => {
    const { report, isRight } = await examine(settings)
    expect(isRight).toBe(false)
    for (const fault of expected) expect(faults(report)).toContainEqual(expect.stringMatching(fault))
  })
}

/** What Kratos says of its cookies, said otherwise. */
const changed = (change: (cookie: string) => string): Habits => ({
  answered: headers => {
    const cookies = headers['set-cookie']
    if (cookies) headers['set-cookie'] = cookies.map(change)
  },
})
const sameSite = (value: string) => changed(cookie => cookie.replace(/SameSite=\w+/, `SameSite=${value}`))

/** The same behind a balancer that has a cookie of its own. */
const balanced = ({ asked, answered }: Habits): Habits => ({
  asked,
  answered: headers => {
    answered?.(headers)
    headers['set-cookie'] = ['balancer=a; Path=/; SameSite=Lax', ...(headers['set-cookie'] ?? [])]
  },
})
const keepsCookies: Habits = { answered: headers => delete headers['set-cookie'] }

const GATEWAYS: [string, Habits, RegExp][] = [
  ['keeps cookies from Kratos', { asked: headers => delete headers.cookie }, /^Kratos rejects its own form .* cookies have to pass both ways/],
  ['keeps cookies from browsers', keepsCookies, /^Kratos sends no anti-CSRF cookie with a new flow → .* let Set-Cookie pass/],
  ['has a cookie of its own and keeps those of Kratos', balanced(keepsCookies), /^Kratos sends no anti-CSRF cookie with a new flow → .* let Set-Cookie pass/],
  ['has cookies stay away from links', sameSite('Strict'), /^cookies are SameSite=Strict.* → set cookies.same_site and session.cookie.same_site to Lax/],
  ['has a cookie of its own before those that stay away from links', balanced(sameSite('Strict')), /^cookies are SameSite=Strict/],
  ['has cookies for another path', changed(cookie => cookie.replace(/Path=[^;]*/, `Path=${BASE}/self`)), /^cookies are for the path .*\/self → set cookies.path and session.cookie.path to \/$/],
  ['has cookies for another host', changed(cookie => `${cookie}; Domain=id.example`), /^cookies are for the domain id.example, but Genkan is at /],
  ['has cookies go to every site', sameSite('None'), /^cookies are SameSite=None and not Secure.* → set cookies.same_site and session.cookie.same_site to Lax/],
]

for (const [does, habits, expected] of GATEWAYS) {
  test(`it finds a gateway that ${does}`, async () => {
    await withGateway(KRATOS, habits, async gateway => {
      const { report, isRight } = await examine({ KRATOS_PUBLIC_URL: gateway })
      expect(isRight).toBe(false)
      expect(faults(report)).toEqual([expect.stringMatching(expected)])
    })
  })
}

test('it finds a Kratos that does not know of Hydra', async () => {
  await withGateway(KRATOS, HYDRA, async hydra => {
    const { report, isRight } = await examine({ HYDRA_ADMIN_URL: hydra })
    expect(isRight).toBe(false)
    expect(report).toContain('right    Hydra is ready at')
    expect(faults(report)).toEqual([expect.stringMatching(/^Kratos does not know Hydra.* → set oauth2_provider.url/)])
  })
})

test('it finds a form in which there is nothing', async () => {
  const ui = { action: `${GENKAN}/self-service/login?flow=a`, nodes: [{ attributes: { name: 'csrf_token', value: 'a' } }] }
  await withGateway(KRATOS, { says: { '/self-service/login/browser': { ui } } }, async gateway => {
    const { report, isRight } = await examine({ KRATOS_PUBLIC_URL: gateway })
    expect(isRight).toBe(false)
    expect(faults(report)).toContainEqual(expect.stringMatching(/^Kratos has no way to sign in.* → enable a method in `selfservice.methods`/))
  })
})

for (const [minutes, isRight] of [[1, true], [10, false]] as const) {
  test(`a mail that waits for ${minutes} minutes is ${isRight ? 'not ' : ''}a mail that no process sends`, async () => {
    const mail = { created_at: new Date(Date.now() - minutes * 60_000).toISOString() }
    const says = ({ searchParams }: URL) => (searchParams.get('status') === 'queued' ? [mail] : [])
    await withGateway(KRATOS_ADMIN, { says: { '/admin/courier/messages': says } }, async gateway => {
      const { report, isRight: found } = await examine({ KRATOS_ADMIN_URL: gateway })
      expect(found).toBe(isRight)
      expect(faults(report)).toEqual(isRight ? [] : [expect.stringMatching(/^e-mails wait .* → start one Kratos with --watch-courier/)])
    })
  })
}

test('of a Kratos that was not tried it says so, and that is no fault', async () => {
  await withGateway(KRATOS_ADMIN, { says: { '/admin/version': { version: 'v0.13.0' } } }, async gateway => {
    const { report, isRight } = await examine({ KRATOS_ADMIN_URL: gateway })
    expect(report).toMatch(/^ {2}unknown {2}Kratos reports version v0\.13\.0; Genkan is tested with v1\.3\.1 and /m)
    expect(isRight).toBe(true)
  })
})

for (const [shift, apart] of [['+1h', /^the clock of Kratos is -3[56]\d\d seconds/], ['-1h', /^the clock of Kratos is 3[56]\d\d seconds/]] as const) {
  test(`it finds a clock that is ${shift}`, async ({}, testInfo) => {
    const clock = new Clock(testInfo.outputPath('clock'))
    clock.set(shift)
    const { report, isRight } = await examine(clock.settings)
    expect(isRight).toBe(false)
    expect(faults(report)).toEqual([expect.stringMatching(apart)])
  })
}

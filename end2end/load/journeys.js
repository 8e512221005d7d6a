// What people do, for k6: each virtual user is one of them after the other, and starts each time with no cookies.
//
// GENKAN, ADMIN and MAIL are the addresses of a stack (soak.mjs).

import { check, fail, sleep } from 'k6'
import http from 'k6/http'
import { Counter } from 'k6/metrics'

const { GENKAN, ADMIN, MAIL, CONNECTIONS, DURATION } = __ENV
const PASSWORD = 'a quiet garden at dusk'

const journeys = new Counter('journeys')

export const options = {
  // Whoever is in the middle of a journey at the end may finish it.
  scenarios: { all: { executor: 'constant-vus', vus: Number(CONNECTIONS), duration: DURATION, gracefulStop: '60s' } },
  setupTimeout: '5m',
  thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] },
  summaryTrendStats: ['avg', 'med', 'p(95)', 'p(99)', 'max'],
}

/** An account for each virtual user. */
export function setup() {
  return Array.from({ length: Number(CONNECTIONS) }, (_, index) => {
    const email = `soak-${Date.now()}-${index}@example.com`
    const account = {
      schema_id: 'user_v1',
      traits: { email, lastname: '山田', firstname: '太郎', nickname: 'たろう' },
      credentials: { password: { config: { password: PASSWORD } } },
      verifiable_addresses: [{ value: email, via: 'email', verified: true, status: 'completed' }],
    }
    const made = http.post(`${ADMIN}/admin/identities`, JSON.stringify(account), { headers: { 'content-type': 'application/json' } })
    if (made.status !== 201) fail(`Kratos did not make an account: ${made.body}`)
    return email
  })
}

/** How often each is made, of a hundred. */
const JOURNEYS = [
  [25, visit],
  [25, signInAndOut],
  [20, mistypeWithHtmx],
  [10, changeName],
  [10, signUp],
  [10, recover],
]

export default function (emails) {
  let left = Math.random() * 100
  const [, journey] = JOURNEYS.find(([share]) => (left -= share) < 0) ?? JOURNEYS[0]
  journey(emails[__VU - 1])
  journeys.add(1, { journey: journey.name })
}

// ---- Journeys ------------------------------------------------------------------------------------------------------------

function visit() {
  expectPage(open('/'), '/welcome')
  expectPage(open('/registration'), '/registration')
  expectPage(open('/recovery'), '/recovery')
  expectPage(open('/login?flow=00000000-0000-4000-8000-000000000000'), '/login')
  const page = open('/login')
  for (const [, path] of page.body.matchAll(/"(\/assets\/[^"]+)"/g)) expectStatus(open(path), 200)
  expectStatus(open('/no-such-page', 404), 404)
  expectStatus(open('/health/ready'), 200)
}

function signIn(email) {
  const page = open('/login')
  expectPage(send(page, 'password', { identifier: email, password: PASSWORD }), '/welcome')
}

function signOut() {
  expectPage(send(open('/logout'), undefined, {}), '/login')
}

function signInAndOut(email) {
  signIn(email)
  expectPage(open('/sessions'), '/sessions')
  expectPage(open('/settings'), '/settings')
  signOut()
  // Nobody is signed in any more.
  expectPage(open('/sessions'), '/login')
}

function mistypeWithHtmx(email) {
  const page = open('/login')
  const wrong = send(page, 'password', { identifier: email, password: 'wrong' }, { isHtmx: true, status: 422 })
  check(wrong, { 'the answer is a fragment': ({ body }) => !body.includes('<html') && body.includes('error-summary') })
  const right = send(page, 'password', { identifier: email, password: PASSWORD }, { isHtmx: true })
  check(right, { 'htmx is sent on': ({ headers }) => headers['Hx-Redirect'] === '/welcome' || headers['Hx-Redirect'] === `${GENKAN}/welcome` })
  expectPage(open('/welcome'), '/welcome')
  signOut()
}

function changeName(email) {
  signIn(email)
  const nickname = `たろう${Math.floor(Math.random() * 1e6)}`
  const names = { 'traits.email': email, 'traits.lastname': '山田', 'traits.firstname': '太郎', 'traits.nickname': nickname }
  expectPage(send(open('/settings?section=profile'), 'profile', names), '/settings')
  check(open('/settings?section=profile'), { 'the name is changed': ({ body }) => body.includes(nickname) })
  signOut()
}

function signUp() {
  const email = `new-${__VU}-${__ITER}-${Date.now()}@example.com`
  const details = { 'traits.email': email, 'traits.lastname': '山田', 'traits.firstname': '太郎', 'traits.nickname': 'たろう', password: PASSWORD }
  const page = send(open('/registration'), 'password', details)
  expectPage(page, '/verification')
  expectStatus(send(page, 'code', { code: mailedCode(email) }), 200)
  expectPage(open('/welcome'), '/welcome')
}

function recover(email) {
  const read = mails(email).map(({ id }) => id)
  const page = send(open('/recovery'), 'code', { email })
  expectPage(page, '/recovery')
  const settings = send(page, 'code', { code: mailedCode(email, read) })
  expectPage(settings, '/settings')
  expectPage(send(settings, 'password', { password: PASSWORD }), '/settings')
  signOut()
}

// ---- Steps ---------------------------------------------------------------------------------------------------------------

function open(path, status = 200) {
  return http.get(`${GENKAN}${path}`, { tags: { name: path.split('?')[0] }, responseCallback: expected(status) })
}

/** Sends the form with the button of a method, or the only one, filled in. */
function send(page, method, fields, { isHtmx = false, status = 200 } = {}) {
  const form = page
    .html()
    .find('main form')
    .toArray()
    .find(form => form.attr('method') === 'post' && (!method || form.find(`button[name="method"][value="${method}"]`).size() > 0))
  if (!form) fail(`${page.url} has no form for ${method}: ${page.html('h1').text()}`)
  const hidden = {}
  form.find('input[type="hidden"]').each((_, input) => (hidden[input.getAttribute('name')] = input.getAttribute('value')))
  const action = form.attr('action')
  return http.post(`${GENKAN}${action}`, { ...hidden, ...(method && { method }), ...fields }, {
    tags: { name: action.split('?')[0] },
    headers: isHtmx ? { 'HX-Request': 'true', 'HX-Request-Type': 'partial' } : {},
    responseCallback: expected(status),
  })
}

/** This one, and the way to it. */
const expected = status => http.expectedStatuses(status, { min: 300, max: 399 })

const mails = email => http.get(`${MAIL}/api/email?to.address=${encodeURIComponent(email)}`, { tags: { name: 'mail' } }).json()

/** The code in the first mail to an address besides those that are read, for which this waits. */
function mailedCode(email, read = []) {
  for (let tries = 0; tries < 120; tries++) {
    const mail = mails(email).find(({ id }) => !read.includes(id))
    const code = mail && /^\d{6}$/m.exec(mail.text)
    if (code) return code[0]
    sleep(0.5)
  }
  fail(`no mail to ${email}`)
}

function expectPage(response, path) {
  const shown = response.url.slice(GENKAN.length).split('?')[0]
  if (!check(response, { 'the page is the one that was expected': () => response.status === 200 && shown === path })) {
    console.error(`${path} was expected, not ${shown} with ${response.status}: ${response.html('h1').text()} ${response.html('#error-summary').text()}`)
  }
}

function expectStatus(response, status) {
  if (!check(response, { 'the status is the one that was expected': () => response.status === status })) {
    console.error(`${status} was expected of ${response.url}, not ${response.status}`)
  }
}

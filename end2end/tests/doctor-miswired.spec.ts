// `genkan doctor` before a Kratos that is set up wrong in many ways at once.

import { examine, faults } from '../support/doctor'
import { HYDRA, withGateway } from '../support/gateway'
import { member } from '../support/people'
import { GENKAN, KRATOS } from '../support/places'
import { expect, test } from '../support/test'

test.use({ profile: 'miswired' })

test('it finds each fault, and says which key to change to what', async () => {
  const { report, isRight } = await examine()

  expect(isRight).toBe(false)
  const expected = [
    `serve.public.base_url is http://kratos.example/, but PUBLIC_URL is ${GENKAN}/ → set serve.public.base_url to ${GENKAN}/`,
    'cookies are for the domain other.example, but Genkan is at localhost → remove cookies.domain and session.cookie.domain',
    `selfservice.flows.login.ui_url is ${GENKAN}/signin → set it to ${GENKAN}/login`,
    `selfservice.flows.recovery.ui_url is https://id.example/recovery → set it to ${GENKAN}/recovery`,
    `selfservice.flows.error.ui_url is ${GENKAN}/oops → set it to ${GENKAN}/error`,
    `selfservice.allowed_return_urls has not ${GENKAN}/ → add ${GENKAN}/`,
  ]
  const found = faults(report)
  for (const fault of expected) expect(found).toContainEqual(expect.stringContaining(fault))
  expect(found, 'no more than that').toHaveLength(expected.length)
  // What is right is not doubted.
  expect(report).toContain(`right    selfservice.flows.registration.ui_url is ${GENKAN}/registration`)
})

test('it finds a Kratos that does not reach Hydra', async () => {
  await withGateway(KRATOS, HYDRA, async hydra => {
    const { report } = await examine({ HYDRA_ADMIN_URL: hydra })
    expect(report).toContain('right    Hydra is ready at')
    expect(faults(report)).toContainEqual(expect.stringMatching(/^Kratos does not reach Hydra .* → set oauth2_provider.url/))
  })
})

test('it finds mails that Kratos gave up', async ({ stack }) => {
  const { email } = await member()
  await stack.crash('mail')
  const begun = await fetch(`${KRATOS}/self-service/recovery/api`)
  const { id } = (await begun.json()) as { id: string }
  const asked = await fetch(`${KRATOS}/self-service/recovery?flow=${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ method: 'code', email }),
  })
  expect(asked.status).toBe(200)

  const found = async () => faults((await examine()).report)
  await expect
    .poll(found, { timeout: 30_000 })
    .toContainEqual(expect.stringMatching(/^Kratos abandoned e-mails .* → set courier\.smtp\.connection_uri/))
  await stack.restart('mail')
})

// Where the stack of this worker has its parts.

import { postgresDsn, testPorts } from '../ports.mjs'

/** Which stack that is: each worker of Playwright has its own. STACK_AT moves them all, for two checkouts on one machine. */
export const AT = Number(process.env.STACK_AT ?? 0) + Number(process.env.TEST_PARALLEL_INDEX ?? 0)

const ports = testPorts(AT)

/** The path below which Genkan is served in this run: `BASE_PATH=/auth`. */
export const BASE = process.env.BASE_PATH ?? ''

export const GENKAN = `http://localhost:${ports.genkan}${BASE}`
export const KRATOS = `http://127.0.0.1:${ports.kratos}`
export const KRATOS_ADMIN = `http://127.0.0.1:${ports.admin}`
export const MAIL = `http://localhost:${ports.mail}`
export const PROVIDER = `http://127.0.0.1:${ports.provider}`
/** The stand-in for Ory Hydra, with the application that signs in by it. */
export const HYDRA = `http://127.0.0.1:${ports.hydra}`

/** Where Kratos keeps its data in this run, if that is Postgres: `DATABASE=postgres`. */
export const POSTGRES = process.env.DATABASE === 'postgres' ? postgresDsn(ports) : undefined

/** So long after a sign-in Kratos makes changes that matter without asking for the password again. */
export const PRIVILEGED_SECONDS = 20

/** So long a form can be sent with the profile "short", where changes that matter ask for the password after a second. */
export const SHORT_SECONDS = 5

/** So long a mailed code or link is good with the profile "short-code". */
export const CODE_SECONDS = 5

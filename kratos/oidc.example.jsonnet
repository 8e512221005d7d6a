// Maps the provider's claims to the traits of identity.schema.user_v1.json. Kratos asks the user for
// traits that are missing.
local claims = { email_verified: false } + std.extVar('claims');

// An address that the provider has not verified may belong to another person.
local email = if claims.email_verified && 'email' in claims then claims.email;

{
  identity: {
    traits: {
      [if email != null then 'email']: email,
      [if 'family_name' in claims then 'lastname']: claims.family_name,
      [if 'given_name' in claims then 'firstname']: claims.given_name,
      [if 'nickname' in claims then 'nickname']: claims.nickname,
    },
    verified_addresses: if email != null then [{ via: 'email', value: email }] else [],
  },
}

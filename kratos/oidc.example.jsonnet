// What the provider tells of somebody → the traits of identity.schema.user_v1.json. Kratos asks the person for what is missing.
local claims = { email_verified: false } + std.extVar('claims');

// An address that the provider has not checked could be anybody's.
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

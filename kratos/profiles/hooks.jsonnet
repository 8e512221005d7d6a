// The body of the request to the service.
function(ctx) { traits: ctx.identity.traits }

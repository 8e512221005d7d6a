// What the service is told.
function(ctx) { traits: ctx.identity.traits }

## Every page

title = { $page } – { $service }
title-failed = Error: { $page } – { $service }
skip = Skip to main content
links = Related links
or = or
continue = Continue
next = Continue
verify = Verify
confirm = Confirm
save = Save
optional = (optional)
error-summary = There is a problem
error-prefix = Error:{" "}
net-error = We could not reach the service. Your entries are still here. Try again.
go-to-login = Go to sign in
home = Home
no-method = No method is available here. Contact support.
too-often = The code was entered too often. Send a new code.
account = Account
mail-catcher = Open the development mailbox

## Fields

hint-code = 6 digits.
hint-totp-code = 6 digits shown in your authenticator app.
hint-backup-code = Each code works once.
hint-new-password = At least { $min } characters. Longer is safer.

## Traits, by name in the identity schema

trait-email = Email address
trait-username = Username
trait-phone = Phone number
trait-name = Name
trait-name-first = First name
trait-name-last = Last name
trait-firstname = First name
trait-lastname = Last name
trait-nickname = Nickname
trait-birthdate = Date of birth
trait-website = Website
trait-tos = I agree to the terms of service
trait-newsletter = Send me news by email

## Sign-in

login = Sign in
login-again = Confirm it’s you
login-second-factor = Two-step verification
login-forgot = Forgot your password?
login-register = Create an account
logout = Sign out
logout-lead = You will be signed out on this device.

## Sign-up

registration = Create an account
registration-submit = Create account
registration-login = Already have an account? Sign in

## Codes by mail

code = Enter your code
code-spam = If it has not arrived, check your spam folder.
code-other-address = Change email address
send-code = Send code
resend = Send a new code

## Verification

verification = Confirm your email address
verification-code-lead = We sent a code to { $address }. Enter it below.
verification-code-lead-unknown = We sent you a code by email. Enter it below.
verification-done = Email address confirmed
verification-done-lead = Your email address is confirmed.

## Recovery

recovery = Reset your password
recovery-lead = Enter your email address and we will send you a code.
recovery-code-lead = If { $address } is registered, you will receive a code.
recovery-code-lead-unknown = If the address you entered is registered, you will receive a code.
recovery-done-lead = You have already completed this step.

## Settings

settings = Account settings
settings-profile = Profile
settings-password = Change password
settings-password-new = New password
settings-password-submit = Change password
settings-saved = Changes saved.
settings-password-saved = Password changed.

## Sessions

sessions = Where you’re signed in
sessions-this = This device
sessions-since = Signed in
sessions-until = Signed in until

## Welcome

welcome = Welcome
welcome-name = Welcome, { $name }
welcome-lead = Sign in or create an account.
welcome-signed-in = You are signed in.
welcome-halfway = Complete two-step verification to finish signing in.

## What an earlier page left to say

flash-signed-out = You’re signed out.
flash-registered = Your account is ready. Sign in.
flash-link-used = This link has been used or has expired.
flash-resent = We sent a new code. Earlier codes no longer work.
flash-timed-out = This page timed out. Try again.
flash-started-again = That page could no longer be used, so here is a new one. Enter your details once more.
flash-repeat-change = Your identity is confirmed. Make the change again.
flash-account-disabled = This account is not available. Contact support.
flash-check-input = There are characters that cannot be used. Check what you entered.
flash-code-or-address = Send either the email address or the code, not both.
flash-missing = Fill in all required fields.

## Leaving

hand-off = Taking you there
hand-off-continue = Continue to { $host }

## Errors

error-service = There is a problem with the service
error-service-lead = Try again later.
error-not-found = Page not found
error-not-found-lead = The address has changed or has expired. Start again.
error-cookies = Check your cookies
error-cookies-lead = Open this page again, and check that cookies are on.
error-origin = We could not check where this came from
error-origin-lead = It may have been sent from another site, so it was not accepted. Open a page of this site and try again.
error-input = This could not be sent
error-input-lead = Check what you entered and try again.
error-too-large-lead = What you entered is too long. Make it shorter and try again.
error-closed = This is not available
error-closed-lead = This is switched off at the moment.
error-too-many = Wait a moment
error-too-many-lead = Too many attempts. Wait a while and try again.
error-application = Start again
error-application-lead = Go back to the application that asked you to sign in, and try again.
error-reference = Reference:

## Every page

title = { $page } – { $service }
title-failed = Error: { $page } – { $service }
skip = Skip to main content
links = Related links
or = or
continue = Continue
next = Continue
verify = Verify
confirm = Continue
save = Save
optional = (optional)
error-summary = There is a problem
error-summary-other = There is a problem
error-prefix = Error:{" "}
net-error = We could not reach the service. Your entries are still here. Try again.
sending = Sending…
theme = Theme:
theme-auto = System
theme-light = Light
theme-dark = Dark
privacy = Privacy
terms = Terms of service
help = Help
go-to-login = Go to sign in
home = Home
no-method = No method is available here. Contact support.
provider-failed = The other service could not complete this. Try again, or choose another way.
too-often = Too many incorrect codes. Send a new code.
account = Account
mail-catcher = Open the development mailbox
more-options = More options
start-over = Start over
turn-on = Turn on
turn-off = Turn off
remove = Remove
remove-named = Remove { $name }
copy = Copy
copied = Copied.
download = Download
print = Print
state-on = On
state-off = Off
state-none = None
state-count = { $count }

## Fields

hint-code = 6 digits.
hint-totp-code = 6 digits shown in your authenticator app.
hint-backup-code = Each code works once.
hint-new-password = At least { $min } characters. Longer is safer.
hint-date-time = Times are in UTC{ $offset }.
field-none = Not selected
field-in-group = { $group }: { $label }
field-in-list = { $label } { $number }
field-new-tab = (opens in a new tab)
password-show = Show
password-show-named = Show password
password-shown = Your password is shown.
password-hide = Hide
password-hide-named = Hide password
password-hidden = Your password is hidden.

## Traits, by name in the identity schema: `name.first` is trait-name-first. Words in <terms>…</terms> lead to the address
## in the attribute .terms; further attributes are .hint, .error (what is said of
## anything wrong with it) and, for the value `red` of a choice, .option-red.

trait-email = Email address
trait-username = Username
trait-phone = Phone number
trait-tel = Phone number
trait-name = Name
trait-name-first = First name
trait-name-last = Last name
trait-firstname = First name
trait-lastname = Last name
trait-first-name = First name
trait-last-name = Last name
trait-given-name = Given name
trait-family-name = Family name
trait-nickname = Nickname
trait-birthdate = Date of birth
trait-age = Age
trait-company = Company
trait-address = Address
trait-postcode = Postcode
trait-postal-code = Postcode
trait-city = City
trait-country = Country
trait-website = Website
trait-tos = I agree to the <terms>terms of service</terms>
    .error = Agree to the terms to continue.
trait-terms = I agree to the <terms>terms of service</terms>
    .error = Agree to the terms to continue.
trait-newsletter = Send me news by email

## Sign-in

login = Sign in
login-submit = Sign in
login-again = Confirm it’s you
login-second-factor = Two-step verification
login-forgot = Forgot your password?
login-register = Create an account
logout = Sign out
logout-submit = Sign out
logout-lead = You will be signed out on this device.
logout-application = { $client } asks you to sign out.
logout-stay = Stay signed in
logout-recover = Sign out and continue
logout-recover-lead = If you do not know your current password, sign out first. We will then email you so that you can set a new one.
logout-other-account-lead = You will be signed out on this device. Then sign in with the other account to go back to the app.
login-other-account = Use another account
login-wrong = { $label } or password is incorrect.
login-wrong-password = Your sign-in details or password are incorrect.
login-unknown = We could not sign you in with this. Check it and try again.
login-unverified-phone = Confirm your phone number before you sign in.
login-link = Connect your account
login-code-submit = Continue
login-code-lead = We sent a code to { $address }. Enter it below.
login-code-lead-unknown = We sent you a code. Enter it below.
factor-others = Try another way
factor-totp = Use your authenticator app
factor-webauthn = Use your security key
factor-code = Get a code
factor-lookup = Use a backup code
no-second-factor = Two-step verification is not set up for this account. You can set it up in your account settings.
second-factor-stuck = This account needs a second step to sign in, and no method for it is available right now. Contact support.

## Passkeys and security keys

passkey-login = Sign in with a passkey
passkey-create = Create a passkey
passkey-cancelled = The passkey request was cancelled.
passkey-name = Passkey { $number }
webauthn-login = Use your security key
webauthn-create = Add a security key
webauthn-name = Security key { $number }
webauthn-cancelled = The security key request was cancelled.
webauthn-known = This device has a key for your account already.
webauthn-failed = This did not work on this device. Try again, or choose another way.
webauthn-lacking = Passkeys and security keys do not work in this browser. Turn JavaScript on, or use another browser.

## Sign-up

registration = Create an account
registration-lead = All fields are required.
registration-submit = Create account
registration-login = Already have an account? Sign in
registration-credential = Choose how to sign in
registration-completion = The other service did not share everything we need. Fill in what is missing to continue.
registration-code-submit = Continue
registration-code-lead = We sent a code to { $address }. Enter it below.
registration-code-lead-unknown = We sent you a code. Enter it below.

## Codes by mail or text message

code = Enter your code
code-spam = If it has not arrived, check your spam folder.
code-other-address = Change email address
code-other-phone = Change phone number
code-phone = If it has not arrived, check that the number is right.
code-other-contact = Send it somewhere else
code-another = Send another code
code-wrong = Code is incorrect or has expired. Check it and try again.
send-code = Send code
resend = Send a new code
send-link = Send link
send-link-again = Send a new link
link-sent = Check your email

## Verification

verification = Confirm your email address
verification-code-lead = We sent a code to { $address }. Enter it below.
verification-code-lead-phone = We sent a code to { $address }. Enter it below.
verification-code-lead-unknown = We sent you a code by email. Enter it below.
verification-done = Email address confirmed
verification-done-phone = Phone number confirmed
verification-done-lead = You are all set.
verification-link-lead = We sent a link to { $address }. Open it to confirm your address.
verification-next = Confirm { $address }
verification-next-lead = There is more to confirm.
verification-other = Enter the code sent to { $address }

## Recovery

recovery = Reset your password
recovery-lead-contact = Enter the email address or phone number on your account and we will send you a code.
recovery-lead = Enter your email address and we will send you a code.
recovery-code-lead = If { $address } is registered, you will receive a code.
recovery-code-lead-unknown = If the address you entered is registered, you will receive a code.
recovery-done-lead = You have already completed this step.
recovery-link-lead = Enter your email address and we will send you a link.
recovery-choose = Choose where to send the code.
recovery-address = Send to
recovery-confirm = Enter the address on your account in full.

## Settings

settings = Account settings
settings-profile = Profile
settings-password = Change password
settings-password-new = New password
settings-password-submit = Change password
settings-saved = Changes saved.
settings-password-saved = Password changed.
settings-not-offered = This is not available.
profile-first = First complete or correct this in your profile: { $fields }
profile-first-between = {", "}
profile-first-go = Go to your profile
settings-key-since = Created
settings-totp = Authenticator app
settings-totp-lead = When you sign in, you will also enter a code from an app.
settings-totp-scan = Scan the QR code with your authenticator app.
settings-totp-qr = QR code for your authenticator app
settings-totp-secret = If you cannot scan it, enter this setup key in your app.
settings-totp-type = Enter the 6 digits shown in the app.
settings-totp-on = Your authenticator app is turned on.
settings-totp-off-lead = You will no longer be asked for a code from the app. If you do not need your backup codes either, turn them off too.
settings-lookup = Backup codes
settings-lookup-lead = For when you do not have your authenticator app or security key at hand. Each code works once.
settings-lookup-keep = Keep these somewhere safe, then select “I have saved them”. Until then they do not work.
settings-lookup-shown = Keep these somewhere safe.
settings-lookup-few =
    { $count ->
        [one] You have { $count } unused code left. Create new ones.
       *[other] You have { $count } unused codes left. Create new ones.
    }
settings-lookup-again = Create new codes
settings-lookup-again-lead = Once you have saved the new codes, the old ones no longer work.
settings-lookup-off-lead = None of your backup codes will work any more.
settings-passkey = Passkeys
settings-passkey-lead = Sign in with your fingerprint, face or screen lock instead of a password.
settings-passkey-none = You have no passkeys yet.
settings-passkey-last = This is your only way to sign in, so it cannot be removed. Set a password first.
settings-passkey-remove-lead = You will no longer be able to sign in with this passkey. Delete it from your device as well.
settings-webauthn = Security keys
settings-webauthn-lead = Use a USB or NFC security key to confirm it’s you.
settings-webauthn-none = You have no security keys yet.
settings-webauthn-last = This is your only way to sign in, so it cannot be removed. Set a password first.
settings-webauthn-remove-lead = You will no longer be able to use this security key.
settings-oidc = Connected accounts
settings-oidc-lead = You can sign in with the accounts you connect.
settings-oidc-connected = Connected
settings-oidc-not-connected = Not connected
settings-oidc-unlink = Disconnect
settings-oidc-unlink-lead = You will no longer be able to sign in with { $provider }.
settings-oidc-last = This is your only way to sign in, so it cannot be disconnected. Set a password or passkey first.

## Sessions

sessions = Where you’re signed in
sessions-this = This device
sessions-since = Signed in
sessions-until = Signed in until
sessions-address = IP address
sessions-place = Approximate location
sessions-device = { $browser } on { $system }
sessions-unknown = Unknown device
sessions-how = Signed in with
sessions-method-password = Password
sessions-method-code = Code sent to you
sessions-method-recovery = Password reset
sessions-method-provider = Another service
sessions-method-totp = Authenticator app
sessions-method-lookup-secret = Backup code
sessions-method-webauthn = Security key
sessions-method-passkey = Passkey
sessions-two-step = Two-step verification
sessions-two-step-done = Completed
sessions-end = Sign out { $device }
sessions-end-what = You will have to sign in again there.
sessions-end-others = Sign out of all other devices
sessions-end-others-what = You will stay signed in here, and will have to sign in again everywhere else.
sessions-alone = You are not signed in on any other device.
sessions-more = You are signed in { $total } more times. The latest { $listed } are listed here.

## Welcome

welcome = Welcome
welcome-name = Welcome, { $name }
welcome-lead = Sign in or create an account.
welcome-lead-closed = Sign in to continue.
welcome-signed-in = You are signed in.
welcome-halfway = Complete two-step verification to finish signing in.

## What an earlier page left to say

flash-signed-out = You’re signed out.
flash-registered = Your account is ready. Sign in.
flash-link-used = This link has been used or has expired.
flash-confirm-address = We emailed you to confirm your address. Open the link in that email, or get a new email here.
flash-confirm-new-address = Changes saved. We emailed you to confirm your new address. Open the link in that email, or get a new email here.
flash-address-saved = Changes saved.
flash-resent = We sent a new code. Earlier codes no longer work.
flash-timed-out = This page timed out. Try again.
flash-started-again = That page could no longer be used, so here is a new one. Enter your details once more.
flash-repeat-change = Your identity is confirmed. Make the change again.
flash-account-disabled = This account is not available. Contact support.
flash-key-refused = Your passkey or security key could not be added. Try again.
flash-check-input = There are characters that cannot be used. Check what you entered.
flash-ambiguous = A field was sent with several values. Check what you entered.
flash-code-or-address = Send either the email address or the code, not both.
flash-missing = Fill in all required fields.
flash-signed-in-already = You are already signed in.
flash-sent-just-now = We have just sent one. Wait about { $seconds } seconds, then try again.
flash-link-resent = We sent a new link.
flash-address-confirmed = It’s confirmed. Sign in to continue.
flash-device-signed-out = That device is signed out.
flash-others-signed-out = All other devices are signed out.

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
error-address = This address is too long
error-address-lead = Go back to the page you came from and try again.
error-closed = This is not available
error-closed-lead = This is not available right now.
error-too-many = Wait a moment
error-too-many-lead = Too many attempts. Wait a while and try again.
error-too-many-seconds = { $number ->
    [one] Too many attempts. Try again in { $number } second.
   *[other] Too many attempts. Try again in { $number } seconds.
}
error-too-many-minutes = { $number ->
    [one] Too many attempts. Try again in { $number } minute.
   *[other] Too many attempts. Try again in { $number } minutes.
}
try-again = Try again
error-application = Start again
error-application-lead = Go back to the application that asked you to sign in, and try again.
error-application-named = This request of { $client } can no longer be completed. Go back to { $client } and try again.
error-provider = This could not be completed
error-provider-lead = Something went wrong on the way back from the other service. Start again in a single tab. If that does not help, choose another way.
error-reference = Reference:

## Consent: what an application asks for. consent-scope-… are OAuth2's scopes, with hyphens.

consent = Allow { $client } access?
consent-host = This app is from { $host }.
consent-account = You are signed in as { $account }.
consent-lead = It will be able to:
consent-scope-openid = Know that you have an account here
consent-scope-email = See your email address
consent-scope-profile = See your name and profile
consent-scope-phone = See your phone number
consent-scope-address = See your postal address
consent-scope-offline = Keep its access while you are away
consent-scope-offline-access = Keep its access while you are away
consent-remember = Don’t ask again
consent-accept = Allow
consent-reject = Don’t allow
consent-policy = Its privacy notice
consent-terms = Its terms of service

## Devices without a keyboard (RFC 8628)

device = Connect a device
device-lead = Enter the code that your device shows.
device-compare = Check that your device shows this code, then continue.
device-warning = Continue only if you started this on a device of your own. If someone sent you the code, close this page.
device-code = Code on your device
device-code-wrong = This code is wrong or has expired. Check your device and enter the code again.
device-done = Your device is connected
device-done-lead = You can close this page and go on on your device.

### Texts for Kratos' messages; the key is the message id.
### Variables: Kratos' context, plus label and label_lower (the field's name), plus minutes for 1060001.
### -form: no field to blame.

## Login

kratos-1010000 = Sign in
kratos-1010001 = Sign in
kratos-1010002 = Sign in with { $provider }
kratos-1010003 = To continue, sign in again.
kratos-1010004 = Complete two-step verification.
kratos-1010005 = Verify
kratos-1010006 = Authentication code
kratos-1010007 = Backup code
kratos-1010008 = Use your security key
kratos-1010009 = Verify
kratos-1010010 = Verify
kratos-1010011 = Use your security key
kratos-1010012 = Get your security key, fingerprint or face unlock ready, then select Continue.
kratos-1010013 = Continue
kratos-1010014 = We sent a code. Enter it below.
kratos-1010015 = Send me a code
kratos-1010016 = There is already an account for { $duplicate_identifier }. To connect { $provider }, sign in to that account.
kratos-1010017 = Sign in and connect
kratos-1010018 = Sign in with { $provider } and connect
kratos-1010019 = Send me a code
kratos-1010020 = We will send a code to { $masked_to }. Enter that address in full.
kratos-1010021 = Sign in with a passkey
kratos-1010022 = Sign in
kratos-1010023 = Send a code to { $address }
kratos-1010024 = Sign in with this device
kratos-1010025 = We sent a code to the address on your account. Enter it below.

## Logout

kratos-1020000 = Sign out

## Second factor

kratos-1030000 = Two-step verification

## Registration

kratos-1040000 = Create an account
kratos-1040001 = Create account
kratos-1040002 = Continue with { $provider }
kratos-1040003 = Continue
kratos-1040004 = Create with a security key
kratos-1040005 = We sent a code. Enter it below.
kratos-1040006 = Send me a code
kratos-1040007 = Create with a passkey
kratos-1040008 = Back
kratos-1040009 = You will sign in this way from now on.

## Settings

kratos-1050000 = Account settings
kratos-1050001 = Changes saved.
kratos-1050002 = Connect { $provider }
kratos-1050003 = Disconnect { $provider }
kratos-1050004 = Turn off
kratos-1050005 = QR code for your authenticator app
kratos-1050006 = { $secret }
kratos-1050007 = Show codes
kratos-1050008 = Create codes
kratos-1050009 = { $secret }
kratos-1050010 = Keep these somewhere safe.
kratos-1050011 = I have saved them
kratos-1050012 = Add a security key
kratos-1050013 = Security key name
kratos-1050014 = Used
# The context's secrets are a list; screens show them one by one (1050009, 1050014).
kratos-1050015 = { $secrets }
kratos-1050016 = Turn off
kratos-1050017 = If you cannot scan the QR code, enter this setup key in your app.
kratos-1050018 = Remove { $display_name }
kratos-1050019 = Create a passkey
kratos-1050020 = Remove { $display_name }
kratos-1050021 = Remove this device
kratos-1050022 = Device setup data
kratos-1050023 = Your organization manages this account. To change these settings, ask your administrator.

## Recovery

kratos-1060000 = Reset your password
kratos-1060001 = { $minutes ->
    [one] Identity confirmed. Set a new password within { $minutes } minute.
   *[other] Identity confirmed. Set a new password within { $minutes } minutes.
}
kratos-1060002 = If the address is registered, you will receive a link to reset your password.
kratos-1060003 = If the address is registered, you will receive a code.
kratos-1060004 = If { $masked_address } is registered, you will receive a code.
kratos-1060005 = Enter the address on your account in full.
kratos-1060006 = Choose where to send the code.
kratos-1060007 = Back

## Node labels

# Kratos' own text is the masked address. The buttons that choose an address show that, never this.
kratos-1070000 = Send
kratos-1070001 = Password
kratos-1070002 = { $title }
kratos-1070003 = Save
kratos-1070004 = ID
kratos-1070005 = Submit
kratos-1070006 = Authentication code
kratos-1070007 = Email address
kratos-1070008 = Send a new code
kratos-1070009 = Continue
kratos-1070010 = Code
kratos-1070011 = Code
kratos-1070012 = Code
kratos-1070013 = Code
kratos-1070014 = Sign in and connect
kratos-1070015 = To continue, complete this check.
kratos-1070016 = Account email or phone
kratos-1070017 = Phone number
kratos-1070018 = Email address or phone number

## Verification

kratos-1080000 = Confirm your email address
kratos-1080001 = We sent a link by email. Open it to confirm your address.
kratos-1080002 = Email address confirmed.
kratos-1080003 = We sent a code by email. Enter it below.
kratos-1080004 = We sent a code by text message. Enter it below.
kratos-1080005 = Phone number confirmed.

## Validation errors

kratos-4000000 = Something went wrong. Try again later.
kratos-4000001 = Check the format of your { $label_lower }.
kratos-4000001-form = Check what you entered and try again.
kratos-4000002 = Enter your { $label_lower }.
kratos-4000002-form = Fill in all required fields.
kratos-4000003 = { $min_length ->
    [one] { $label } must be { $min_length } character or more.
   *[other] { $label } must be { $min_length } characters or more.
}
kratos-4000003-form = { $min_length ->
    [one] A field is too short. Enter { $min_length } character or more.
   *[other] A field is too short. Enter { $min_length } characters or more.
}
kratos-4000004 = Check the format of your { $label_lower }.
kratos-4000004-form = Check the format of what you entered.
kratos-4000005 = Choose a different password. This one cannot be used.
kratos-4000006 = Email address or password is incorrect.
kratos-4000007 = You cannot create an account with these details. If you already have one, sign in.
kratos-4000008 = Authentication code is incorrect. Enter the latest code in your app.
kratos-4000009 = Enter the email address or other ID you want to sign in with.
kratos-4000010 = Confirm your email address before you sign in.
kratos-4000011 = No authenticator app is set up. Try another way.
kratos-4000012 = This backup code has been used.
kratos-4000013 = No security key is set up. Try another way.
kratos-4000014 = No backup codes are set up. Try another way.
kratos-4000015 = You cannot sign in with this passkey or security key. Try another way.
kratos-4000016 = Backup code is incorrect.
kratos-4000017 = { $max_length ->
    [one] { $label } must be { $max_length } character or fewer.
   *[other] { $label } must be { $max_length } characters or fewer.
}
kratos-4000017-form = { $max_length ->
    [one] A field is too long. Enter { $max_length } character or fewer.
   *[other] A field is too long. Enter { $max_length } characters or fewer.
}
kratos-4000018 = { $label } must be { $minimum } or more.
kratos-4000018-form = A number is too low. Enter { $minimum } or more.
kratos-4000019 = { $label } must be more than { $minimum }.
kratos-4000019-form = A number is too low. Enter more than { $minimum }.
kratos-4000020 = { $label } must be { $maximum } or less.
kratos-4000020-form = A number is too high. Enter { $maximum } or less.
kratos-4000021 = { $label } must be less than { $maximum }.
kratos-4000021-form = A number is too high. Enter less than { $maximum }.
kratos-4000022 = { $label } must be a multiple of { $base }.
kratos-4000022-form = A number must be a multiple of { $base }. Check what you entered.
kratos-4000023 = { $max_items ->
    [one] { $label } must have { $max_items } item or fewer.
   *[other] { $label } must have { $max_items } items or fewer.
}
kratos-4000023-form = { $max_items ->
    [one] A list must have { $max_items } item or fewer.
   *[other] A list must have { $max_items } items or fewer.
}
kratos-4000024 = { $min_items ->
    [one] { $label } must have { $min_items } item or more.
   *[other] { $label } must have { $min_items } items or more.
}
kratos-4000024-form = { $min_items ->
    [one] A list must have { $min_items } item or more.
   *[other] A list must have { $min_items } items or more.
}
kratos-4000025 = { $label } has the same item more than once. Remove the repeats.
kratos-4000025-form = A list has the same item more than once. Check what you entered.
kratos-4000026 = Check the format of your { $label_lower }.
kratos-4000026-form = Check the format of what you entered.
kratos-4000027 = You cannot create an account with these details. If you already have one, sign in.
kratos-4000028 = You cannot create an account with these details. If you already have one, sign in.
kratos-4000029 = Check your answer for { $label_lower }.
kratos-4000029-form = Check what you entered and try again.
kratos-4000030 = Check your answer for { $label_lower }.
kratos-4000030-form = Check what you entered and try again.
kratos-4000031 = Choose a password that is less like your email address or other sign-in details.
kratos-4000032 = { $min_length ->
    [one] { $label } must be { $min_length } character or more.
   *[other] { $label } must be { $min_length } characters or more.
}
kratos-4000032-form = { $min_length ->
    [one] Password must be { $min_length } character or more.
   *[other] Password must be { $min_length } characters or more.
}
kratos-4000033 = { $label } is too long. Use { $max_length } characters or fewer; letters with accents, Japanese and emoji count as 2 to 4.
kratos-4000033-form = { $max_length ->
    [one] Password must be { $max_length } character or fewer.
   *[other] Password must be { $max_length } characters or fewer.
}
kratos-4000034 = This password has appeared in a data breach. Choose a different one.
kratos-4000035 = Check the email address and try again.
kratos-4000036 = Your details changed part-way. Enter them again.
kratos-4000037 = Check the email address and try again.
kratos-4000038 = The check did not pass. Try again.
kratos-4000039 = Enter a password that is different from your current one.
kratos-4000040 = Enter an email address in the correct format, like name@example.com.
kratos-4000041 = Enter a phone number in the correct format.
kratos-4000042 = This device is not set up. Try another way.
kratos-4000043 = Your passkey or security key could not be verified. Try again.
kratos-4000044 = This device could not be verified. Try again.
kratos-4000045 = This device can no longer be used to sign in. Set it up again.
kratos-4000046 = To keep your account safe, set up this device again.

## Login errors

kratos-4010000 = Something went wrong. Try again later.
kratos-4010001 = This page timed out. Try again.
kratos-4010002 = Check what you entered and try again.
kratos-4010003 = Check what you entered and try again.
kratos-4010004 = Check what you entered and try again.
kratos-4010005 = Check what you entered and try again.
kratos-4010006 = Check what you entered and try again.
kratos-4010007 = You have already completed this step.
kratos-4010008 = Code is incorrect or has expired. Check it again or send a new code.
kratos-4010009 = This is a different account. Sign in with the account you want to connect.
kratos-4010010 = This address is not registered on your account. Check what you entered.
kratos-4010011 = This account is not available. Contact support.

## Registration errors

kratos-4040000 = Something went wrong. Try again later.
kratos-4040001 = This page timed out. Try again.
kratos-4040002 = You have already completed this step.
kratos-4040003 = Code is incorrect or has expired. Check it again or send a new code.

## Settings errors

kratos-4050000 = Something went wrong. Try again later.
kratos-4050001 = This page timed out. Try again.
kratos-4050002 = Change your email address or phone number one at a time, saving each.

## Recovery errors

kratos-4060000 = Something went wrong. Try again later.
kratos-4060001 = You have already completed this step.
kratos-4060002 = This could not be completed. Start again.
kratos-4060003 = Something went wrong. Try again later.
kratos-4060004 = This link has been used or has expired.
kratos-4060005 = This page timed out. Try again.
kratos-4060006 = Code is incorrect or has expired. Check it again or send a new code.

## Verification errors

kratos-4070000 = Something went wrong. Try again later.
kratos-4070001 = This link has been used or has expired.
kratos-4070002 = You have already completed this step.
kratos-4070003 = This could not be completed. Start again.
kratos-4070004 = Something went wrong. Try again later.
kratos-4070005 = This page timed out. Try again.
kratos-4070006 = Code is incorrect or has expired. Check it again or send a new code.

## System errors

kratos-5000000 = Something went wrong. Try again later.
kratos-5000001 = Something went wrong. Try again later.
kratos-5000002 = No sign-in method is available. Contact support.
kratos-5000003 = Single sign-on is not set up for your organization, so you cannot sign in. Contact your administrator.

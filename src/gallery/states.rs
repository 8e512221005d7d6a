//! The table "screen → what Kratos says there". One line for each state that people can meet.

use crate::kratos::FlowKind;
use crate::visit::Flash;

use super::replay::Recordings;

/// A screen in one state.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// In the address, and in the session cookie.
    pub(super) name: &'static str,
    at: At,
    /// Who is signed in, as recorded.
    pub(super) session: Option<&'static str>,
    /// The sessions on other devices, as recorded.
    pub(super) sessions: Option<&'static str>,
    /// What everything else is answered with.
    pub(super) answer: Option<Said>,
    pub(super) flash: Option<Flash>,
    /// The addresses that an earlier step left to be confirmed, as the browser keeps them.
    pub(super) confirmations: Option<&'static str>,
}

/// Which page it is.
#[derive(Debug, Clone, Copy)]
enum At {
    /// The page of a recorded flow, with what else is in its address.
    Flow {
        kind: FlowKind,
        recording: &'static str,
        tail: &'static str,
    },
    Page(&'static str),
    /// The answer to a form of a recorded flow, posted without a script.
    Press {
        kind: FlowKind,
        recording: &'static str,
        form: &'static str,
    },
}

/// An answer of Kratos'.
#[derive(Debug, Clone, Copy)]
pub(super) enum Said {
    Recorded(&'static str),
    /// A status and a body, where no real server was seen to say so.
    Made(u16, &'static str),
}

/// What a browser asks Genkan for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) path: String,
    /// The body of a posted form.
    pub(super) form: Option<&'static str>,
}

const SIGNED_IN: &str = "1.3.1/whoami_200";
/// Two verifications after one step: of the recorded flow, and of another.
const MAIL_AND_PHONE: &str = "90f5b905-3161-4fa3-b8c7-5014e2768ed6=a1%40x.test\
    &52fbab7c-1669-4dde-8a1f-a223d90491b5=%2B4915199999999";
const LINK: &str = "2703228b-1932-4dd9-86bb-bfc106442323=a1%40x.test";
const PHONE: &str = "52fbab7c-1669-4dde-8a1f-a223d90491b5=%2B4915199999999";

const fn page(name: &'static str, path: &'static str) -> State {
    State {
        name,
        at: At::Page(path),
        session: None,
        sessions: None,
        answer: None,
        flash: None,
        confirmations: None,
    }
}

const fn flow(name: &'static str, kind: FlowKind, recording: &'static str) -> State {
    State {
        at: At::Flow {
            kind,
            recording,
            tail: "",
        },
        ..page(name, "")
    }
}

const fn login(name: &'static str, recording: &'static str) -> State {
    flow(name, FlowKind::Login, recording)
}

const fn registration(name: &'static str, recording: &'static str) -> State {
    flow(name, FlowKind::Registration, recording)
}

const fn recovery(name: &'static str, recording: &'static str) -> State {
    flow(name, FlowKind::Recovery, recording)
}

const fn verification(name: &'static str, recording: &'static str) -> State {
    flow(name, FlowKind::Verification, recording)
}

/// `tail` names the section.
const fn settings(name: &'static str, recording: &'static str, tail: &'static str) -> State {
    flow(name, FlowKind::Settings, recording)
        .tail(tail)
        .signed_in(SIGNED_IN)
}

impl State {
    const fn signed_in(self, session: &'static str) -> Self {
        Self {
            session: Some(session),
            ..self
        }
    }

    const fn devices(self, sessions: &'static str) -> Self {
        Self {
            sessions: Some(sessions),
            ..self
        }
    }

    const fn saying(self, flash: Flash) -> Self {
        Self {
            flash: Some(flash),
            ..self
        }
    }

    const fn left_to_confirm(self, confirmations: &'static str) -> Self {
        Self {
            confirmations: Some(confirmations),
            ..self
        }
    }

    const fn recorded(self, recording: &'static str) -> Self {
        Self {
            answer: Some(Said::Recorded(recording)),
            ..self
        }
    }

    const fn answered(self, status: u16, body: &'static str) -> Self {
        Self {
            answer: Some(Said::Made(status, body)),
            ..self
        }
    }

    /// What else is in the address: the second factor that was chosen, or the section.
    const fn tail(self, tail: &'static str) -> Self {
        match self.at {
            At::Flow {
                kind, recording, ..
            } => Self {
                at: At::Flow {
                    kind,
                    recording,
                    tail,
                },
                ..self
            },
            At::Page(_) | At::Press { .. } => self,
        }
    }

    /// The state of a name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|state| state.name == name)
    }

    /// The recording of its flow.
    pub(super) fn flow(&self) -> Option<&'static str> {
        match self.at {
            At::Flow { recording, .. } | At::Press { recording, .. } => Some(recording),
            At::Page(_) => None,
        }
    }

    /// What a browser asks for to see it.
    ///
    /// # Errors
    /// A sentence, where the recording cannot be read.
    pub(super) fn request(&self, recordings: &Recordings) -> Result<Asked, String> {
        let id = |recording: &str| -> Result<String, String> {
            let body = recordings.read(recording)?.body;
            let id = body["id"].as_str();
            Ok(id
                .ok_or_else(|| format!("{recording}: no flow"))?
                .to_owned())
        };
        Ok(match self.at {
            At::Page(path) => Asked {
                path: path.to_owned(),
                form: None,
            },
            At::Flow {
                kind,
                recording,
                tail,
            } => Asked {
                path: format!("/{}?flow={}{tail}", kind.name(), id(recording)?),
                form: None,
            },
            At::Press {
                kind,
                recording,
                form,
            } => Asked {
                path: format!("/fragments/{}?flow={}", kind.name(), id(recording)?),
                form: Some(form),
            },
        })
    }
}

/// All states, in the order of the contact sheet.
pub(super) const ALL: &[State] = &[
    page("welcome-nobody", "/welcome"),
    page("welcome", "/welcome").signed_in(SIGNED_IN),
    page("welcome-signed-in-already", "/welcome")
        .signed_in(SIGNED_IN)
        .saying(Flash::SignedInAlready),
    page("welcome-half", "/welcome").signed_in("1.3.1/whoami_403_aal2_required"),
    // Sign-in
    login("login", "1.3.1/login_init_200_unified"),
    login("login-many-ways", "made/login_many_ways"),
    login("login-signed-out", "1.3.1/login_init_200_unified").saying(Flash::SignedOut),
    login("login-registered", "1.3.1/login_init_200_unified").saying(Flash::Registered),
    login("login-address-confirmed", "1.3.1/login_init_200_unified")
        .saying(Flash::AddressConfirmed),
    login("login-timed-out", "1.3.1/login_init_200_unified").saying(Flash::TimedOut),
    login("login-started-again", "1.3.1/login_init_200_unified").saying(Flash::StartedAgain),
    login("login-disabled", "1.3.1/login_init_200_unified").saying(Flash::AccountDisabled),
    login("login-empty", "1.3.1/login_submit_400_empty"),
    login("login-wrong", "1.3.1/login_submit_400_bad_credentials"),
    login("login-phone-wrong", "made/login_phone_wrong"),
    login("login-phone-unknown", "made/login_phone_unknown"),
    login("login-phone-unverified", "made/login_phone_unverified"),
    login("login-phone-again", "made/login_phone_again").signed_in(SIGNED_IN),
    login(
        "login-unverified",
        "1.3.1/login_submit_400_address_not_verified",
    ),
    login(
        "login-provider-refused",
        "1.3.1/login_get_200_after_oidc_denied",
    ),
    login("login-link-account", "1.3.1/login_get_200_account_linking"),
    login(
        "login-link-account-wrong",
        "1.3.1/login_submit_400_linked_credentials_mismatch",
    ),
    login("login-address", "1.3.1/login_init_200_identifier_first"),
    login(
        "login-address-unknown",
        "1.3.1/login_submit_idfirst_400_unknown",
    ),
    login(
        "login-address-password",
        "1.3.1/login_submit_idfirst_400_credentials",
    ),
    login(
        "login-address-wrong",
        "1.3.1/login_submit_idfirst_password_400",
    ),
    login("login-code", "1.3.1/login_init_200_code_passwordless"),
    login("login-code-unknown", "1.3.1/login_submit_code_400_unknown"),
    login("login-code-sent", "1.3.1/login_submit_code_400_sent_email"),
    login("login-code-resent", "1.3.1/login_submit_code_400_resend").saying(Flash::Resent),
    login("login-code-wait", "1.3.1/login_submit_code_400_sent_email").saying(Flash::SentJustNow),
    login("login-code-wrong", "1.3.1/login_submit_code_400_wrong_code"),
    login(
        "login-passkey-unknown",
        "1.3.1/login_submit_passkey_400_unknown",
    ),
    login("login-again", "1.3.1/login_init_200_refresh"),
    login(
        "login-again-passkey",
        "1.3.1/login_init_200_refresh_passkey",
    ),
    login("login-again-factor", "1.3.1/login_init_200_refresh_aal2"),
    login("login-no-method", "made/login_no_method"),
    // Second factors
    login("factor-totp", "1.3.1/login_init_200_aal2_totp_lookup"),
    login("factor-all", "made/login_all_factors"),
    login("factor-totp-empty", "1.3.1/login_submit_totp_400_empty"),
    login("factor-totp-wrong", "1.3.1/login_submit_totp_400_wrong"),
    login("factor-lookup", "1.3.1/login_init_200_aal2_totp_lookup").tail("&factor=lookup_secret"),
    login(
        "factor-lookup-used",
        "1.3.1/login_submit_lookup_400_already_used",
    ),
    login("factor-lookup-wrong", "1.3.1/login_submit_lookup_400_wrong"),
    login("factor-webauthn", "1.3.1/login_init_200_aal2_webauthn").tail("&factor=webauthn"),
    login(
        "factor-webauthn-wrong",
        "1.3.1/login_submit_webauthn_400_wrong_signature",
    ),
    login("factor-code", "1.3.1/login_init_200_aal2_code"),
    login(
        "factor-code-several",
        "26.2/login_init_200_aal2_code_several_addresses",
    ),
    login("factor-code-sent", "1.3.1/login_submit_aal2_code_400_sent"),
    login(
        "factor-code-wrong",
        "1.3.1/login_submit_aal2_code_400_wrong",
    ),
    login("login-ambiguous", "1.3.1/login_init_200_unified").saying(Flash::Ambiguous),
    login("factor-none", "1.3.1/login_init_200_aal2_no_second_factor"),
    login(
        "factor-none-stuck",
        "1.3.1/login_init_200_aal2_no_second_factor",
    )
    .signed_in("1.3.1/whoami_403_aal2_required"),
    // Sign-up
    registration("registration", "made/registration"),
    registration("registration-password-only", "made/registration_password"),
    registration(
        "registration-many-fields",
        "1.3.1/registration_init_200_legacy_one_step",
    ),
    registration("registration-odd-input", "made/registration").saying(Flash::CheckInput),
    registration(
        "registration-invalid",
        "1.3.1/registration_submit_400_validation",
    ),
    registration(
        "registration-password",
        "1.3.1/registration_submit_password_400_policy",
    ),
    registration(
        "registration-duplicate",
        "1.3.1/registration_submit_400_duplicate",
    ),
    registration(
        "registration-step-1",
        "1.3.1/registration_init_200_step1_profile",
    ),
    registration(
        "registration-step-2",
        "1.3.1/registration_submit_profile_400_step2_choose",
    ),
    registration(
        "registration-step-2-newer",
        "26.2/registration_submit_profile_400_step2_choose",
    ),
    registration(
        "registration-code-sent",
        "1.3.1/registration_submit_code_400_sent_email",
    ),
    registration(
        "registration-code-wrong",
        "1.3.1/registration_submit_code_400_wrong_code",
    ),
    registration(
        "registration-provider",
        "1.3.1/registration_get_200_oidc_data_completion",
    ),
    // Verification
    verification("verification", "1.3.1/verification_init_200"),
    verification(
        "verification-empty",
        "1.3.1/verification_submit_400_empty_email",
    ),
    verification(
        "verification-confirm-address",
        "1.3.1/verification_init_200",
    )
    .signed_in(SIGNED_IN)
    .saying(Flash::ConfirmAddress),
    verification(
        "verification-confirm-new-address",
        "1.3.1/verification_init_200",
    )
    .signed_in(SIGNED_IN)
    .saying(Flash::ConfirmNewAddress),
    verification("verification-missing", "1.3.1/verification_init_200").saying(Flash::Missing),
    verification(
        "verification-address-saved",
        "1.3.1/verification_get_200_sent_email_from_registration",
    )
    .signed_in(SIGNED_IN)
    .saying(Flash::AddressSaved),
    verification(
        "verification-code-or-address",
        "1.3.1/verification_submit_200_sent_unknown",
    )
    .saying(Flash::CodeOrAddress),
    verification(
        "verification-bad-address",
        "1.3.1/verification_submit_bad_email",
    ),
    verification(
        "verification-signed-up",
        "1.3.1/verification_get_200_sent_email_from_registration",
    )
    .signed_in(SIGNED_IN),
    verification(
        "verification-signed-up-twice",
        "1.3.1/verification_get_200_sent_email_from_registration",
    )
    .signed_in(SIGNED_IN)
    .left_to_confirm(MAIL_AND_PHONE),
    verification(
        "verification-phone",
        "26.2/verification_get_200_sent_sms_from_settings",
    )
    .signed_in(SIGNED_IN),
    verification(
        "verification-phone-done",
        "26.2/verification_submit_200_passed_sms",
    )
    .left_to_confirm(PHONE),
    verification(
        "verification-code-sent",
        "1.3.1/verification_submit_200_sent_unknown",
    ),
    verification(
        "verification-code-resent",
        "1.3.1/verification_submit_200_resend",
    )
    .saying(Flash::Resent),
    verification(
        "verification-code-wrong",
        "1.3.1/verification_submit_200_wrong_code",
    ),
    verification(
        "verification-done",
        "1.3.1/verification_submit_200_passed_challenge",
    ),
    verification(
        "verification-done-next",
        "1.3.1/verification_submit_200_passed_challenge",
    )
    .left_to_confirm(MAIL_AND_PHONE),
    verification(
        "verification-done-passkey",
        "1.3.1/verification_submit_200_passed_challenge",
    )
    .signed_in(SIGNED_IN),
    verification("verification-link", "1.3.1/verification_init_200_link"),
    verification(
        "verification-link-sent",
        "1.3.1/verification_submit_200_link_sent",
    ),
    verification(
        "verification-link-saved",
        "1.3.1/verification_submit_200_link_sent",
    )
    .left_to_confirm(LINK)
    .saying(Flash::AddressSaved),
    verification(
        "verification-link-resent",
        "1.3.1/verification_submit_200_link_sent",
    )
    .saying(Flash::LinkResent),
    verification(
        "verification-link-done",
        "1.3.1/verification_get_200_link_passed",
    ),
    // Recovery
    recovery("recovery", "1.3.1/recovery_init_200"),
    recovery("recovery-empty", "1.3.1/recovery_submit_400_empty"),
    recovery("recovery-code-sent", "1.3.1/recovery_submit_200_sent_email"),
    recovery(
        "recovery-code-wrong",
        "1.3.1/recovery_submit_200_wrong_code",
    ),
    recovery("recovery-done", "1.3.1/recovery_get_200_passed_challenge"),
    recovery("recovery-too-often", "1.3.1/recovery_init_200").saying(Flash::TooOften),
    recovery("recovery-link", "1.3.1/recovery_init_200_link"),
    recovery("recovery-link-sent", "1.3.1/recovery_submit_200_link_sent"),
    recovery(
        "recovery-link-used",
        "1.3.1/recovery_get_200_after_bad_token",
    ),
    recovery(
        "recovery-choose-address",
        "26.2/recovery_v2_submit_choose_address",
    ),
    recovery(
        "recovery-confirm-address",
        "26.2/recovery_v2_submit_selected_0",
    ),
    recovery("recovery-newer", "26.2/recovery_v2_init_200"),
    recovery(
        "recovery-newer-code-sent",
        "26.2/recovery_v2_submit_confirmed_0",
    ),
    recovery(
        "recovery-newer-code-wrong",
        "26.2/recovery_v2_submit_200_wrong_code",
    ),
    // Settings
    settings("settings", "1.3.1/settings_init_200", ""),
    settings(
        "settings-recovered",
        "1.3.1/settings_get_200_after_recovery",
        "",
    ),
    settings(
        "settings-repeat",
        "1.3.1/settings_init_200",
        "&section=password",
    )
    .saying(Flash::RepeatChange),
    settings(
        "settings-profile",
        "1.3.1/settings_init_200",
        "&section=profile",
    ),
    settings(
        "settings-profile-lines",
        "made/settings_profile_lines",
        "&section=profile",
    ),
    settings(
        "settings-profile-saved",
        "1.3.1/settings_submit_profile_200",
        "&section=profile",
    )
    .saying(Flash::Saved),
    settings(
        "settings-profile-invalid",
        "1.3.1/settings_submit_profile_400",
        "&section=profile",
    ),
    settings(
        "settings-password",
        "1.3.1/settings_init_200",
        "&section=password",
    ),
    settings(
        "settings-password-saved",
        "1.3.1/settings_submit_password_200",
        "&section=password",
    )
    .saying(Flash::Saved),
    settings(
        "settings-password-refused",
        "1.3.1/settings_submit_password_400",
        "&section=password",
    ),
    settings(
        "settings-profile-first",
        "1.3.1/settings_submit_profile_400",
        "&section=password",
    ),
    settings(
        "settings-totp-off",
        "made/settings_no_totp",
        "&section=totp",
    ),
    settings("settings-totp", "1.3.1/settings_init_200", "&section=totp"),
    settings(
        "settings-totp-wrong",
        "1.3.1/settings_submit_totp_400_wrong",
        "&section=totp",
    ),
    settings(
        "settings-totp-on",
        "1.3.1/settings_submit_totp_200_linked",
        "&section=totp",
    )
    .saying(Flash::Saved),
    settings(
        "settings-lookup",
        "1.3.1/settings_init_200",
        "&section=lookup_secret",
    ),
    settings(
        "settings-lookup-new",
        "1.3.1/settings_submit_lookup_regenerate_200",
        "&section=lookup_secret",
    ),
    settings(
        "settings-lookup-on",
        "1.3.1/settings_submit_lookup_confirm_200",
        "&section=lookup_secret",
    )
    .saying(Flash::Saved),
    settings(
        "settings-lookup-shown",
        "1.3.1/settings_submit_lookup_reveal_200",
        "&section=lookup_secret",
    ),
    settings(
        "settings-lookup-used",
        "1.3.1/settings_submit_lookup_reveal_200_one_used",
        "&section=lookup_secret",
    ),
    settings(
        "settings-lookup-few",
        "made/settings_lookup_few",
        "&section=lookup_secret",
    ),
    settings(
        "settings-passkey",
        "1.3.1/settings_init_200",
        "&section=passkey",
    ),
    settings(
        "settings-passkey-added",
        "1.3.1/settings_submit_passkey_add_200",
        "&section=passkey",
    )
    .saying(Flash::Saved),
    settings(
        "settings-passkey-last",
        "1.3.1/settings_submit_passkey_remove_400_last",
        "&section=passkey",
    ),
    settings(
        "settings-webauthn",
        "1.3.1/settings_init_200",
        "&section=webauthn",
    ),
    settings(
        "settings-webauthn-added",
        "1.3.1/settings_submit_webauthn_add_200",
        "&section=webauthn",
    )
    .saying(Flash::Saved),
    settings(
        "settings-key-refused",
        "1.3.1/settings_init_200",
        "&section=webauthn",
    )
    .saying(Flash::KeyRefused),
    settings("settings-oidc", "1.3.1/settings_init_200", "&section=oidc"),
    settings(
        "settings-oidc-connected",
        "1.3.1/settings_get_200_after_oidc_link",
        "&section=oidc",
    )
    .saying(Flash::Saved),
    settings(
        "settings-oidc-last",
        "1.3.1/settings_submit_oidc_unlink_400_last",
        "&section=oidc",
    ),
    // Sessions, sign-out
    page("sessions", "/sessions")
        .signed_in(SIGNED_IN)
        .devices("1.3.1/sessions_list_200"),
    page("sessions-signed-out", "/sessions")
        .signed_in(SIGNED_IN)
        .devices("1.3.1/sessions_list_200")
        .saying(Flash::DeviceSignedOut),
    page("sessions-elsewhere", "/sessions")
        .signed_in(SIGNED_IN)
        .devices("made/sessions_elsewhere"),
    page("sessions-others-signed-out", "/sessions")
        .signed_in(SIGNED_IN)
        .devices("made/sessions_alone")
        .saying(Flash::OthersSignedOut),
    page("logout", "/logout").signed_in(SIGNED_IN),
    page("logout-recover", "/logout?recover=1").signed_in(SIGNED_IN),
    page("logout-application", "/logout?logout_challenge=example").signed_in(SIGNED_IN),
    // What an application asks for
    page("consent", "/consent?consent_challenge=example").signed_in(SIGNED_IN),
    page("logout-other-account", "/logout?login_challenge=example").signed_in(SIGNED_IN),
    // The code of a device
    page("device", "/device?device_challenge=example"),
    page(
        "device-compare",
        "/device?device_challenge=example&user_code=BQTRGKZM",
    ),
    page(
        "device-wrong",
        "/device?device_challenge=example&user_code=BQTRGKZM",
    )
    .saying(Flash::DeviceCodeWrong),
    page("device-done", "/device/done"),
    // The way to another site, without a script
    State {
        at: At::Press {
            kind: FlowKind::Login,
            recording: "1.3.1/login_init_200_unified",
            form: "method=oidc&provider=mock",
        },
        ..page("hand-off", "").recorded("1.3.1/login_submit_oidc_422_redirect_idp")
    },
    // Errors
    page("error", "/error?id=stub:500").recorded("1.3.1/error_get_200_stub"),
    page("error-not-found", "/nothing-here"),
    page("error-cookies", "/error?id=stub:403").answered(
        200,
        r#"{"error":{"id":"security_csrf_violation","code":403}}"#,
    ),
    page("error-closed", "/registration").answered(
        400,
        r#"{"error":{"id":"self_service_flow_disabled","code":400}}"#,
    ),
    page("error-too-many", "/login").answered(429, "{}"),
    page("error-provider", "/error?id=stub:500&from=provider").recorded("1.3.1/error_get_200_stub"),
    page("error-application", "/error?error=invalid_request"),
    page(
        "error-application-named",
        "/consent?consent_challenge=example",
    )
    .signed_in("1.3.1/whoami_200_oidc_session"),
    page("error-input", "/login").answered(400, r#"{"error":{"code":400}}"#),
];

//! The decision table: every answer that a real Kratos is known to give, and what it means.

use std::net::{IpAddr, Ipv4Addr};

use genkan::kratos::{
    Answer as Heard, Browser, Client, FlowId, FlowKind, Form, Language, MessageKind, Next, Outcome,
    Problem, SessionId, Submission,
};
use http::header::SET_COOKIE;
use serde_json::{Value, json};
use url::Url;

use crate::support::{Answer, Kratos, PUBLIC, Recording};

/// What each answer of 1.3.1 means.
const V1_3_1: &[(&str, &[&str])] = &[
    ("AccountDisabled", &["login_submit_401_identity_disabled"]),
    (
        "AlreadySignedIn",
        &[
            "login_init_400_aal2_already",
            "login_init_400_already_logged_in",
            "login_submit_400_already_logged_in",
            "recovery_init_400_already_logged_in",
            "registration_init_400_already_logged_in",
            "registration_submit_400_already_logged_in",
        ],
    ),
    (
        "BadRequest",
        &[
            "login_init_400_aal2_via_bad",
            "login_init_400_bad_aal",
            "login_init_oauth2_bad_challenge_empty",
            "login_init_oauth2_bad_challenge_gone",
            "login_init_oauth2_bad_challenge_miss",
            "registration_submit_400_no_flow",
            "session_delete_400_current",
        ],
    ),
    (
        "ChallengeLost",
        &[
            "login_init_oauth2_skip_json_400",
            "registration_init_oauth2_skip_json",
        ],
    ),
    (
        "Continue recovery",
        &["recovery_submit_too_many_continue_with"],
    ),
    (
        "Csrf",
        &[
            "login_get_403_other_tab_after_login",
            "login_submit_403_csrf",
            "recovery_submit_403_csrf_continue_with_recovery",
            "recovery_submit_after_success",
            "recovery_submit_bad_csrf_303_to_new_flow",
            "registration_get_403_no_cookie",
            "registration_get_after_success",
            "registration_submit_xcsrf_header",
            "settings_submit_403_csrf",
            "verification_get_403_after_link_clicked_elsewhere",
            "verification_submit_403_csrf",
        ],
    ),
    (
        "Done",
        &[
            "logout_submit_204",
            "session_delete_204",
            "session_delete_unknown_204",
        ],
    ),
    (
        "Expired",
        &[
            "login_get_410_expired",
            "recovery_get_410_expired",
            "registration_get_410_expired",
            "settings_get_410_expired",
            "verification_get_410_expired",
        ],
    ),
    (
        "Finished with a session then redirect",
        &[
            "login_submit_200_account_linked",
            "login_submit_200_refresh",
            "login_submit_200_refresh_with_settings_return",
            "login_submit_aal2_code_200",
            "login_submit_code_200",
            "login_submit_form_encoded_200",
            "login_submit_lookup_200_aal2",
            "login_submit_passkey_200",
            "login_submit_totp_200_aal2",
            "login_submit_webauthn_200_aal2",
            "registration_submit_code_200",
        ],
    ),
    (
        "Finished with a session then verification",
        &[
            "registration_submit_oauth2_session_hook",
            "registration_submit_passkey_200",
            "registration_submit_password_200_session_verification",
        ],
    ),
    ("FirstFactorNeeded", &["login_init_401_aal1_required"]),
    (
        "Form login ChooseMethod",
        &[
            "login_get_200_account_linking",
            "login_get_200_after_oidc_denied",
            "login_init_200_aal2_code",
            "login_init_200_aal2_no_second_factor",
            "login_init_200_aal2_totp_lookup",
            "login_init_200_aal2_via_email",
            "login_init_200_aal2_webauthn",
            "login_init_200_code_passwordless",
            "login_init_200_identifier_first",
            "login_init_200_oauth2",
            "login_init_200_oauth2_logged_in_refresh",
            "login_init_200_refresh",
            "login_init_200_refresh_aal1_of_aal2_session",
            "login_init_200_refresh_aal2",
            "login_init_200_refresh_for_settings",
            "login_init_200_refresh_passkey",
            "login_init_200_unified",
            "login_submit_400_address_not_verified",
            "login_submit_400_bad_credentials",
            "login_submit_400_empty",
            "login_submit_400_linked_credentials_mismatch",
            "login_submit_400_no_method_4010002",
            "login_submit_bad_content_type",
            "login_submit_code_400_unknown",
            "login_submit_empty_body",
            "login_submit_idfirst_400_credentials",
            "login_submit_idfirst_400_unknown",
            "login_submit_idfirst_mitigated_e1",
            "login_submit_idfirst_mitigated_nobody",
            "login_submit_idfirst_password_400",
            "login_submit_lookup_400_already_used",
            "login_submit_lookup_400_wrong",
            "login_submit_passkey_400_garbage",
            "login_submit_passkey_400_unknown",
            "login_submit_totp_400_empty",
            "login_submit_totp_400_wrong",
            "login_submit_webauthn_400_no_credential",
            "login_submit_webauthn_400_wrong_signature",
        ],
    ),
    (
        "Form login SentEmail",
        &[
            "login_submit_aal2_code_400_sent",
            "login_submit_aal2_code_400_wrong",
            "login_submit_code_400_resend",
            "login_submit_code_400_sent_email",
            "login_submit_code_400_wrong_code",
        ],
    ),
    (
        "Form recovery ChooseMethod",
        &[
            "recovery_get_200_after_bad_token",
            "recovery_init_200",
            "recovery_init_200_link",
            "recovery_submit_400_empty",
        ],
    ),
    (
        "Form recovery PassedChallenge",
        &["recovery_get_200_passed_challenge"],
    ),
    (
        "Form recovery PassedChallenge then settings",
        &["recovery_submit_200_continue_with_settings"],
    ),
    (
        "Form recovery SentEmail",
        &[
            "recovery_submit_200_link_sent",
            "recovery_submit_200_sent_email",
            "recovery_submit_200_sent_unknown",
            "recovery_submit_200_wrong_code",
        ],
    ),
    (
        "Form registration ChooseMethod",
        &[
            "registration_get_200_oidc_data_completion",
            "registration_init_200_legacy_one_step",
            "registration_init_200_oauth2",
            "registration_init_200_step1_profile",
            "registration_submit_400_bogus_method",
            "registration_submit_400_duplicate",
            "registration_submit_400_duplicate_hints",
            "registration_submit_400_no_method",
            "registration_submit_400_validation",
            "registration_submit_403_bad_csrf",
            "registration_submit_403_missing_csrf",
            "registration_submit_code_400_missing_traits",
            "registration_submit_code_back_400",
            "registration_submit_form_encoded_profile",
            "registration_submit_password_400_policy",
            "registration_submit_profile_400_step2_choose",
            "registration_submit_profile_screen_previous_400",
            "registration_submit_screen_credential_selection_400",
            "registration_submit_screen_previous_400_step1",
        ],
    ),
    (
        "Form registration SentEmail",
        &[
            "registration_submit_code_400_resend",
            "registration_submit_code_400_sent_email",
            "registration_submit_code_400_sent_email_two_step",
            "registration_submit_code_400_traits_mismatch",
            "registration_submit_code_400_wrong_code",
        ],
    ),
    (
        "Form settings ShowForm",
        &[
            "settings_get_200_after_recovery",
            "settings_get_after_continue_json",
            "settings_init_200",
            "settings_init_200_code_user",
            "settings_init_200_passkey_only",
            "settings_submit_lookup_reveal_200_one_used",
            "settings_submit_oidc_unlink_400_last",
            "settings_submit_totp_400_wrong",
        ],
    ),
    (
        "Form settings Success",
        &[
            "settings_get_200_after_oidc_link",
            "settings_submit_400_no_method",
            "settings_submit_lookup_regenerate_200",
            "settings_submit_lookup_reveal_200",
            "settings_submit_passkey_remove_400_last",
            "settings_submit_password_400",
            "settings_submit_password_400_similar",
            "settings_submit_profile_400",
        ],
    ),
    (
        "Form settings Success then redirect",
        &[
            "settings_submit_lookup_confirm_200",
            "settings_submit_oidc_unlink_200",
            "settings_submit_passkey_add_200",
            "settings_submit_passkey_remove_200",
            "settings_submit_password_200",
            "settings_submit_password_200_after_recovery",
            "settings_submit_profile_200",
            "settings_submit_profile_200_unprivileged_nonprotected",
            "settings_submit_totp_200_linked",
            "settings_submit_webauthn_add_200",
            "settings_submit_webauthn_remove_200",
        ],
    ),
    (
        "Form settings Success then verification",
        &["settings_submit_profile_200_email_changed_verification"],
    ),
    (
        "Form verification ChooseMethod",
        &[
            "verification_init_200",
            "verification_init_200_link",
            "verification_submit_400_empty_email",
            "verification_submit_bad_email",
        ],
    ),
    (
        "Form verification PassedChallenge",
        &[
            "verification_get_200_link_passed",
            "verification_submit_200_passed_challenge",
        ],
    ),
    (
        "Form verification SentEmail",
        &[
            "verification_get_200_sent_email_from_registration",
            "verification_submit_200_link_sent",
            "verification_submit_200_resend",
            "verification_submit_200_sent_unknown",
            "verification_submit_200_wrong_code",
            "verification_submit_wrong_code_no_csrf",
        ],
    ),
    (
        "Leave",
        &[
            "login_submit_422_aal2_code_mfa",
            "login_submit_422_aal2_required",
            "login_submit_422_oauth2_redirect",
            "login_submit_oidc_422_redirect_idp",
            "login_submit_oidc_no_csrf_no_method",
            "login_submit_passkey_422_without_value",
            "recovery_submit_422_redirect_settings",
            "registration_init_oauth2_logged_in_json_302",
            "registration_submit_oidc_422_redirect_idp",
            "registration_submit_oidc_completion_422",
            "settings_submit_oidc_link_422",
        ],
    ),
    ("LogoutToken", &["logout_init_200"]),
    ("Moved login", &["login_submit_expired"]),
    ("Moved recovery", &["recovery_submit_expired"]),
    ("Moved registration", &["registration_submit_expired"]),
    ("Moved settings", &["settings_submit_expired"]),
    (
        "Moved verification",
        &[
            "verification_submit_410_replaced_after_success",
            "verification_submit_expired",
            "verification_submit_too_many",
        ],
    ),
    (
        "OtherIdentity",
        &[
            "settings_get_403_other_identity",
            "settings_submit_403_other_identity",
        ],
    ),
    ("Problem", &["error_get_200", "error_get_200_stub"]),
    (
        "RefreshNeeded",
        &[
            "settings_submit_403_session_refresh_required",
            "settings_submit_profile_403_session_refresh_required",
        ],
    ),
    (
        "ReturnToForbidden",
        &[
            "login_init_400_return_to_forbidden",
            "login_init_loggedin_bad_return_to",
        ],
    ),
    (
        "SecondFactorNeeded",
        &[
            "settings_get_403_aal2_after_recovery",
            "settings_init_403_aal2_required",
            "settings_init_403_aal2_required_no_return_to",
            "whoami_403_aal2_required",
        ],
    ),
    (
        "Session",
        &[
            "whoami_200",
            "whoami_200_aal2_after_totp_link",
            "whoami_200_oidc_session",
            "whoami_200_recovery_session",
        ],
    ),
    (
        "Sessions",
        &[
            "sessions_list_200",
            "sessions_list_aal1_while_aal2_required",
        ],
    ),
    ("Revoked 4", &["sessions_delete_others_200"]),
    (
        "SignInNeeded",
        &[
            "logout_init_401",
            "logout_submit_401_again",
            "sessions_delete_401",
            "sessions_list_401",
            "settings_get_401",
            "settings_init_401",
            "whoami_401",
        ],
    ),
    (
        "Unknown",
        &[
            "error_get_404",
            "registration_get_404",
            "registration_get_404_garbage",
            "registration_submit_404",
            "verification_submit_404",
        ],
    ),
    ("WrongLogoutToken", &["logout_submit_403_bad_token"]),
];

/// What those answers of 26.2 mean that 1.3.1 does not give, or gives otherwise.
const V26_2: &[(&str, &[&str])] = &[
    ("AlreadySignedIn", &["login_init_oauth2_skip_json_400"]),
    (
        "BadRequest",
        &[
            "registration_init_identity_schema_unknown",
            "whoami_tokenize_unknown",
        ],
    ),
    (
        "SecondFactorNeeded",
        &["sessions_list_aal1_while_aal2_required"],
    ),
    ("Sessions", &["sessions_list_200_page_size"]),
    (
        "Continue verification",
        &[
            "login_submit_400_address_not_verified",
            "login_submit_403_address_not_verified_return_to",
        ],
    ),
    (
        "Csrf",
        &[
            "recovery_v2_submit_403_csrf",
            "recovery_v2_submit_403_csrf_flag_off",
            "recovery_v2_submit_too_many",
            "recovery_v2_submit_too_many_flag_off",
            "settings_submit_after_new_session",
        ],
    ),
    (
        "Finished with a session then redirect",
        &[
            "login_submit_200_account_linking_aal2_done",
            "login_submit_aal2_code_200_sms",
            "login_submit_aal2_code_other_identifier",
            "login_submit_aal2_code_without_identifier",
            "registration_submit_passkey_200",
        ],
    ),
    (
        "Finished with a session then verification",
        &[
            "registration_submit_200_no_dev_cookies",
            "registration_submit_200_no_dev_cookies_secure_false",
            "registration_submit_password_200_legacy_continue_with_verification",
        ],
    ),
    (
        "Form login ChooseMethod",
        &[
            "login_init_200_aal2_code_several_addresses",
            "login_init_200_identity_schema",
            "login_submit_400_address_not_verified_legacy_flag",
            "login_submit_aal2_code_400_unknown_address",
            "login_submit_account_linking_needs_aal2",
        ],
    ),
    (
        "Form login SentEmail",
        &[
            "login_get_200_aal2_code_auto_sent",
            "login_init_200_aal2_code",
            "login_init_200_aal2_via_email",
            "login_init_200_aal2_via_email2_of_several",
            "login_submit_aal2_code_400_address_after_auto_send",
            "login_submit_aal2_code_400_resend",
            "login_submit_aal2_code_400_resend_wrong_identifier",
            "login_submit_aal2_code_400_sent_email_of_several",
            "login_submit_aal2_code_400_sent_sms",
            "login_submit_aal2_code_old_code_after_resend",
        ],
    ),
    (
        "Form recovery PassedChallenge then settings",
        &["recovery_v2_submit_success"],
    ),
    (
        "Form recovery RecoveryAwaitingAddress",
        &[
            "recovery_v2_init_200",
            "recovery_v2_init_200_flag_off",
            "recovery_v2_submit_400_empty",
            "recovery_v2_submit_400_empty_flag_off",
            "recovery_v2_submit_email_field_of_v1",
            "recovery_v2_submit_email_field_of_v1_flag_off",
        ],
    ),
    (
        "Form recovery RecoveryAwaitingCode",
        &[
            "recovery_v2_submit_200_wrong_code",
            "recovery_v2_submit_200_wrong_code_flag_off",
            "recovery_v2_submit_confirm_wrong_0",
            "recovery_v2_submit_confirm_wrong_0_flag_off",
            "recovery_v2_submit_confirm_wrong_2",
            "recovery_v2_submit_confirm_wrong_2_flag_off",
            "recovery_v2_submit_confirmed_0",
            "recovery_v2_submit_confirmed_0_flag_off",
            "recovery_v2_submit_confirmed_2",
            "recovery_v2_submit_confirmed_2_flag_off",
            "recovery_v2_submit_garbage",
            "recovery_v2_submit_garbage_flag_off",
            "recovery_v2_submit_resend",
            "recovery_v2_submit_resend_flag_off",
            "recovery_v2_submit_selected_1",
            "recovery_v2_submit_selected_1_flag_off",
            "recovery_v2_submit_single_address",
            "recovery_v2_submit_single_address_flag_off",
            "recovery_v2_submit_unknown_address",
            "recovery_v2_submit_unknown_address_flag_off",
            "recovery_v2_submit_unknown_phone",
            "recovery_v2_submit_unknown_phone_flag_off",
            "recovery_v2_submit_unknown_wrong_code",
            "recovery_v2_submit_unknown_wrong_code_flag_off",
        ],
    ),
    (
        "Form recovery RecoveryAwaitingAddressChoice",
        &[
            "recovery_v2_submit_back_0",
            "recovery_v2_submit_back_0_flag_off",
            "recovery_v2_submit_back_2",
            "recovery_v2_submit_back_2_flag_off",
            "recovery_v2_submit_choose_address",
            "recovery_v2_submit_choose_address_flag_off",
        ],
    ),
    (
        "Form recovery RecoveryConfirmingAddress",
        &[
            "recovery_v2_submit_selected_0",
            "recovery_v2_submit_selected_0_flag_off",
            "recovery_v2_submit_selected_2",
            "recovery_v2_submit_selected_2_flag_off",
        ],
    ),
    (
        "Form registration ChooseMethod",
        &[
            "registration_init_200_identity_schema",
            "registration_init_200_legacy_flags",
            "registration_init_200_no_dev_cookies",
            "registration_init_200_no_dev_cookies_secure_false",
            "registration_init_200_style_unified",
            "registration_init_identity_schema_not_selectable",
            "registration_submit_profile_400_legacy_flags",
        ],
    ),
    (
        "Form settings ShowForm",
        &[
            "settings_get_after_continue_html",
            "settings_get_after_new_session",
            "settings_init_200_multi_schema",
        ],
    ),
    (
        "Form settings Success",
        &[
            "settings_submit_password_400_same_as_old",
            "settings_submit_profile_400_phone",
        ],
    ),
    (
        "Form settings Success then redirect",
        &["settings_submit_profile_200_email_changed_verification"],
    ),
    (
        "Form settings Success then verification",
        &[
            "settings_submit_profile_200_email_changed_legacy_flag",
            "settings_submit_profile_200_phone_changed_verification",
            "settings_submit_profile_200_show_verification_ui_hook",
        ],
    ),
    (
        "Form verification ChooseMethod",
        &["verification_submit_400_phone_in_email_field"],
    ),
    (
        "Form verification PassedChallenge",
        &[
            "verification_submit_200_passed_after_login_403",
            "verification_submit_200_passed_sms",
        ],
    ),
    (
        "Form verification SentEmail",
        &[
            "verification_get_200_from_login_403",
            "verification_get_200_sent_sms_from_settings",
            "verification_submit_resend_sms_button",
        ],
    ),
    (
        "Leave",
        &[
            "recovery_v2_submit_success_flag_off",
            "settings_submit_oidc_link_422_no_dev_cookies",
            "settings_submit_oidc_link_422_no_dev_cookies_secure_false",
        ],
    ),
];

#[tokio::test]
async fn every_answer_of_1_3_1_has_its_meaning() {
    means(&Recording::all("1.3.1"), &[V1_3_1]).await;
}

#[tokio::test]
async fn every_answer_of_26_2_has_its_meaning() {
    means(&Recording::all("26.2"), &[V26_2, V1_3_1]).await;
}

#[test]
fn every_line_of_the_tables_has_its_recording() {
    for (version, table) in [("1.3.1", V1_3_1), ("26.2", V26_2)] {
        let there: Vec<_> = Recording::all(version);
        for name in table.iter().flat_map(|(_, names)| *names) {
            assert!(
                there.iter().any(|recording| recording.case() == *name),
                "{version}/{name}"
            );
        }
    }
}

/// Replays all of them and looks each up in the first table that has it.
async fn means(recordings: &[Recording], tables: &[&[(&str, &[&str])]]) {
    let expected = |name: &str| {
        tables
            .iter()
            .flat_map(|table| table.iter())
            .find(|(_, names)| names.contains(&name))
            .map(|(meaning, _)| *meaning)
    };
    let kratos = Kratos::start().await;
    let mut wrong = Vec::new();
    for recording in recordings {
        let name = recording.case();
        let Some(question) = Question::of(recording) else {
            assert_eq!(expected(name), None, "{name} is never asked for as JSON");
            continue;
        };
        let route = format!("{} {}", recording.method(), recording.path());
        kratos.on(&route, recording);
        let heard = question.ask(&kratos).await;
        let meaning = name_of(&heard.outcome);
        if expected(name) != Some(&meaning) {
            wrong.push(format!("{name}: {meaning}, not {:?}", expected(name)));
            continue;
        }
        let sent: Vec<_> = recording
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .cloned()
            .collect();
        assert_eq!(heard.set_cookies, sent, "{name}");
        loses_nothing(recording, &heard.outcome);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a JSON client asks Kratos.
#[derive(Debug, Clone, Copy)]
enum Question {
    Init(FlowKind),
    Get(FlowKind),
    Submit(FlowKind),
    Whoami,
    Sessions,
    Revoke(SessionId),
    RevokeOthers,
    LogoutInit,
    Logout,
    Problem,
}

impl Question {
    /// `None` for what Genkan never asks as JSON: what the proxy relays (callbacks, links in mails, answers to
    /// browsers), and probes of paths that are no part of a flow.
    fn of(recording: &Recording) -> Option<Self> {
        if !recording.has_answer() || !matches!(recording.accept(), "application/json" | "") {
            return None;
        }
        let path: Vec<&str> = recording.path().split('/').skip(1).collect();
        match (recording.method(), &path[..]) {
            ("GET", ["sessions", "whoami"]) => Some(Self::Whoami),
            ("GET", ["sessions"]) => Some(Self::Sessions),
            ("DELETE", ["sessions", id]) => SessionId::parse(id).map(Self::Revoke),
            ("DELETE", ["sessions"]) => Some(Self::RevokeOthers),
            ("GET", ["self-service", "logout", "browser"]) => Some(Self::LogoutInit),
            ("GET", ["self-service", "logout"]) => Some(Self::Logout),
            ("GET", ["self-service", "errors"]) => Some(Self::Problem),
            ("GET", ["self-service", kind, "browser"]) => FlowKind::from_name(kind).map(Self::Init),
            ("GET", ["self-service", kind, "flows"]) => FlowKind::from_name(kind).map(Self::Get),
            ("POST", ["self-service", kind]) => FlowKind::from_name(kind).map(Self::Submit),
            _ => None,
        }
    }

    async fn ask(self, kratos: &Kratos) -> Heard {
        let client = client(kratos);
        let browser = browser();
        let form = Submission(vec![("method".to_owned(), "password".to_owned())]);
        let heard = match self {
            Self::Init(kind) => client.init(kind, &[], &browser).await,
            Self::Get(kind) => client.get(kind, some_id(), &browser).await,
            Self::Submit(kind) => {
                let form = Form::new(kind, form);
                client.submit(some_id(), &form, &browser).await
            }
            Self::Whoami => client.whoami(&browser).await,
            Self::Sessions => client.sessions(&browser).await,
            Self::Revoke(id) => client.revoke(id, &browser).await,
            Self::RevokeOthers => client.revoke_others(&browser).await,
            Self::LogoutInit => client.logout_init(&browser).await,
            Self::Logout => client.logout("token", &browser).await,
            Self::Problem => client.problem("stub:500", &browser).await,
        };
        heard.unwrap()
    }
}

fn client(kratos: &Kratos) -> Client {
    let url = |text| Url::parse(text).unwrap();
    Client::new(url(kratos.url()), &url(PUBLIC)).unwrap()
}

fn browser() -> Browser {
    Browser {
        cookies: None,
        has_one_anti_csrf: false,
        user_agent: None,
        accept_language: None,
        traceparent: None,
        tracestate: None,
        request_id: None,
        language: Language("en"),
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    }
}

fn some_id() -> FlowId {
    FlowId::parse("00000000-0000-4000-8000-000000000001").unwrap()
}

/// An outcome as the tables name it.
fn name_of(outcome: &Outcome) -> String {
    let then = |next: &[Next]| match Next::first(next) {
        Some(Next::Flow(kind, _)) => format!(" then {}", kind.name()),
        Some(Next::Redirect(_)) => " then redirect".to_owned(),
        None => String::new(),
    };
    match outcome {
        Outcome::Form { flow, next } => {
            format!("Form {} {:?}{}", flow.kind.name(), flow.state, then(next))
        }
        Outcome::Finished { session, next, .. } => {
            let with = if session.is_some() { "with" } else { "without" };
            format!("Finished {with} a session{}", then(next))
        }
        Outcome::Moved(kind, _) => format!("Moved {}", kind.name()),
        Outcome::Continue(next) => format!("Continue{}", then(next)).replace("then ", ""),
        Outcome::Broken(status) => format!("Broken {status}"),
        Outcome::TooMany(seconds) => format!("TooMany {seconds:?}"),
        Outcome::Session(_) => "Session".to_owned(),
        Outcome::Sessions(_) => "Sessions".to_owned(),
        Outcome::Revoked(count) => format!("Revoked {count}"),
        Outcome::LogoutToken(_) => "LogoutToken".to_owned(),
        Outcome::Problem(_) => "Problem".to_owned(),
        Outcome::Leave(_) => "Leave".to_owned(),
        Outcome::RefreshNeeded(_) => "RefreshNeeded".to_owned(),
        Outcome::Expired { .. } => "Expired".to_owned(),
        Outcome::Done
        | Outcome::ChallengeLost
        | Outcome::ChallengeExpired
        | Outcome::HydraUnreachable
        | Outcome::AlreadySignedIn
        | Outcome::ReturnToForbidden
        | Outcome::Closed
        | Outcome::SignInNeeded
        | Outcome::FirstFactorNeeded
        | Outcome::SecondFactorNeeded
        | Outcome::AccountDisabled
        | Outcome::Csrf
        | Outcome::OtherIdentity
        | Outcome::WrongLogoutToken
        | Outcome::Unknown
        | Outcome::BadRequest => format!("{outcome:?}"),
    }
}

/// Whether all that matters of the body is in the outcome.
fn loses_nothing(recording: &Recording, outcome: &Outcome) {
    let name = recording.case();
    let body = recording.body();
    match outcome {
        Outcome::Form { flow, next } => {
            assert_eq!(flow.id.to_string(), body["id"], "{name}");
            let nodes = body["ui"]["nodes"].as_array().unwrap();
            assert_eq!(flow.nodes.len(), nodes.len(), "{name}");
            for (node, sent) in flow.nodes.iter().zip(nodes) {
                assert_eq!(node.group.name(), sent["group"], "{name}");
                let told = sent["messages"].as_array().map_or(&[][..], Vec::as_slice);
                assert_eq!(node.messages.len(), distinct(told).len(), "{name}");
                assert_eq!(
                    node.label.is_some(),
                    sent["meta"]["label"].is_object(),
                    "{name}"
                );
            }
            let inputs = nodes.iter().filter(|node| node["type"] == "input");
            assert_eq!(flow.inputs().count(), inputs.count(), "{name}");
            let told = body["ui"]["messages"]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            let is_kept =
                |message: &&Value| recording.status() < 400 || message["type"] != "success";
            let kept: Vec<Value> = told.iter().filter(is_kept).cloned().collect();
            assert_eq!(flow.messages.len(), distinct(&kept).len(), "{name}");
            let has_success = |kind| kind == MessageKind::Success;
            if recording.status() >= 400 {
                assert!(
                    !flow.messages.iter().any(|told| has_success(told.kind)),
                    "{name}"
                );
            }
            let steps = body["continue_with"].as_array().map_or(0, Vec::len);
            assert_eq!(next.len(), steps, "{name}");
        }
        Outcome::Finished { next, .. } => {
            let steps = body["continue_with"].as_array().map_or(0, Vec::len);
            assert_eq!(next.len(), steps, "{name}");
        }
        Outcome::Moved(_, id) => {
            let location = recording.headers().get("location").cloned();
            let elsewhere =
                location.is_some_and(|to| to.to_str().unwrap().contains(&id.to_string()));
            assert!(elsewhere || body["use_flow_id"] == id.to_string(), "{name}");
        }
        Outcome::Leave(to) | Outcome::RefreshNeeded(to) => {
            let location = recording.headers().get("location").cloned();
            assert!(
                location.is_some_and(|it| it == *to) || body["redirect_browser_to"] == *to,
                "{name}"
            );
        }
        Outcome::Session(session) => {
            assert_eq!(session.id, body["id"], "{name}");
            let identity = session.identity.as_ref().unwrap();
            assert_eq!(identity.traits, body["identity"]["traits"], "{name}");
        }
        Outcome::Sessions(sessions) => {
            let ids: Vec<&str> = sessions.listed.iter().map(|it| it.id.as_str()).collect();
            let sent = body.as_array().unwrap().iter().map(|it| &it["id"]);
            assert_eq!(ids, sent.collect::<Vec<_>>(), "{name}");
            let total = recording.headers().get("x-total-count").cloned();
            assert_eq!(total.unwrap(), sessions.total.to_string(), "{name}");
        }
        Outcome::LogoutToken(token) => assert_eq!(*token, body["logout_token"], "{name}"),
        Outcome::Problem(problem) => {
            let status = body["error"]["code"].as_u64().unwrap();
            let status = u16::try_from(status).unwrap();
            assert_eq!(*problem, Problem::Status(status), "{name}");
        }
        Outcome::Expired { return_to } => {
            let sent = body["error"]["details"]["return_to"].as_str();
            assert_eq!(return_to.as_deref(), sent, "{name}");
        }
        _ => {}
    }
}

/// The ids of messages, each once.
fn distinct(messages: &[Value]) -> Vec<&Value> {
    let mut ids: Vec<&Value> = Vec::new();
    for message in messages {
        if !ids.contains(&&message["id"]) {
            ids.push(&message["id"]);
        }
    }
    ids
}

/// Answers a login form with this, and says what it means.
async fn meaning(answer: Answer) -> String {
    let kratos = Kratos::start().await;
    kratos.on("POST /self-service/login", answer);
    let heard = Question::Submit(FlowKind::Login).ask(&kratos).await;
    name_of(&heard.outcome)
}

#[tokio::test]
async fn a_limiter_in_front_of_kratos_says_how_long_to_wait() {
    assert_eq!(meaning(Answer::too_many("17")).await, "TooMany Some(17)");
    let date = Answer::too_many("Wed, 21 Oct 2026 07:28:00 GMT");
    assert_eq!(meaning(date).await, "TooMany None");
    assert_eq!(meaning(Answer::error(429)).await, "TooMany None");
}

#[tokio::test]
async fn what_is_not_kratos_is_broken() {
    for (status, content_type, body) in [
        (200, "text/html", "<h1>Welcome to nginx</h1>"),
        (200, "application/json", ""),
        (200, "application/json", "{"),
        (200, "application/json", "[]"),
        (200, "application/json", "{}"),
        (200, "application/json", "\"text\""),
        (200, "application/json", "\u{0}\u{1}\u{2}"),
        (404, "text/plain", "404 page not found\n"),
        (502, "text/html", "<h1>Bad Gateway</h1>"),
        (500, "application/json", "{\"error\":{}}"),
        (301, "text/html", ""),
    ] {
        let answer = Answer::text(status, content_type, body);
        assert_eq!(meaning(answer).await, format!("Broken {status}"), "{body}");
    }
}

#[tokio::test]
async fn every_status_above_500_is_broken() {
    for status in [500, 501, 502, 503, 504, 599] {
        assert_eq!(
            meaning(Answer::error(status)).await,
            format!("Broken {status}")
        );
    }
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_broken() {
    assert_eq!(
        meaning(Answer::text(303, "text/html", "")).await,
        "Broken 303"
    );
}

#[tokio::test]
async fn null_is_a_challenge_whose_way_back_is_lost() {
    assert_eq!(
        meaning(Answer::json(200, &Value::Null)).await,
        "ChallengeLost"
    );
}

#[tokio::test]
async fn an_expired_login_challenge_is_told_apart_from_a_broken_kratos() {
    let body = json!({"error": {
        "code": 500,
        "status": "Internal Server Error",
        "reason": "Unable to accept OAuth 2.0 Login Challenge.",
        "details": {"status_code": 401},
        "message": "An internal server error occurred, please contact the system administrator",
    }});
    assert_eq!(meaning(Answer::json(500, &body)).await, "ChallengeExpired");
}

#[tokio::test]
async fn what_is_switched_off_is_closed() {
    let registration = json!({"error": {
        "id": "self_service_flow_disabled",
        "code": 400,
        "reason": "Registration is not allowed because it was disabled by the administrator.",
        "message": "registration flow disabled",
    }});
    let recovery = json!({"error": {
        "code": 400,
        "reason": "Recovery is not allowed because it was disabled by the administrator.",
        "message": "The request was malformed or contained invalid parameters",
    }});
    let method = json!({"error": {
        "code": 404,
        "reason": "This endpoint was disabled by system administrator. Please check your url or contact the system administrator to enable it.",
        "message": "The requested resource could not be found",
    }});
    for (status, body) in [(400, registration), (400, recovery), (404, method)] {
        assert_eq!(meaning(Answer::json(status, &body)).await, "Closed");
    }
}

#[tokio::test]
async fn a_registration_without_a_session_is_finished_too() {
    let identity = json!({"identity": {"id": "x", "traits": {}}});
    let meant = meaning(Answer::json(200, &identity)).await;
    assert_eq!(meant, "Finished without a session");
}

#[tokio::test]
async fn an_identity_that_is_disabled_is_known_by_its_id_too() {
    let body = json!({"error": {"id": "identity_disabled", "code": 401, "message": "disabled"}});
    assert_eq!(meaning(Answer::json(401, &body)).await, "AccountDisabled");
}

#[tokio::test]
async fn unknown_steps_and_fields_are_left_out() {
    let body = json!({
        "session": {"id": "x", "new": [1, 2]},
        "continue_with": [
            {"action": "set_ory_session_token", "ory_session_token": "t"},
            {"action": "show_pin_entry_ui"},
            {"action": "show_verification_ui", "flow": {"id": some_id().to_string(), "more": {}}},
            {"action": "redirect_browser_to", "redirect_browser_to": PUBLIC},
        ],
        "newer": {"than": "this"},
    });
    let meant = meaning(Answer::json(200, &body)).await;
    assert_eq!(meant, "Finished with a session then verification");
}

#[tokio::test]
async fn unknown_nodes_groups_and_messages_stay_in_the_flow() {
    let mut recording = Recording::read("login_submit_400_bad_credentials");
    let nodes = recording.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    let before = nodes.len();
    nodes.push(json!({"type": "hologram", "group": "brainwave", "attributes": {"depth": 3}}));
    nodes.push(json!({"type": "input", "group": "default", "attributes": {"name": "odd", "type": "color", "value": 1.5}}));
    recording.body_mut()["ui"]["messages"] =
        json!([{"id": 99_999_999, "type": "strange", "text": "Hello", "context": null}]);
    let kratos = Kratos::start().await;
    kratos.on("POST /self-service/login", recording);
    let heard = Question::Submit(FlowKind::Login).ask(&kratos).await;
    let Outcome::Form { flow, .. } = heard.outcome else {
        panic!("{:?}", heard.outcome);
    };
    assert_eq!(flow.nodes.len(), before + 2);
    assert_eq!(flow.value("odd"), Some("1.5"));
    assert_eq!(flow.messages[0].text, "Hello");
}

#[tokio::test]
async fn an_answer_cut_short_is_unreachable() {
    let kratos = Kratos::start().await;
    kratos.on("GET /sessions/whoami", Answer::Torn);
    assert!(client(&kratos).whoami(&browser()).await.is_err());
}

#[tokio::test]
async fn an_answer_without_end_is_unreachable() {
    let kratos = Kratos::start().await;
    let endless = " ".repeat(4 * 1024 * 1024);
    kratos.on(
        "GET /sessions/whoami",
        Answer::text(200, "application/json", &endless),
    );
    assert!(client(&kratos).whoami(&browser()).await.is_err());
}

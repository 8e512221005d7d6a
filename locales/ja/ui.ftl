## Every page

title = { $page }｜{ $service }
title-failed = エラー：{ $page }｜{ $service }
skip = 本文へ移動
links = 関連リンク
or = または
continue = 続ける
next = 次へ
verify = 確認
confirm = 確認
save = 保存
optional = 任意
error-summary = 入力内容を確認してください
error-summary-other = ご確認ください
error-prefix = エラー：
net-error = 通信できませんでした。入力内容はそのまま残っています。もう一度お試しください。
sending = 送信しています…
theme = 配色：
theme-auto = 自動
theme-light = ライト
theme-dark = ダーク
privacy = プライバシー
terms = 利用規約
help = ヘルプ
go-to-login = ログイン画面へ
home = ホーム
no-method = 利用できる方法がありません。サポートにお問い合わせください。
provider-failed = 外部サービスでの手続きが完了しませんでした。もう一度お試しになるか、別の方法をお選びください。
too-often = 確認コードの入力回数が上限に達しました。もう一度、確認コードを送信してください。
account = アカウント
mail-catcher = 開発用のメールボックスを開く
more-options = その他の方法
start-over = 最初からやり直す
turn-on = 有効にする
turn-off = 無効にする
remove = 削除
remove-named = { $name } を削除する
copy = コピー
copied = コピーしました。
download = ダウンロード
print = 印刷
state-on = 有効
state-off = 未設定
state-none = なし
state-count = { $count }件

## Fields

hint-code = 6桁の数字です。
hint-totp-code = 認証アプリに表示されている6桁の数字です。
hint-backup-code = 1つのコードは1回だけ使えます。
hint-new-password = { $min }文字以上。長いほど安全です。
hint-date-time = 時刻はUTC{ $offset }で入力してください。
field-none = 未選択
field-in-group = { $group }：{ $label }
field-in-list = { $label }（{ $number }）
field-new-tab = （新しいタブで開きます）
password-show = 表示
password-show-named = パスワードを表示
password-shown = パスワードを表示しました。
password-hide = 非表示
password-hide-named = パスワードを非表示
password-hidden = パスワードを非表示にしました。

## Traits, by name in the identity schema: `name.first` is trait-name-first. Words in <terms>…</terms> lead to the address
## in the attribute .terms; further attributes are .hint, .error (what is said of
## anything wrong with it) and, for the value `red` of a choice, .option-red.

trait-email = メールアドレス
trait-username = ユーザー名
trait-phone = 電話番号
trait-tel = 電話番号
trait-name = お名前
trait-name-first = 名
trait-name-last = 姓
trait-firstname = 名
trait-lastname = 姓
trait-first-name = 名
trait-last-name = 姓
trait-given-name = 名
trait-family-name = 姓
trait-nickname = ニックネーム
trait-birthdate = 生年月日
trait-age = 年齢
trait-company = 会社名
trait-address = 住所
trait-postcode = 郵便番号
trait-postal-code = 郵便番号
trait-city = 市区町村
trait-country = 国
trait-website = ウェブサイト
trait-tos = <terms>利用規約</terms>に同意する
    .error = 利用規約への同意が必要です。
trait-terms = <terms>利用規約</terms>に同意する
    .error = 利用規約への同意が必要です。
trait-newsletter = お知らせメールを受け取る

## Sign-in

login = ログイン
login-submit = ログイン
login-again = 本人確認
login-second-factor = 2段階認証
login-forgot = パスワードを忘れた場合
login-register = アカウントを作成
logout = ログアウト
logout-submit = ログアウト
logout-lead = この端末からログアウトします。
logout-application = 「{ $client }」からログアウトを求められています。
logout-stay = ログアウトしない
logout-recover = ログアウトして続ける
logout-recover-lead = 現在のパスワードがわからない場合は、いったんログアウトしてから再設定します。ログアウト後、再設定用のメールをお送りします。
logout-other-account-lead = この端末からログアウトします。別のアカウントでログインすると、アプリに戻ります。
login-other-account = 別のアカウントを使う
login-wrong = { $label }またはパスワードが正しくありません。
login-wrong-password = ログイン情報またはパスワードが正しくありません。
login-unknown = この内容ではログインできません。入力内容を確認してください。
login-unverified-phone = 電話番号の確認が済んでいません。確認してからログインしてください。
login-link = アカウントの連携
login-code-submit = ログイン
login-code-lead = { $address } に確認コードを送信しました。届いたコードを入力してください。
login-code-lead-unknown = 確認コードを送信しました。届いたコードを入力してください。
factor-others = 別の方法で認証
factor-totp = 認証アプリのコードを使う
factor-webauthn = セキュリティキーを使う
factor-code = 確認コードを受け取る
factor-lookup = バックアップコードを使う
no-second-factor = このアカウントには2段階認証が設定されていません。アカウント設定で設定できます。
second-factor-stuck = このアカウントには2段階認証が必要ですが、現在使える認証方法がありません。サポートにお問い合わせください。

## Passkeys and security keys

passkey-login = パスキーでログイン
passkey-create = パスキーを作成
passkey-cancelled = パスキーの操作を中止しました。
passkey-name = パスキー{ $number }
webauthn-login = セキュリティキーで認証
webauthn-create = セキュリティキーを追加
webauthn-name = セキュリティキー{ $number }
webauthn-cancelled = セキュリティキーの操作を中止しました。
webauthn-known = この端末またはセキュリティキーは、このアカウントにすでに登録されています。
webauthn-failed = この端末では操作を完了できませんでした。もう一度お試しになるか、別の方法をお選びください。
webauthn-lacking = このブラウザーでは、パスキーとセキュリティキーを使えません。JavaScriptを有効にするか、別のブラウザーをお使いください。

## Sign-up

registration = アカウントの作成
registration-lead = すべての項目を入力してください。
registration-submit = アカウントを作成
registration-login = すでにアカウントをお持ちの方はログイン
registration-credential = ログイン方法の設定
registration-completion = 外部サービスから受け取れなかった項目があります。入力して続けてください。
registration-code-submit = アカウントを作成
registration-code-lead = { $address } に確認コードを送信しました。届いたコードを入力してください。
registration-code-lead-unknown = 確認コードを送信しました。届いたコードを入力してください。

## Codes by mail or text message

code = 確認コードの入力
code-spam = 届かない場合は、迷惑メールフォルダもご確認ください。
code-other-address = メールアドレスを変更
code-other-phone = 電話番号を変更
code-phone = 届かない場合は、電話番号に間違いがないかご確認ください。
code-other-contact = 送信先を変更
code-another = 別の確認コードを送信
code-wrong = 確認コードが正しくないか、有効期限が切れています。入力内容を確認して、もう一度お試しください。
send-code = 確認コードを送信
resend = コードを再送信
send-link = リンクを送信
send-link-again = リンクを再送信
link-sent = メールをご確認ください

## Verification

verification = メールアドレスの確認
verification-code-lead = { $address } に確認コードを送信しました。メールに記載されたコードを入力してください。
verification-code-lead-phone = { $address } に確認コードを送信しました。届いたコードを入力してください。
verification-code-lead-unknown = 確認コードを送信しました。メールに記載されたコードを入力してください。
verification-done = メールアドレスを確認しました
verification-done-phone = 電話番号を確認しました
verification-done-lead = このままご利用いただけます。
verification-link-lead = { $address } に確認用のリンクを送信しました。メールに記載されたリンクを開いてください。
verification-next = { $address } を確認
verification-next-lead = ほかにも確認が必要な連絡先があります。
verification-other = { $address } に届いたコードを入力

## Recovery

recovery = パスワードの再設定
recovery-lead-contact = 登録したメールアドレスまたは電話番号を入力してください。確認コードをお送りします。
recovery-lead = 登録したメールアドレスを入力してください。確認コードをお送りします。
recovery-code-lead = { $address } が登録されている場合は、確認コードが届きます。
recovery-code-lead-unknown = 入力したメールアドレスが登録されている場合は、確認コードが届きます。
recovery-done-lead = この手続きはすでに完了しています。
recovery-link-lead = 登録したメールアドレスを入力してください。再設定用のリンクをお送りします。
recovery-choose = 確認コードの送信先を選んでください。
recovery-address = 送信先
recovery-confirm = 登録した連絡先を省略せずに入力してください。

## Settings

settings = アカウント設定
settings-profile = プロフィール
settings-password = パスワードの変更
settings-password-new = 新しいパスワード
settings-password-submit = パスワードを変更
settings-saved = 変更を保存しました。
settings-password-saved = パスワードを変更しました。
settings-not-offered = この設定は利用できません。
profile-first = 先に、プロフィールの次の項目を入力または修正してください: { $fields }
profile-first-between = 、
profile-first-go = プロフィールへ進む
settings-key-since = 作成日
settings-totp = 認証アプリ
settings-totp-lead = ログインのときに、認証アプリに表示されるコードも確認します。
settings-totp-scan = 認証アプリでQRコードを読み取ります。
settings-totp-qr = 認証アプリ用のQRコード
settings-totp-secret = 読み取れない場合は、次のセットアップキーをアプリに入力してください。
settings-totp-type = アプリに表示された6桁の数字を入力します。
settings-totp-on = 認証アプリは有効です。
settings-totp-off-lead = ログインのときに、認証アプリのコードを確認しなくなります。バックアップコードも不要な場合は、あわせて無効にしてください。
settings-lookup = バックアップコード
settings-lookup-lead = 認証アプリやセキュリティキーが手元にないときに使うコードです。1つのコードは1回だけ使えます。
settings-lookup-keep = 安全な場所に保管してから、「保管しました」を押してください。押すまで、コードは使えません。
settings-lookup-shown = 安全な場所に保管してください。
settings-lookup-few = 使えるコードは残り{ $count }件です。新しいコードを作成してください。
settings-lookup-again = 新しいコードを作成
settings-lookup-again-lead = 新しいコードを保管すると、今までのコードは使えなくなります。
settings-lookup-off-lead = すべてのバックアップコードが使えなくなります。
settings-passkey = パスキー
settings-passkey-lead = 指紋や顔、画面ロックを使って、パスワードなしで安全にログインできます。
settings-passkey-none = まだパスキーはありません。
settings-passkey-last = ほかにログインする方法がないため、削除できません。先にパスワードなどを設定してください。
settings-passkey-remove-lead = このパスキーではログインできなくなります。端末に保存されたパスキーは、端末の設定から削除してください。
settings-webauthn = セキュリティキー
settings-webauthn-lead = USBやNFCのセキュリティキーで本人確認ができます。
settings-webauthn-none = まだセキュリティキーはありません。
settings-webauthn-last = ほかにログインする方法がないため、削除できません。先にパスワードなどを設定してください。
settings-webauthn-remove-lead = このセキュリティキーは使えなくなります。
settings-oidc = 外部サービスとの連携
settings-oidc-lead = 連携したサービスのアカウントでログインできます。
settings-oidc-connected = 連携中
settings-oidc-not-connected = 未連携
settings-oidc-unlink = 連携を解除
settings-oidc-unlink-lead = { $provider } ではログインできなくなります。
settings-oidc-last = ほかにログインする方法がないため、解除できません。先にパスワードまたはパスキーを設定してください。

## Sessions

sessions = ログイン中の端末
sessions-this = この端末
sessions-since = ログイン日時
sessions-until = 有効期限
sessions-address = IPアドレス
sessions-place = おおよその場所
sessions-device = { $browser }（{ $system }）
sessions-unknown = 不明な端末
sessions-how = ログイン方法
sessions-method-password = パスワード
sessions-method-code = 届いた確認コード
sessions-method-recovery = パスワードの再設定
sessions-method-provider = 外部サービス
sessions-method-totp = 認証アプリ
sessions-method-lookup-secret = バックアップコード
sessions-method-webauthn = セキュリティキー
sessions-method-passkey = パスキー
sessions-two-step = 2段階認証
sessions-two-step-done = 完了
sessions-end = { $device }からログアウト
sessions-end-what = その端末で使うには、もう一度ログインが必要になります。
sessions-end-others = ほかのすべての端末からログアウト
sessions-end-others-what = この端末ではログインしたままです。ほかの端末では、もう一度ログインが必要になります。
sessions-alone = ほかの端末ではログインしていません。
sessions-more = ほかに{ $total }件のログインがあります。新しいものから{ $listed }件を表示しています。

## Welcome

welcome = ようこそ
welcome-name = ようこそ、{ $name }さん
welcome-lead = ログインするか、アカウントを作成してください。
welcome-lead-closed = ログインしてください。
welcome-signed-in = ログインしています。
welcome-halfway = ログインを完了するには、2段階認証を行ってください。

## What an earlier page left to say

flash-signed-out = ログアウトしました。
flash-registered = アカウントを作成しました。ログインしてください。
flash-link-used = このリンクは使用済みか、有効期限が切れています。
flash-confirm-address = メールアドレスの確認メールを送信しました。メールのリンクを開くか、ここで新しいメールを受け取ってください。
flash-confirm-new-address = 変更を保存しました。新しいメールアドレスに確認メールを送信しました。メールのリンクを開くか、ここで新しいメールを受け取ってください。
flash-address-saved = 変更を保存しました。
flash-resent = 新しい確認コードを送信しました。以前のコードは使えません。
flash-timed-out = 時間が経過したため、もう一度入力してください。
flash-started-again = この画面は使えなくなったため、新しい画面を表示しました。もう一度入力してください。
flash-repeat-change = 本人確認ができました。もう一度変更してください。
flash-account-disabled = このアカウントは現在利用できません。サポートにお問い合わせください。
flash-key-refused = パスキーまたはセキュリティキーを追加できませんでした。もう一度お試しください。
flash-check-input = 使用できない文字が含まれています。入力内容を確認してください。
flash-ambiguous = 1つの項目に複数の値が送信されました。入力内容を確認してください。
flash-code-or-address = メールアドレスと確認コードは、どちらか一方だけを送信してください。
flash-missing = 必須の項目を入力してください。
flash-signed-in-already = すでにログインしています。
flash-sent-just-now = 送信したばかりです。{ $seconds }秒ほど待ってから、もう一度お試しください。
flash-link-resent = 新しいリンクを送信しました。
flash-address-confirmed = 確認が完了しました。続けるには、ログインしてください。
flash-device-signed-out = 選択した端末からログアウトしました。
flash-others-signed-out = ほかのすべての端末からログアウトしました。

## Leaving

hand-off = 移動しています
hand-off-continue = { $host } へ進む

## Errors

error-service = 問題が発生しました
error-service-lead = 時間をおいて、もう一度お試しください。
error-not-found = ページが見つかりません
error-not-found-lead = アドレスが変わったか、期限が切れています。最初からやり直してください。
error-cookies = Cookieを確認してください
error-cookies-lead = このページを開き直してください。Cookieが無効な場合は有効にしてください。
error-origin = 送信元を確認できませんでした
error-origin-lead = 別のサイトから送信された可能性があるため、受け付けませんでした。このサイトのページを開いて、もう一度お試しください。
error-input = 送信できませんでした
error-input-lead = 入力内容を確認して、もう一度お試しください。
error-too-large-lead = 入力内容が長すぎます。短くして、もう一度お試しください。
error-address = アドレスが長すぎます
error-address-lead = 元の画面に戻り、もう一度お試しください。
error-closed = 現在ご利用いただけません
error-closed-lead = この手続きは受け付けていません。
error-too-many = しばらくお待ちください
error-too-many-lead = 短時間に操作が繰り返されたため、一時的に利用を制限しています。しばらくしてから、もう一度お試しください。
error-too-many-seconds = 短時間に操作が繰り返されたため、一時的に利用を制限しています。{ $number }秒後に、もう一度お試しください。
error-too-many-minutes = 短時間に操作が繰り返されたため、一時的に利用を制限しています。{ $number }分後に、もう一度お試しください。
try-again = もう一度試す
error-application = 最初からやり直してください
error-application-lead = ログインを求めたアプリの画面に戻り、もう一度お試しください。
error-application-named = 「{ $client }」からの手続きを続けられません。アプリの画面に戻り、もう一度お試しください。
error-provider = 手続きを完了できませんでした
error-provider-lead = 外部サービスから戻る途中で問題が発生しました。タブを1つだけ開いて、最初からやり直してください。うまくいかない場合は、別の方法をお試しください。
error-reference = お問い合わせ番号：

## Consent: what an application asks for. consent-scope-… are OAuth2's scopes, with hyphens.

consent = 「{ $client }」にアクセスを許可しますか
consent-host = { $host } のアプリです。
consent-account = { $account } でログインしています。
consent-lead = 許可すると、次のことができるようになります。
consent-scope-openid = このサービスのアカウントを持っていることを確認する
consent-scope-email = メールアドレスを見る
consent-scope-profile = 名前とプロフィールを見る
consent-scope-phone = 電話番号を見る
consent-scope-address = 住所を見る
consent-scope-offline = ログアウトした後もアクセスを続ける
consent-scope-offline-access = ログアウトした後もアクセスを続ける
consent-remember = 次回から確認しない
consent-accept = 許可する
consent-reject = 許可しない
consent-policy = プライバシーについて
consent-terms = 利用規約

## Devices without a keyboard (RFC 8628)

device = デバイスの接続
device-lead = デバイスに表示されているコードを入力してください。
device-compare = デバイスに同じコードが表示されていることを確認して、続けてください。
device-warning = ご自身のデバイスで操作を始めた場合にのみ続けてください。他人から送られてきたコードの場合は、このページを閉じてください。
device-code = デバイスのコード
device-code-wrong = コードが正しくないか、期限が切れています。デバイスの表示を確認して、もう一度入力してください。
device-done = デバイスを接続しました
device-done-lead = このページを閉じて、デバイスで操作を続けてください。

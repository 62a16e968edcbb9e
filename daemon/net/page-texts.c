/* SPDX-License-Identifier: MIT */
#include "daemon/net/page-texts.h"

/*
 * A language is a block of this table. Names of integrations stay as they are, in the place that
 * the language's own word order gives them. English keeps the words "is connected" for the success,
 * so that nobody who looks for them is misled.
 */
static const char *const table[LANGUAGES][PAGE_TEXTS] = {
    [LANGUAGE_ENGLISH] =
        {
            [PAGE_TEXT_TITLE_CONNECTED] = "{} is connected",
            [PAGE_TEXT_TITLE_FINISHING] = "{} is being connected",
            [PAGE_TEXT_TITLE_FAILED] = "{} was not connected",
            [PAGE_TEXT_TITLE_UNKNOWN] = "{} may not be connected",
            [PAGE_TEXT_TITLE_GONE] = "Nothing is waiting here any more",
            [PAGE_TEXT_CONNECTED] = "Your Airstore workspace can use the account from now on.",
            [PAGE_TEXT_FINISHING] = "Airstore has not confirmed it yet.",
            [PAGE_TEXT_DENIED] = "Access was not granted.",
            [PAGE_TEXT_EXPIRED] = "Nobody approved the access in time.",
            [PAGE_TEXT_CANCELLED] = "It was cancelled on this computer.",
            [PAGE_TEXT_UNKNOWN] = "Airstore could not say what became of it.",
            [PAGE_TEXT_GONE] = "What this page belonged to has ended.",
            [PAGE_TEXT_NEXT_CONNECTED] = "You can close this tab and go back to where you started.",
            [PAGE_TEXT_NEXT_FINISHING] = "This page goes on by itself as soon as it has.",
            [PAGE_TEXT_NEXT_FAILED] =
                "You can close this tab. To try again, go back to where you started.",
            [PAGE_TEXT_NEXT_UNKNOWN] =
                "To see whether the account is there, go back to where you started.",
            [PAGE_TEXT_NEXT_GONE] = "You can close this tab. If you were connecting an account, go "
                                    "back to where you started to see whether it is there.",
            [PAGE_TEXT_IN_A_TERMINAL] = "Or in a terminal:",
            [PAGE_TEXT_LOOK_AGAIN] = "Look again now",
            [PAGE_TEXT_WORKSPACE] = "Airstore workspace",
            [PAGE_TEXT_AIRSTORE_SAID] = "Reported by Airstore",
            [PAGE_TEXT_DETAILS] = "Details",
            [PAGE_TEXT_ORIGIN] = "Shown by airstore-oauthd on this computer.",
        },
    [LANGUAGE_GERMAN] =
        {
            [PAGE_TEXT_TITLE_CONNECTED] = "{} ist verbunden",
            [PAGE_TEXT_TITLE_FINISHING] = "{} wird verbunden",
            [PAGE_TEXT_TITLE_FAILED] = "{} wurde nicht verbunden",
            [PAGE_TEXT_TITLE_UNKNOWN] = "{} ist möglicherweise nicht verbunden",
            [PAGE_TEXT_TITLE_GONE] = "Hier wird auf nichts mehr gewartet",
            [PAGE_TEXT_CONNECTED] = "Ihr Airstore-Workspace kann das Konto ab jetzt verwenden.",
            [PAGE_TEXT_FINISHING] = "Airstore hat es noch nicht bestätigt.",
            [PAGE_TEXT_DENIED] = "Der Zugriff wurde nicht gewährt.",
            [PAGE_TEXT_EXPIRED] = "Der Zugriff wurde nicht rechtzeitig genehmigt.",
            [PAGE_TEXT_CANCELLED] = "Der Vorgang wurde auf diesem Computer abgebrochen.",
            [PAGE_TEXT_UNKNOWN] = "Airstore konnte nicht sagen, was daraus geworden ist.",
            [PAGE_TEXT_GONE] = "Der Vorgang, zu dem diese Seite gehörte, ist beendet.",
            [PAGE_TEXT_NEXT_CONNECTED] =
                "Sie können diesen Tab schließen und dort weitermachen, wo Sie begonnen haben.",
            [PAGE_TEXT_NEXT_FINISHING] =
                "Sobald das geschehen ist, geht es hier von selbst weiter.",
            [PAGE_TEXT_NEXT_FAILED] = "Sie können diesen Tab schließen. Um es erneut zu versuchen, "
                                      "kehren Sie dorthin zurück, wo Sie begonnen haben.",
            [PAGE_TEXT_NEXT_UNKNOWN] =
                "Ob das Konto vorhanden ist, sehen Sie dort, wo Sie begonnen haben.",
            [PAGE_TEXT_NEXT_GONE] =
                "Sie können diesen Tab schließen. Falls Sie gerade ein Konto verbinden wollten, "
                "sehen Sie dort, wo Sie begonnen haben, ob es vorhanden ist.",
            [PAGE_TEXT_IN_A_TERMINAL] = "Oder in einem Terminal:",
            [PAGE_TEXT_LOOK_AGAIN] = "Jetzt nachsehen",
            [PAGE_TEXT_WORKSPACE] = "Airstore-Workspace",
            [PAGE_TEXT_AIRSTORE_SAID] = "Meldung von Airstore",
            [PAGE_TEXT_DETAILS] = "Einzelheiten",
            [PAGE_TEXT_ORIGIN] = "Angezeigt von airstore-oauthd auf diesem Computer.",
        },
    [LANGUAGE_FRENCH] =
        {
            [PAGE_TEXT_TITLE_CONNECTED] = "{} est connecté",
            [PAGE_TEXT_TITLE_FINISHING] = "Connexion de {} en cours",
            [PAGE_TEXT_TITLE_FAILED] = "{} n’a pas été connecté",
            [PAGE_TEXT_TITLE_UNKNOWN] = "{} n’est peut-être pas connecté",
            [PAGE_TEXT_TITLE_GONE] = "Plus rien n’est en attente ici",
            [PAGE_TEXT_CONNECTED] =
                "Votre espace de travail Airstore peut désormais utiliser ce compte.",
            [PAGE_TEXT_FINISHING] = "Airstore ne l’a pas encore confirmée.",
            [PAGE_TEXT_DENIED] = "L’accès n’a pas été accordé.",
            [PAGE_TEXT_EXPIRED] = "Personne n’a autorisé l’accès à temps.",
            [PAGE_TEXT_CANCELLED] = "La connexion a été annulée sur cet ordinateur.",
            [PAGE_TEXT_UNKNOWN] = "Airstore n’a pas pu indiquer ce qu’il en est.",
            [PAGE_TEXT_GONE] = "L’opération à laquelle cette page correspondait est terminée.",
            [PAGE_TEXT_NEXT_CONNECTED] =
                "Vous pouvez fermer cet onglet et revenir là où vous avez commencé.",
            [PAGE_TEXT_NEXT_FINISHING] = "Dès que ce sera fait, cette page continuera d’elle-même.",
            [PAGE_TEXT_NEXT_FAILED] =
                "Vous pouvez fermer cet onglet. Pour réessayer, revenez là où vous avez commencé.",
            [PAGE_TEXT_NEXT_UNKNOWN] =
                "Revenez là où vous avez commencé pour voir si le compte est présent.",
            [PAGE_TEXT_NEXT_GONE] =
                "Vous pouvez fermer cet onglet. Si vous étiez en train de connecter un compte, "
                "revenez là où vous avez commencé pour voir s’il est présent.",
            [PAGE_TEXT_IN_A_TERMINAL] = "Ou dans un terminal\u00a0:",
            [PAGE_TEXT_LOOK_AGAIN] = "Vérifier maintenant",
            [PAGE_TEXT_WORKSPACE] = "Espace de travail Airstore",
            [PAGE_TEXT_AIRSTORE_SAID] = "Message d’Airstore",
            [PAGE_TEXT_DETAILS] = "Détails",
            [PAGE_TEXT_ORIGIN] = "Page affichée par airstore-oauthd sur cet ordinateur.",
        },
    [LANGUAGE_SPANISH] =
        {
            [PAGE_TEXT_TITLE_CONNECTED] = "{} está conectado",
            [PAGE_TEXT_TITLE_FINISHING] = "Conectando {}",
            [PAGE_TEXT_TITLE_FAILED] = "No se ha conectado {}",
            [PAGE_TEXT_TITLE_UNKNOWN] = "Puede que {} no esté conectado",
            [PAGE_TEXT_TITLE_GONE] = "Aquí ya no hay nada pendiente",
            [PAGE_TEXT_CONNECTED] = "Su espacio de trabajo de Airstore ya puede usar la cuenta.",
            [PAGE_TEXT_FINISHING] = "Airstore aún no lo ha confirmado.",
            [PAGE_TEXT_DENIED] = "No se concedió el acceso.",
            [PAGE_TEXT_EXPIRED] = "Nadie aprobó el acceso a tiempo.",
            [PAGE_TEXT_CANCELLED] = "La conexión se canceló en este equipo.",
            [PAGE_TEXT_UNKNOWN] = "Airstore no pudo indicar qué ha ocurrido.",
            [PAGE_TEXT_GONE] = "La operación a la que pertenecía esta página ha terminado.",
            [PAGE_TEXT_NEXT_CONNECTED] = "Puede cerrar esta pestaña y volver a donde empezó.",
            [PAGE_TEXT_NEXT_FINISHING] = "En cuanto lo haga, esta página continuará por sí sola.",
            [PAGE_TEXT_NEXT_FAILED] =
                "Puede cerrar esta pestaña. Para intentarlo de nuevo, vuelva a donde empezó.",
            [PAGE_TEXT_NEXT_UNKNOWN] = "Vuelva a donde empezó para ver si aparece la cuenta.",
            [PAGE_TEXT_NEXT_GONE] = "Puede cerrar esta pestaña. Si estaba conectando una cuenta, "
                                    "vuelva a donde empezó para ver si aparece.",
            [PAGE_TEXT_IN_A_TERMINAL] = "O en un terminal:",
            [PAGE_TEXT_LOOK_AGAIN] = "Comprobar ahora",
            [PAGE_TEXT_WORKSPACE] = "Espacio de trabajo de Airstore",
            [PAGE_TEXT_AIRSTORE_SAID] = "Mensaje de Airstore",
            [PAGE_TEXT_DETAILS] = "Detalles",
            [PAGE_TEXT_ORIGIN] = "Página mostrada por airstore-oauthd en este equipo.",
        },
    [LANGUAGE_CHINESE] =
        {
            [PAGE_TEXT_TITLE_CONNECTED] = "{} 已连接",
            [PAGE_TEXT_TITLE_FINISHING] = "正在连接 {}",
            [PAGE_TEXT_TITLE_FAILED] = "{} 未连接",
            [PAGE_TEXT_TITLE_UNKNOWN] = "{} 可能未连接",
            [PAGE_TEXT_TITLE_GONE] = "此处已没有等待中的操作",
            [PAGE_TEXT_CONNECTED] = "您的 Airstore 工作区现在可以使用此账号。",
            [PAGE_TEXT_FINISHING] = "Airstore 尚未确认。",
            [PAGE_TEXT_DENIED] = "未授予访问权限。",
            [PAGE_TEXT_EXPIRED] = "未在规定时间内批准访问。",
            [PAGE_TEXT_CANCELLED] = "已在此计算机上取消。",
            [PAGE_TEXT_UNKNOWN] = "Airstore 无法确定连接结果。",
            [PAGE_TEXT_GONE] = "此页面所对应的操作已经结束。",
            [PAGE_TEXT_NEXT_CONNECTED] = "您可以关闭此标签页，回到开始的地方继续。",
            [PAGE_TEXT_NEXT_FINISHING] = "确认后，此页面会自动更新。",
            [PAGE_TEXT_NEXT_FAILED] = "您可以关闭此标签页。如需重试，请回到开始的地方。",
            [PAGE_TEXT_NEXT_UNKNOWN] = "请回到开始的地方，查看账号是否已添加。",
            [PAGE_TEXT_NEXT_GONE] = "您可以关闭此标签页。如果您刚才正在连接账号，请回到开始的地方，"
                                    "查看账号是否已添加。",
            [PAGE_TEXT_IN_A_TERMINAL] = "或在终端中运行：",
            [PAGE_TEXT_LOOK_AGAIN] = "立即检查",
            [PAGE_TEXT_WORKSPACE] = "Airstore 工作区",
            [PAGE_TEXT_AIRSTORE_SAID] = "Airstore 返回的信息",
            [PAGE_TEXT_DETAILS] = "详细信息",
            [PAGE_TEXT_ORIGIN] = "此页面由本机的 airstore-oauthd 显示。",
        },
    [LANGUAGE_JAPANESE] =
        {
            [PAGE_TEXT_TITLE_CONNECTED] = "{} を接続しました",
            [PAGE_TEXT_TITLE_FINISHING] = "{} を接続しています",
            [PAGE_TEXT_TITLE_FAILED] = "{} は接続されませんでした",
            [PAGE_TEXT_TITLE_UNKNOWN] = "{} は接続されていない可能性があります",
            [PAGE_TEXT_TITLE_GONE] = "ここで待っている処理はもうありません",
            [PAGE_TEXT_CONNECTED] =
                "Airstore ワークスペースでこのアカウントを利用できるようになりました。",
            [PAGE_TEXT_FINISHING] = "Airstore からの確認を待っています。",
            [PAGE_TEXT_DENIED] = "アクセスが許可されませんでした。",
            [PAGE_TEXT_EXPIRED] = "時間内にアクセスが承認されませんでした。",
            [PAGE_TEXT_CANCELLED] = "このコンピューターで取り消されました。",
            [PAGE_TEXT_UNKNOWN] = "Airstore で結果を確認できませんでした。",
            [PAGE_TEXT_GONE] = "このページに対応する処理は終了しています。",
            [PAGE_TEXT_NEXT_CONNECTED] = "このタブを閉じて、元の画面に戻ってください。",
            [PAGE_TEXT_NEXT_FINISHING] = "確認が取れると、このページは自動的に切り替わります。",
            [PAGE_TEXT_NEXT_FAILED] =
                "このタブは閉じてかまいません。もう一度試すには、元の画面に戻ってください。",
            [PAGE_TEXT_NEXT_UNKNOWN] = "アカウントが追加されているか、元の画面で確認してください。",
            [PAGE_TEXT_NEXT_GONE] = "このタブは閉じてかまいません。アカウントを接続していた場合は、"
                                    "追加されているか元の画面で確認してください。",
            [PAGE_TEXT_IN_A_TERMINAL] = "ターミナルを使う場合：",
            [PAGE_TEXT_LOOK_AGAIN] = "今すぐ確認",
            [PAGE_TEXT_WORKSPACE] = "Airstore ワークスペース",
            [PAGE_TEXT_AIRSTORE_SAID] = "Airstore からのメッセージ",
            [PAGE_TEXT_DETAILS] = "詳細",
            [PAGE_TEXT_ORIGIN] =
                "このページは、このコンピューターの airstore-oauthd が表示しています。",
        },
};

const char *page_text(enum language language, enum page_text text)
{
    return table[language][text];
}

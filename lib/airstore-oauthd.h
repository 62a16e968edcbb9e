/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * libairstore-oauthd: ask airstore-oauthd for connections, from any program.
 *
 *     struct airstore_oauthd *oauthd;
 *     struct airstore_oauthd_reply *reply;
 *
 *     if (airstore_oauthd_open(NULL, &oauthd) == 0 &&
 *         airstore_oauthd_get_connection(oauthd, "gmail", NULL, &reply, NULL) == 0)
 *         puts(reply->connection->connection_id);
 *
 * Every method of the daemon's interface, ai.airstore.OAuth, has two functions here, but for Watch,
 * which has the second only. The plain one blocks until the answer is there. The one whose name
 * ends in _async returns at once and calls a handler later; it is for programs with an event loop
 * of their own, which watch airstore_oauthd_get_fd() and call airstore_oauthd_dispatch().
 *
 * Each call in flight has a connection to the daemon of its own, which is closed when the call is
 * over. So calls never wait for each other, cancelling one really ends it, nothing is held while
 * nothing is asked, and the daemon may leave and come back between calls.
 *
 * A daemon that is replaced meanwhile is waited for: a call whose connection is lost before its
 * answer is made again for ten seconds; one that answers and then hangs up within ten seconds is
 * tried ten times. Not so DeleteConnection, CreateConnection and CreateSession
 * with AIRSTORE_OAUTHD_ALWAYS_NEW, which could have been done already: they fail with -ECONNRESET.
 * Poll and Watch go on; what they told before, the latter tells once more.
 *
 * All functions return 0 or a positive value on success, and a negative errno on failure; outputs
 * are untouched then, but for the error. A handle and its calls belong to one thread at a time;
 * there is no state outside of handles. Strings are UTF-8. A string argument that is said to be
 * optional may be NULL.
 *
 * Structures are only ever allocated by the library (but for the credentials), so that members can
 * be added to their ends.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* ---- The handle ---------------------------------------------------------------------------- */

struct airstore_oauthd;

/*
 * Makes a handle. Nothing is connected yet, so this succeeds whether or not the daemon runs.
 *
 * address: "unix:/path" or "unix:@abstract". NULL: the value of AIRSTORE_OAUTHD_ADDRESS, else
 * unix:$XDG_RUNTIME_DIR/airstore-oauthd/ai.airstore.OAuth.
 *
 * Returns 0 and a handle in *ret, which airstore_oauthd_close() frees; -EINVAL when this is no such
 * address, -ENAMETOOLONG, -EDESTADDRREQ when neither variable is set, -ENOMEM.
 */
int airstore_oauthd_open(const char *address_or_null, struct airstore_oauthd **ret);

/*
 * Cancels the calls in flight, without calling their handlers, and frees the handle. May be called
 * from a handler. NULL is fine. Returns NULL.
 */
struct airstore_oauthd *airstore_oauthd_close(struct airstore_oauthd *oauthd);

/*
 * One person can serve several organisations: a profile is an API key of the daemon's under a name,
 * with its own Airstore server and workspace. The calls made afterwards are about this one, NULL
 * for the default. It matters to CreateSession, ListSessions and ListConnections (where NULL means
 * all of them), GetConnection, CreateConnection, DeleteConnection (NULL: the one that knows the
 * connection), CheckAPIKey, StoreAPIKey, ForgetAPIKey, GetStatus and Diagnose. The name is copied.
 * Returns 0 or -ENOMEM; a name that the daemon does not know is told by the calls, as
 * NotConfigured.
 */
int airstore_oauthd_set_profile(struct airstore_oauthd *oauthd, const char *name_or_null);

/* ---- What the daemon tells ------------------------------------------------------------------ */

enum airstore_oauthd_session_status {
    AIRSTORE_OAUTHD_PENDING,
    AIRSTORE_OAUTHD_COMPLETE,
    AIRSTORE_OAUTHD_ERROR,
};

enum airstore_oauthd_failure {
    AIRSTORE_OAUTHD_FAILURE_NONE,
    AIRSTORE_OAUTHD_FAILURE_DENIED,       /* the person or the provider refused */
    AIRSTORE_OAUTHD_FAILURE_EXPIRED,      /* nobody finished it in time */
    AIRSTORE_OAUTHD_FAILURE_CANCELLED,    /* a local program cancelled it */
    AIRSTORE_OAUTHD_FAILURE_UNKNOWN,      /* it cannot be known what became of it */
    AIRSTORE_OAUTHD_FAILURE_UNAUTHORIZED, /* nor this, since the API key is not accepted any more */
};

/* One interactive authorization. Points in time are microseconds since 1970, -1 when absent. */
struct airstore_oauthd_session {
    const char *session_id;
    const char *integration_type;
    const char *workspace_id; /* or NULL */
    enum airstore_oauthd_session_status status;
    const char *authorize_url; /* while pending; whoever opens it acts for the person */
    const char *trouble;       /* what keeps Airstore from being asked just now, or NULL */
    const char *connection_id; /* once complete */
    enum airstore_oauthd_failure failure;
    const char *error; /* once failed */
    int renewed;       /* 1: the connection existed before; 0: it is new; -1: not known */
    int64_t created_at_usec;
    int64_t expires_at_usec;
    int64_t ended_at_usec;
    const char *profile; /* NULL for the default one */
    bool returned;       /* while pending: the browser has come back, Airstore is being asked */
};

/* A connection of a workspace to an integration. */
struct airstore_oauthd_connection {
    const char *connection_id;
    const char *integration_type;
    const char *workspace_id; /* or NULL */
    const char *scope;        /* or NULL */
    int64_t expires_at_usec;
    int64_t created_at_usec;
    int64_t updated_at_usec;
    const char *profile; /* NULL for the default one */
};

enum airstore_oauthd_authentication {
    AIRSTORE_OAUTHD_OAUTH,          /* in the browser */
    AIRSTORE_OAUTHD_OAUTH_OR_TOKEN, /* in the browser or with a token */
    AIRSTORE_OAUTHD_API_KEY,        /* with an API key only */
};

struct airstore_oauthd_integration {
    const char *integration_type; /* "gmail" */
    const char *name;             /* "Gmail" */
    enum airstore_oauthd_authentication authentication;
};

struct airstore_oauthd_status {
    const char *version;
    const char *api_base_url;
    const char *api_key_source;       /* NULL: there is no API key */
    const char *default_workspace_id; /* or NULL */
    const char *callback_address;     /* NULL while no session needs it */
    int64_t pending_sessions;
    int64_t connections;
    int64_t uptime_msec;
    const char *const *problems; /* sentences, ended by NULL */
    const char *const *profiles; /* the names of those that there are, ended by NULL */
};

/* A value of the daemon's configuration that is in force. */
struct airstore_oauthd_setting {
    const char *section; /* "airstore" */
    const char *key;     /* "base-url" */
    const char *value;   /* NULL for the API key, which is never told */
    const char *source;  /* where it comes from: "PATH:LINE", "default" and the like */
};

enum airstore_oauthd_check_result {
    AIRSTORE_OAUTHD_CHECK_OK,
    AIRSTORE_OAUTHD_CHECK_WARNING, /* unusual, and may be in the way */
    AIRSTORE_OAUTHD_CHECK_WRONG,
};

/* One thing that the daemon has looked at. */
struct airstore_oauthd_check {
    const char *check; /* "key" */
    enum airstore_oauthd_check_result result;
    const char *message;
    const char *advice; /* what to do, with the command to type; or NULL */
};

/*
 * The answer to a call. Each method says which members it fills; the others are NULL, 0 or false.
 * Everything reachable from a reply lives as long as the reply.
 */
struct airstore_oauthd_reply {
    bool continues; /* further replies to this call will come */

    struct airstore_oauthd_session *session;
    struct airstore_oauthd_connection *connection;
    struct airstore_oauthd_status *status;

    /* Ended by NULL; never NULL where the method fills them. */
    struct airstore_oauthd_session *const *sessions;
    struct airstore_oauthd_connection *const *connections;
    struct airstore_oauthd_integration *const *integrations;

    bool existing; /* another call has begun the session */
    bool browser_opened;
    const char *browser_problem; /* why no browser could be opened, or NULL */
    const char *warning;         /* something is unusual but was done all the same, or NULL */
    const char *deleted_connection_id;

    struct airstore_oauthd_setting *const *settings; /* as the lists above */
    struct airstore_oauthd_check *const *checks;     /* as well */
};

/* The reply as the daemon sent it: a JSON object in one line, which lives as long as the reply.
 * NULL when there is no memory for it. */
const char *airstore_oauthd_reply_json(const struct airstore_oauthd_reply *reply);

/* NULL is fine. Returns NULL. */
struct airstore_oauthd_reply *airstore_oauthd_reply_free(struct airstore_oauthd_reply *reply);

/* ---- What went wrong ------------------------------------------------------------------------ */

/*
 * Errors of the daemon, by the last part of their name:
 *
 *     NotConfigured        -ENOKEY        AuthorizationFailed  -EPERM, see failure
 *     InvalidConfiguration -EINVAL
 *     InvalidIntegration   -EINVAL        TimedOut             -ETIMEDOUT
 *     NoSuchSession        -ENOENT        LimitReached         -EDQUOT
 *     NoSuchConnection     -ENOENT        ApiError             -EREMOTEIO, see status
 *     InvalidParameter     -EINVAL        Unreachable          -EHOSTUNREACH
 *     PermissionDenied     -EACCES        MethodNotFound, …    -EOPNOTSUPP
 *
 * Errors on the way to it, which have no name:
 *
 *     -ECONNREFUSED  no daemon listens    -ECONNRESET  it hung up before it answered, for good
 *     -EBADMSG       its answer made no sense          -EMSGSIZE  a message was too large
 *     -EAGAIN        it is too busy to be connected to without waiting
 */
struct airstore_oauthd_error {
    int code;                             /* the negative errno */
    const char *name;                     /* "ai.airstore.OAuth.ApiError", or NULL */
    const char *message;                  /* for people; never NULL */
    enum airstore_oauthd_failure failure; /* of AuthorizationFailed */
    int status;                           /* of ApiError: Airstore's HTTP status, else 0 */
    const char *request_id;               /* of ApiError: for Airstore's support, or NULL */
    const char *parameter;                /* of InvalidParameter: its name, or NULL */
};

/* NULL is fine. Returns NULL. */
struct airstore_oauthd_error *airstore_oauthd_error_free(struct airstore_oauthd_error *error);

/* A sentence for a negative errno that a function of this library returned. Static. */
const char *airstore_oauthd_strerror(int code);

/* ---- Methods, blocking ---------------------------------------------------------------------- */

/*
 * Each waits for the answer; a signal does not interrupt it. On success *ret_reply is a reply that
 * the caller frees. On failure *ret_error is an error that the caller frees; pass NULL when it is
 * of no interest. Blocking calls may be mixed with others, and made from handlers.
 */

enum airstore_oauthd_create_session_flags {
    AIRSTORE_OAUTHD_NO_BROWSER = 1 << 0, /* the caller shows authorize_url to the person */
    AIRSTORE_OAUTHD_ALWAYS_NEW = 1 << 1, /* do not return a session that is pending already */
};

/* Starts an authorization. workspace_id and return_to are optional.
 * Fills session, existing, browser_opened, browser_problem, warning. */
int airstore_oauthd_create_session(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, const char *return_to, unsigned flags,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* Fills session. */
int airstore_oauthd_get_session(struct airstore_oauthd *oauthd, const char *session_id,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* Waits until the session is complete. Times are in milliseconds; -1: the daemon's default, 300000
 * and 2000. Fills session. */
int airstore_oauthd_poll(struct airstore_oauthd *oauthd, const char *session_id,
    int64_t timeout_msec, int64_t interval_msec, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error);

/* Fills sessions, the newest first: those of the profile, where one is set. */
int airstore_oauthd_list_sessions(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

int airstore_oauthd_cancel_session(struct airstore_oauthd *oauthd, const char *session_id,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* workspace_id is optional; with one, Airstore may have to be asked whether a connection whose
 * workspace is not known here is in it. Fills connection. */
int airstore_oauthd_get_connection(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error);

/* workspace_id and integration_type are optional and narrow the list. refresh: as Airstore lists
 * them now. Fills connections. */
int airstore_oauthd_list_connections(struct airstore_oauthd *oauthd, const char *workspace_id,
    const char *integration_type, bool refresh, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error);

/* What a connection is made of when no browser is involved; members that do not apply are NULL.
 * The caller keeps the strings, and erases them. */
struct airstore_oauthd_credentials {
    const char *access_token;
    const char *refresh_token;
    const char *api_key;
    const char *scope;
    const char *const *extra; /* name, value, name, value, …, NULL; no name twice */
};

/* Copies of the credentials that the library makes are erased. workspace_id is optional.
 * Fills connection. */
int airstore_oauthd_create_connection(struct airstore_oauthd *oauthd, const char *integration_type,
    const char *workspace_id, const struct airstore_oauthd_credentials *credentials,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* Deletes the connection at Airstore. workspace_id is optional. */
int airstore_oauthd_delete_connection(struct airstore_oauthd *oauthd, const char *connection_id,
    const char *workspace_id, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error);

/* Fills integrations. */
int airstore_oauthd_list_integrations(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* Fills status, with the base URL, the key source and the workspace of the profile. */
int airstore_oauthd_get_status(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* Tries an API key against Airstore. Copies of it that the library makes are erased. On success
 * Airstore has accepted it. */
int airstore_oauthd_check_api_key(struct airstore_oauthd *oauthd, const char *api_key,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* Stores an API key in the person's keyring, which they may have to unlock first, and removes it
 * from there. What the library copies of it is erased. Whether the daemon looks for its key there
 * is said by the file that it has its key from: see airstore-oauthd(8). */
int airstore_oauthd_store_api_key(struct airstore_oauthd *oauthd, const char *api_key,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);
int airstore_oauthd_forget_api_key(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* Has the daemon read its configuration and its API key again. */
int airstore_oauthd_reload(struct airstore_oauthd *oauthd, struct airstore_oauthd_reply **ret_reply,
    struct airstore_oauthd_error **ret_error);

/* Has the daemon look whether anything is wrong, with the server and the key of the profile among
 * other things, which takes some seconds at most. Fills checks. */
int airstore_oauthd_diagnose(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* Fills settings. */
int airstore_oauthd_get_configuration(struct airstore_oauthd *oauthd,
    struct airstore_oauthd_reply **ret_reply, struct airstore_oauthd_error **ret_error);

/* ---- For programs with an event loop -------------------------------------------------------- */

/*
 * A descriptor to wait for; it stays the same for the life of the handle, which owns it. Returns
 * it, or negative errno.
 */
int airstore_oauthd_get_fd(struct airstore_oauthd *oauthd);

/* The poll() events to wait for: always POLLIN, since the descriptor stands for all calls in
 * flight, whatever each of them is waiting for. */
int airstore_oauthd_get_events(const struct airstore_oauthd *oauthd);

/*
 * Does what can be done without waiting, and calls handlers. Returns how many replies and errors
 * were handed out, or negative errno: -EBUSY when called from a handler.
 */
int airstore_oauthd_dispatch(struct airstore_oauthd *oauthd);

/* A call in flight. */
struct airstore_oauthd_call;

/*
 * Exactly one of reply and error is given; both are gone when the handler returns. An error, or a
 * reply with continues unset, is the last of the call, which is freed when the handler returns.
 * A handler may make calls, cancel this call or any other, and close the handle.
 */
typedef void (*airstore_oauthd_handler)(struct airstore_oauthd_call *call,
    const struct airstore_oauthd_reply *reply, const struct airstore_oauthd_error *error,
    void *userdata);

/*
 * Ends the call and frees it; its handler is not called any more. The daemon sees that nobody waits
 * any longer; what it has begun, it finishes. NULL is fine. Returns NULL.
 */
struct airstore_oauthd_call *airstore_oauthd_call_cancel(struct airstore_oauthd_call *call);

/*
 * Each is the method of the same name, and returns as soon as the call is on its way. *ret_call is
 * valid until the last reply was handed out; pass NULL when it will not be cancelled. On failure
 * nothing was asked and the handler will not be called.
 */
int airstore_oauthd_create_session_async(struct airstore_oauthd *oauthd,
    const char *integration_type, const char *workspace_id, const char *return_to, unsigned flags,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_get_session_async(struct airstore_oauthd *oauthd, const char *session_id,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
/* more: hand out the session as it is now and at every change, the completed one last. */
int airstore_oauthd_poll_async(struct airstore_oauthd *oauthd, const char *session_id,
    int64_t timeout_msec, int64_t interval_msec, bool more, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_list_sessions_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_cancel_session_async(struct airstore_oauthd *oauthd, const char *session_id,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_get_connection_async(struct airstore_oauthd *oauthd,
    const char *integration_type, const char *workspace_id, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_list_connections_async(struct airstore_oauthd *oauthd, const char *workspace_id,
    const char *integration_type, bool refresh, airstore_oauthd_handler handler, void *userdata,
    struct airstore_oauthd_call **ret_call);
int airstore_oauthd_create_connection_async(struct airstore_oauthd *oauthd,
    const char *integration_type, const char *workspace_id,
    const struct airstore_oauthd_credentials *credentials, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_delete_connection_async(struct airstore_oauthd *oauthd,
    const char *connection_id, const char *workspace_id, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_list_integrations_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_get_status_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_check_api_key_async(struct airstore_oauthd *oauthd, const char *api_key,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_store_api_key_async(struct airstore_oauthd *oauthd, const char *api_key,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_forget_api_key_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_diagnose_async(struct airstore_oauthd *oauthd, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_reload_async(struct airstore_oauthd *oauthd, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call);
int airstore_oauthd_get_configuration_async(struct airstore_oauthd *oauthd,
    airstore_oauthd_handler handler, void *userdata, struct airstore_oauthd_call **ret_call);

/*
 * Everything that the daemon knows, one thing a reply, then a reply with nothing in it, then every
 * change as it happens, until the call is cancelled or the daemon leaves (-ECONNRESET).
 * Fills session, connection or deleted_connection_id.
 */
int airstore_oauthd_watch_async(struct airstore_oauthd *oauthd, airstore_oauthd_handler handler,
    void *userdata, struct airstore_oauthd_call **ret_call);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

/* SPDX-License-Identifier: MIT */

/*
 * libmicrohttpd as the daemon is linked with it: the functions that are used, under their own
 * names, so that nobody notices that the library is loaded by MHD_start_daemon() (see library.h).
 * Nothing else here may be called before that has succeeded.
 */

#include "daemon/net/library.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <stdbool.h>

#define FILE_NAME "libmicrohttpd.so.12"

#define FUNCTIONS(F)                                                                               \
    F(MHD_add_response_header)                                                                     \
    F(MHD_create_response_from_buffer)                                                             \
    F(MHD_destroy_response)                                                                        \
    F(MHD_get_connection_info)                                                                     \
    F(MHD_get_connection_values)                                                                   \
    F(MHD_get_daemon_info)                                                                         \
    F(MHD_get_timeout)                                                                             \
    F(MHD_lookup_connection_value)                                                                 \
    F(MHD_lookup_connection_value_n)                                                               \
    F(MHD_queue_response)                                                                          \
    F(MHD_resume_connection)                                                                       \
    F(MHD_run_wait)                                                                                \
    F(MHD_start_daemon_va)                                                                         \
    F(MHD_stop_daemon)                                                                             \
    F(MHD_suspend_connection)

#define POINTER(name) static __typeof__(name) *real_##name;
FUNCTIONS(POINTER)

static bool loaded;

struct MHD_Daemon *MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept,
    void *accept_data, MHD_AccessHandlerCallback handler, void *handler_data, ...)
{
#define FUNCTION(name) {#name, (void **)&real_##name},
    static const struct library_function functions[] = {FUNCTIONS(FUNCTION)};
    va_list options;

    if (!loaded)
        loaded = library_load(FILE_NAME, functions, ARRAY_SIZE(functions)) >= 0;
    if (!loaded) {
        errno = ELIBACC;
        return NULL;
    }
    va_start(options, handler_data);
    struct MHD_Daemon *started =
        real_MHD_start_daemon_va(flags, port, accept, accept_data, handler, handler_data, options);
    va_end(options);
    return started;
}

void MHD_stop_daemon(struct MHD_Daemon *daemon)
{
    real_MHD_stop_daemon(daemon);
}

/* None of those that are asked for here takes another argument. */
const union MHD_ConnectionInfo *MHD_get_connection_info(
    struct MHD_Connection *connection, enum MHD_ConnectionInfoType type, ...)
{
    return real_MHD_get_connection_info(connection, type);
}

const union MHD_DaemonInfo *MHD_get_daemon_info(
    struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...)
{
    return real_MHD_get_daemon_info(daemon, type);
}

enum MHD_Result MHD_get_timeout(struct MHD_Daemon *daemon, MHD_UNSIGNED_LONG_LONG *timeout)
{
    return real_MHD_get_timeout(daemon, timeout);
}

enum MHD_Result MHD_run_wait(struct MHD_Daemon *daemon, int32_t msec)
{
    return real_MHD_run_wait(daemon, msec);
}

void MHD_suspend_connection(struct MHD_Connection *connection)
{
    real_MHD_suspend_connection(connection);
}

void MHD_resume_connection(struct MHD_Connection *connection)
{
    real_MHD_resume_connection(connection);
}

int MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind,
    MHD_KeyValueIterator iterator, void *data)
{
    return real_MHD_get_connection_values(connection, kind, iterator, data);
}

const char *MHD_lookup_connection_value(
    struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key)
{
    return real_MHD_lookup_connection_value(connection, kind, key);
}

enum MHD_Result MHD_lookup_connection_value_n(struct MHD_Connection *connection,
    enum MHD_ValueKind kind, const char *key, size_t key_size, const char **ret, size_t *ret_size)
{
    return real_MHD_lookup_connection_value_n(connection, kind, key, key_size, ret, ret_size);
}

struct MHD_Response *MHD_create_response_from_buffer(
    size_t size, void *data, enum MHD_ResponseMemoryMode mode)
{
    return real_MHD_create_response_from_buffer(size, data, mode);
}

enum MHD_Result MHD_add_response_header(
    struct MHD_Response *response, const char *name, const char *value)
{
    return real_MHD_add_response_header(response, name, value);
}

enum MHD_Result MHD_queue_response(
    struct MHD_Connection *connection, unsigned status, struct MHD_Response *response)
{
    return real_MHD_queue_response(connection, status, response);
}

void MHD_destroy_response(struct MHD_Response *response)
{
    real_MHD_destroy_response(response);
}

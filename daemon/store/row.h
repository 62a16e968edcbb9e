/* SPDX-License-Identifier: MIT */
#pragma once

/* Sessions and connections as rows of the database: their columns are those of store.c's schema,
 * in that order. The file may have been written by anybody, so what is read is looked at. */

#include "daemon/session.h"
#include "lib/api/response.h"

#include <sqlite3.h>

/* Texts are borrowed until the statement has run. NULL stays NULL. */
void row_bind_text(sqlite3_stmt *statement, int column, const char *text_or_null);
void row_bind_session(sqlite3_stmt *statement, const struct session *session);
void row_bind_connection(sqlite3_stmt *statement, const struct api_connection *connection);

/* Return what the caller frees; NULL when the row makes no sense, or there is no memory. */
struct session *row_read_session(sqlite3_stmt *row);
struct api_connection *row_read_connection(sqlite3_stmt *row);

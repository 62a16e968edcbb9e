/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which URLs we are willing to use. There is no URL parser here: a URL is either of a plain shape
 * that no parser can misunderstand, or it is refused.
 */

#include <stdbool.h>

/* No URL of ours is longer. */
#define URL_LENGTH_MAX 8192

/*
 * For URLs that a credential is sent to and URLs that a browser is told to open: https://, or
 * http:// to this very machine (127.0.0.1, [::1] or localhost). Without user names, backslashes,
 * spaces or control characters. Returns NULL when the URL is fine, else what is wrong with it: a
 * static text that fits behind "the URL ".
 */
const char *url_problem(const char *url);

/* The same, but http:// may lead to any host: for where a browser is sent once all is done. */
const char *url_problem_any_host(const char *url);

/* Whether the URL, which url_problem_any_host() has found fine, leads to this very machine. */
bool url_is_loopback(const char *url);

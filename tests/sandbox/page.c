/* SPDX-License-Identifier: MIT */
#include "tests/sandbox/page.h"

#include <errno.h>

static const char style[] =
    ":root{color-scheme:light dark;--line:#d5d9df;--card:#fff;--page:#f3f4f6;--muted:#5b6470}"
    "@media(prefers-color-scheme:dark){"
    ":root{--line:#3a404a;--card:#1e2228;--page:#14171b;--muted:#a0a8b4}}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--page);"
    "font:16px/1.5 system-ui,sans-serif}"
    "main{box-sizing:border-box;width:min(30rem,100% - 2rem);padding:2rem;background:var(--card);"
    "border:1px solid var(--line);border-radius:12px}"
    "h1{margin:0 0 .75rem;font-size:1.35rem;line-height:1.3}"
    "code{overflow-wrap:anywhere}"
    "form{display:flex;gap:.75rem;margin:1.5rem 0 0}"
    "button{flex:1;padding:.7rem;font:inherit;font-weight:600;color:inherit;background:none;"
    "border:1px solid var(--line);border-radius:8px;cursor:pointer}"
    "#approve{color:#fff;background:#1f6f43;border-color:#1f6f43}"
    "footer{margin-top:1.5rem;padding-top:1rem;border-top:1px solid var(--line);"
    "font-size:.875rem;color:var(--muted)}";

/* No form-action: browsers apply it to the redirects behind a form too, and ours lead elsewhere. */
static const char policy[] =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

int page_write(struct http_reply *reply, unsigned status, const char *title, const char *content)
{
    int r;

    buffer_clear(&reply->body);
    r = buffer_printf(&reply->body,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n%s"
        "<footer>This is the Airstore sandbox, a stand-in. No real account is involved."
        "</footer>\n</main>\n</body>\n</html>\n",
        title, style, title, content);
    if (r < 0)
        return r;
    reply->status = status;

    if (http_reply_header(reply, MHD_HTTP_HEADER_CONTENT_TYPE, "text/html; charset=utf-8") < 0 ||
        http_reply_header(reply, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") < 0 ||
        http_reply_header(reply, "Content-Security-Policy", policy) < 0 ||
        http_reply_header(reply, "Referrer-Policy", "no-referrer") < 0)
        return -ENOMEM;
    return 0;
}

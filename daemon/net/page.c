/* SPDX-License-Identifier: MIT */
#include "daemon/net/page.h"
#include "lib/base/random.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

/* How long until a page that cannot say the outcome yet asks again. */
#define REFRESH_SEC "2"

static const char style[] =
    ":root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--text:#1b1f24;--soft:#5b6470;"
    "--good:#1a7f4b;--wait:#8a6100;--bad:#b3261e}"
    "@media(prefers-color-scheme:dark){:root{--back:#15181c;--card:#1f2429;--text:#e8eaed;"
    "--soft:#a8b0ba;--good:#4cc38a;--wait:#e0b34d;--bad:#ff8a80}}"
    "*{box-sizing:border-box}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;"
    "background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif}"
    "main{max-width:28rem;width:100%;background:var(--card);border-radius:1rem;padding:2rem 1.5rem;"
    "text-align:center;box-shadow:0 1px 4px rgb(0 0 0/.15)}"
    ".mark{width:3.5rem;height:3.5rem;margin:0 auto 1rem;border-radius:50%;display:grid;"
    "place-items:center;font-size:1.75rem;font-weight:700;color:var(--card);background:var(--mark)}"
    ".connected{--mark:var(--good)}.finishing{--mark:var(--wait)}.failed{--mark:var(--bad)}"
    "h1{font-size:1.4rem;line-height:1.3;margin:0 0 .75rem;overflow-wrap:anywhere}"
    "p{margin:.5rem 0;overflow-wrap:anywhere}"
    ".soft{color:var(--soft)}";

static const struct {
    const char *class, *mark;
    const char *title; /* the integration's name goes in front */
    const char *next;
} texts[] = {
    [PAGE_CONNECTED] = {"connected", "\xe2\x9c\x93", "is connected",
        "You can close this tab and go back to what you were doing."},
    [PAGE_FINISHING] = {"finishing", "\xe2\x80\xa6", "is being connected",
        "Airstore is still finishing. This page looks again by itself."},
    [PAGE_FAILED] = {"failed", "!", "was not connected",
        "You can close this tab. To try again, start over where you came from."},
};

static int append_escaped(struct buffer *html, const char *text)
{
    int r = 0;

    for (; r >= 0 && *text; text++) {
        switch (*text) {
        case '&':
            r = buffer_append_string(html, "&amp;");
            break;
        case '<':
            r = buffer_append_string(html, "&lt;");
            break;
        case '>':
            r = buffer_append_string(html, "&gt;");
            break;
        case '"':
            r = buffer_append_string(html, "&quot;");
            break;
        case '\'':
            r = buffer_append_string(html, "&#39;");
            break;
        default:
            r = buffer_append(html, text, 1);
        }
    }
    return r;
}

/* The style is allowed by a number that nobody can know beforehand; nothing else is allowed at all.
 */
static void make_policy(char policy[static PAGE_POLICY_SIZE], char nonce[static 33])
{
    uint64_t random[2] = {0};

    random_fill(random, sizeof(random));
    snprintf(
        nonce, 33, "%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
    snprintf(policy, PAGE_POLICY_SIZE,
        "default-src 'none'; style-src 'nonce-%s'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
        nonce);
}

static int append_head(struct buffer *html, const struct page *page, const char *nonce)
{
    int r = buffer_append_string(html,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<meta name=\"robots\" content=\"noindex\">");

    if (r >= 0 && page->outcome == PAGE_FINISHING)
        r = buffer_append_string(html, "<meta http-equiv=\"refresh\" content=\"" REFRESH_SEC "\">");
    if (r >= 0)
        r = buffer_append_string(html, "<title>");
    if (r >= 0)
        r = append_escaped(html, page->integration_name);
    if (r >= 0)
        r = buffer_printf(html, " %s</title><style nonce=\"%s\">%s</style></head>",
            texts[page->outcome].title, nonce, style);
    return r;
}

static int append_paragraph(
    struct buffer *html, const char *class, const char *before, const char *text)
{
    int r = buffer_printf(html, "<p class=\"%s\">%s", class, before);

    if (r >= 0)
        r = append_escaped(html, text);
    return r < 0 ? r : buffer_append_string(html, "</p>");
}

int page_render(const struct page *page, struct buffer *html, char policy[static PAGE_POLICY_SIZE])
{
    char nonce[33];

    make_policy(policy, nonce);
    int r = append_head(html, page, nonce);
    if (r >= 0)
        r = buffer_printf(html,
            "<body><main class=\"%s\" role=\"status\"><div class=\"mark\" "
            "aria-hidden=\"true\">%s</div><h1>",
            texts[page->outcome].class, texts[page->outcome].mark);
    if (r >= 0)
        r = append_escaped(html, page->integration_name);
    if (r >= 0)
        r = buffer_printf(html, " %s</h1>", texts[page->outcome].title);
    if (r >= 0 && page->reason)
        r = append_paragraph(html, "reason", "Why: ", page->reason);
    if (r >= 0)
        r = append_paragraph(html, "next", "", texts[page->outcome].next);
    if (r >= 0 && page->workspace_id)
        r = append_paragraph(html, "soft", "Airstore workspace: ", page->workspace_id);
    if (r >= 0)
        r = buffer_append_string(html, "</main></body></html>\n");
    return r;
}

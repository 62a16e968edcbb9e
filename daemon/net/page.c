/* SPDX-License-Identifier: MIT */
#include "daemon/net/page.h"

#include "daemon/net/page-texts.h"
#include "daemon/page-style.h"
#include "lib/base/random.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* As much of others' words as is shown. */
#define WORDS_MAX 400

/* Drawn on 24 by 24. Without blanks, so that they can be part of a data: URL as they are. */
#define CHECK "M6.5,12.6l3.7,3.7L17.6,8.9"
#define DOTS "M6.5,12h.01M12,12h.01M17.5,12h.01"
#define CROSS "M8,8l8,8M16,8l-8,8"
#define CLOCK "M12,6.5v6l3.7,2.2"
#define QUESTION "M9.2,9.3a2.9,2.9,0,1,1,4,2.6c-.8,.4-1.2,.9-1.2,1.9M12,17.2h.01"
#define DASH "M7.5,12h9"

static const struct {
    const char *class, *drawing;
    const char *icon_colour; /* the class's in page.css, light, for the tab */
    enum page_text title, explanation, next, said;
} outcomes[PAGE_OUTCOMES] = {
    [PAGE_CONNECTED] = {"good", CHECK, "1a7f45", PAGE_TEXT_TITLE_CONNECTED, PAGE_TEXT_CONNECTED,
        PAGE_TEXT_NEXT_CONNECTED, PAGE_TEXT_DETAILS},
    [PAGE_FINISHING] = {"wait", DOTS, "8a5a00", PAGE_TEXT_TITLE_FINISHING, PAGE_TEXT_FINISHING,
        PAGE_TEXT_NEXT_FINISHING, PAGE_TEXT_DETAILS},
    [PAGE_DENIED] = {"bad", CROSS, "b3261e", PAGE_TEXT_TITLE_FAILED, PAGE_TEXT_DENIED,
        PAGE_TEXT_NEXT_FAILED, PAGE_TEXT_AIRSTORE_SAID},
    [PAGE_EXPIRED] = {"bad", CLOCK, "b3261e", PAGE_TEXT_TITLE_FAILED, PAGE_TEXT_EXPIRED,
        PAGE_TEXT_NEXT_FAILED, PAGE_TEXT_DETAILS},
    [PAGE_CANCELLED] = {"bad", CROSS, "b3261e", PAGE_TEXT_TITLE_FAILED, PAGE_TEXT_CANCELLED,
        PAGE_TEXT_NEXT_FAILED, PAGE_TEXT_DETAILS},
    [PAGE_UNKNOWN] = {"unsure", QUESTION, "57606a", PAGE_TEXT_TITLE_UNKNOWN, PAGE_TEXT_UNKNOWN,
        PAGE_TEXT_NEXT_UNKNOWN, PAGE_TEXT_DETAILS},
    [PAGE_GONE] = {"unsure", DASH, "57606a", PAGE_TEXT_TITLE_GONE, PAGE_TEXT_GONE,
        PAGE_TEXT_NEXT_GONE, PAGE_TEXT_DETAILS},
};

/* White can be read on each of them, in light and in dark. */
static const char *const tile_colours[] = {
    "#a63d2f", "#855600", "#4d6b1f", "#1a7355", "#1b6a86", "#2f5fb3", "#6a4fb3", "#a03a78"};

/* Writing: after the first failure nothing more is written. */

struct writer {
    const struct page *page;
    struct buffer *html;
    int r;
};

static void put_bytes(struct writer *writer, const char *text, size_t size)
{
    if (writer->r >= 0)
        writer->r = buffer_append(writer->html, text, size);
}

static void put(struct writer *writer, const char *markup)
{
    put_bytes(writer, markup, strlen(markup));
}

static void put_escaped(struct writer *writer, const char *text, size_t size)
{
    for (; size > 0; text++, size--) {
        switch (*text) {
        case '&':
            put(writer, "&amp;");
            break;
        case '<':
            put(writer, "&lt;");
            break;
        case '>':
            put(writer, "&gt;");
            break;
        case '"':
            put(writer, "&quot;");
            break;
        case '\'':
            put(writer, "&#39;");
            break;
        default:
            put_bytes(writer, iscntrl((unsigned char)*text) ? " " : text, 1);
        }
    }
}

static void put_text(struct writer *writer, enum page_text text)
{
    put(writer, page_text(writer->page->language, text));
}

/* What is not ours stands for itself: it neither turns the sentence around it (bidi), nor is it
 * translated. */
static void put_foreign(struct writer *writer, const char *text, size_t size)
{
    put(writer, "<bdi translate=\"no\">");
    put_escaped(writer, text, size);
    put(writer, "</bdi>");
}

static void put_title(struct writer *writer, bool markup)
{
    const char *title = page_text(writer->page->language, outcomes[writer->page->outcome].title);
    const char *place = strstr(title, PAGE_TEXT_NAME), *name = writer->page->integration_name;

    if (!place) {
        put(writer, title);
        return;
    }
    put_bytes(writer, title, (size_t)(place - title));
    if (markup)
        put_foreign(writer, name, strlen(name));
    else
        put_escaped(writer, name, strlen(name));
    put(writer, place + strlen(PAGE_TEXT_NAME));
}

/* The integration's mark: the first letters of its words, on a colour that follows from its name.
 */

static void put_initials(struct writer *writer, const char *name)
{
    bool begins = true;
    int n = 0;

    for (; *name && n < 2; name++) {
        char letter = (char)toupper((unsigned char)*name);
        if (begins && isalnum((unsigned char)*name)) {
            put_bytes(writer, &letter, 1);
            n++;
        }
        begins = strchr(" -_", *name) != NULL;
    }
}

static const char *tile_colour(const char *name)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    return tile_colours[hash % ARRAY_SIZE(tile_colours)];
}

static void put_mark(struct writer *writer)
{
    const struct page *page = writer->page;

    put(writer, "<div class=\"mark\" aria-hidden=\"true\">");
    if (page->integration_name) {
        put(writer, "<span class=\"tile\">");
        put_initials(writer, page->integration_name);
        put(writer, "</span>");
    }
    put(writer, "<svg class=\"badge\" viewBox=\"0 0 24 24\"><path d=\"");
    put(writer, outcomes[page->outcome].drawing);
    put(writer, "\"/></svg></div>");
}

/* The parts of the page */

/* The same mark for the tab. */
static void put_icon(struct writer *writer)
{
    put(writer, "<link rel=\"icon\" href=\"data:image/svg+xml,"
                "%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2024%2024'%3E"
                "%3Ccircle%20cx='12'%20cy='12'%20r='12'%20fill='%23");
    put(writer, outcomes[writer->page->outcome].icon_colour);
    put(writer, "'/%3E%3Cpath%20fill='none'%20stroke='%23fff'%20stroke-width='2.5'%20"
                "stroke-linecap='round'%20stroke-linejoin='round'%20d='");
    put(writer, outcomes[writer->page->outcome].drawing);
    put(writer, "'/%3E%3C/svg%3E\">");
}

static void put_head(struct writer *writer, const char *nonce)
{
    const struct page *page = writer->page;
    char again[64] = "";

    if (page->outcome == PAGE_FINISHING)
        snprintf(again, sizeof(again),
            "<meta http-equiv=\"refresh\" content=\"%u;url=?" PAGE_AGAIN "\">", page->again_sec);
    put(writer, "<!doctype html>\n<html lang=\"");
    put(writer, language_tag(page->language));
    put(writer, "\"><head><meta charset=\"utf-8\">"
                "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                "<meta name=\"robots\" content=\"noindex\">");
    put(writer, again);
    put(writer, "<title>");
    put_title(writer, false);
    put(writer, "</title>");
    put_icon(writer);
    put(writer, "<style nonce=\"");
    put(writer, nonce);
    put(writer, "\">");
    put(writer, page_style);
    if (page->integration_name) {
        put(writer, ":root{--tile:");
        put(writer, tile_colour(page->integration_name));
        put(writer, "}");
    }
    put(writer, "</style></head>\n");
}

/* As many whole characters of UTF-8 as fit. */
static size_t fitting(const char *text)
{
    size_t size = strnlen(text, WORDS_MAX + 1);

    if (size <= WORDS_MAX)
        return size;
    for (size = WORDS_MAX; size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80;)
        size--;
    return size;
}

static void put_fact(
    struct writer *writer, enum page_text label, const char *attributes, const char *fact)
{
    if (!fact)
        return;
    put(writer, "<div><dt>");
    put_text(writer, label);
    put(writer, "</dt><dd");
    put(writer, attributes);
    put(writer, ">");
    put_foreign(writer, fact, fitting(fact));
    put(writer, fact[fitting(fact)] ? "\u2026</dd></div>" : "</dd></div>");
}

static void put_facts(struct writer *writer)
{
    const struct page *page = writer->page;

    if (!page->words && !page->workspace_id)
        return;
    put(writer, "<dl>");
    put_fact(writer, outcomes[page->outcome].said, " lang=\"en\"", page->words);
    put_fact(writer, PAGE_TEXT_WORKSPACE, "", page->workspace_id);
    put(writer, "</dl>");
}

static void put_body(struct writer *writer)
{
    const struct page *page = writer->page;

    put(writer, "<body class=\"");
    put(writer, outcomes[page->outcome].class);
    put(writer, "\">\n<main>");
    put_mark(writer);
    put(writer, "<h1>");
    put_title(writer, true);
    put(writer, "</h1>\n<p role=\"status\">");
    put_text(writer, outcomes[page->outcome].explanation);
    put(writer, "</p>\n<p class=\"next\">");
    put_text(writer, outcomes[page->outcome].next);
    put(writer, "</p>\n");
    if (page->outcome == PAGE_FINISHING) {
        put(writer, "<p><a href=\"?" PAGE_AGAIN "\">");
        put_text(writer, PAGE_TEXT_LOOK_AGAIN);
        put(writer, "</a></p>\n");
    }
    if (page->command) {
        put(writer, "<p class=\"label\">");
        put_text(writer, PAGE_TEXT_IN_A_TERMINAL);
        put(writer, "</p><code translate=\"no\">");
        put_escaped(writer, page->command, strlen(page->command));
        put(writer, "</code>\n");
    }
    put_facts(writer);
    put(writer, "</main>\n<footer>");
    put_text(writer, PAGE_TEXT_ORIGIN);
    put(writer, "</footer></body></html>\n");
}

/* The style is allowed by a number that nobody can know beforehand, the tab's icon because it is
 * part of the page; nothing else is allowed at all. */
static void make_policy(char policy[static PAGE_POLICY_SIZE], char nonce[static 33])
{
    uint64_t random[2] = {0};

    random_fill(random, sizeof(random));
    snprintf(
        nonce, 33, "%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
    snprintf(policy, PAGE_POLICY_SIZE,
        "default-src 'none'; style-src 'nonce-%s'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
        nonce);
}

int page_render(const struct page *page, struct buffer *html, char policy[static PAGE_POLICY_SIZE])
{
    struct writer writer = {.page = page, .html = html};
    char nonce[33];

    make_policy(policy, nonce);
    put_head(&writer, nonce);
    put_body(&writer);
    return writer.r;
}

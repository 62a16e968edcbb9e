/* SPDX-License-Identifier: MIT */
#pragma once

/* Doubly linked lists through two members, `previous` and `next`, of the items themselves. A list
 * is a pointer to its first item. */

#define LIST_ADD(first, item)                                                                      \
    do {                                                                                           \
        __typeof__(item) _item = (item);                                                           \
        _item->previous = NULL;                                                                    \
        _item->next = (first);                                                                     \
        if (_item->next)                                                                           \
            _item->next->previous = _item;                                                         \
        (first) = _item;                                                                           \
    } while (0)

#define LIST_REMOVE(first, item)                                                                   \
    do {                                                                                           \
        __typeof__(item) _item = (item);                                                           \
        if (_item->previous)                                                                       \
            _item->previous->next = _item->next;                                                   \
        else                                                                                       \
            (first) = _item->next;                                                                 \
        if (_item->next)                                                                           \
            _item->next->previous = _item->previous;                                               \
        _item->previous = _item->next = NULL;                                                      \
    } while (0)

#define LIST_FOREACH(item, first)                                                                  \
    for (__typeof__((first) + 0) item = (first); (item); (item) = (item)->next)

/* The current item, and no other, may be removed inside. */
#define LIST_FOREACH_SAFE(item, first)                                                             \
    for (__typeof__((first) + 0) item = (first), _next_##item = (item) ? (item)->next : NULL;      \
         (item); (item) = _next_##item, _next_##item = (item) ? (item)->next : NULL)

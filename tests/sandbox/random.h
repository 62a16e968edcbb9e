/* SPDX-License-Identifier: MIT */
#pragma once

/* Identifiers that nobody can guess, in the two shapes that Airstore uses. */

#define UUID_SIZE 37  /* "f81d4fae-7dec-41d0-a765-00a0c91e6bf6" and its NUL */
#define TOKEN_SIZE 33 /* 32 hexadecimal digits and the NUL */

void random_uuid(char text[static UUID_SIZE]);
void random_token(char text[static TOKEN_SIZE]);

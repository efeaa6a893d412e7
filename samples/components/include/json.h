// JSON, as much as reading a member of a flat object needs.
#pragma once
#include "cbor.h"

static size_t json_past_blanks(text from, size_t at)
{
    while (at < from.length && (from.at[at] == ' ' || from.at[at] == '\n' || from.at[at] == '\r' || from.at[at] == '\t')) {
        at++;
    }
    return at;
}

static size_t json_past_text(text from, size_t at)
{
    for (at++; at < from.length && from.at[at] != '"'; at++) {
        at += from.at[at] == '\\';
    }
    return at + 1;
}

// A member of the outermost object: the characters of a text, or of a number or word as they stand; empty when there is none.
static text json_member(text from, text name)
{
    int depth = 0;
    for (size_t at = 0; at < from.length; at++) {
        char character = from.at[at];
        if (character == '{' || character == '[') {
            depth++;
        } else if (character == '}' || character == ']') {
            depth--;
        } else if (character == '"') {
            size_t end = json_past_text(from, at);
            size_t colon = json_past_blanks(from, end);
            if (depth == 1 && end <= from.length && same((text){ from.at + at + 1, end - at - 2 }, name) && colon < from.length && from.at[colon] == ':') {
                size_t start = json_past_blanks(from, colon + 1);
                size_t stop = start;
                if (start < from.length && from.at[start] == '"') {
                    stop = json_past_text(from, start++) - 1;
                } else {
                    while (stop < from.length && from.at[stop] != ',' && from.at[stop] != '}' && from.at[stop] != '\n' && from.at[stop] != ' ') {
                        stop++;
                    }
                }
                return stop <= from.length ? (text){ from.at + start, stop - start } : (text){ 0 };
            }
            at = end - 1;
        }
    }
    return (text){ 0 };
}

// Greets whoever writes, in the language of the message.
#include "component.h"

static const struct { text language, greeting, question; } WORDS[] = {
    { TEXT_OF("en"), TEXT_OF("Hello"), TEXT_OF("Hello. What is your name?") },
    { TEXT_OF("de"), TEXT_OF("Hallo"), TEXT_OF("Hallo. Wie heißt du?") },
    { TEXT_OF("fr"), TEXT_OF("Bonjour"), TEXT_OF("Bonjour. Comment vous appelez-vous ?") },
    { TEXT_OF("nl"), TEXT_OF("Dag"), TEXT_OF("Dag. Hoe heet je?") },
};

static int language_of(text locale)
{
    for (int i = 0; locale.length >= 2 && i < (int)(sizeof WORDS / sizeof *WORDS); i++) {
        if (same(WORDS[i].language, (text){ locale.at, 2 })) {
            return i;
        }
    }
    return 0;
}

static text trimmed(text name)
{
    while (name.length > 0 && name.at[0] == ' ') {
        name = (text){ name.at + 1, name.length - 1 };
    }
    while (name.length > 0 && name.at[name.length - 1] == ' ') {
        name.length--;
    }
    return name;
}

static answer handle(const call *it)
{
    if (!same(it->op, TEXT("greet"))) {
        return fail(TEXT("unsupported_operation"), TEXT("the only operation is greet"), false);
    }
    int language = language_of(it->ctx.locale);
    text name = trimmed(cbor_text_of(it->payload, TEXT("name")));
    text revision = cbor_text_of(it->payload, TEXT("revision"));
    output said = { 0 };
    if (name.length == 0) {
        put_text(&said, WORDS[language].question);
    } else {
        put_text(&said, WORDS[language].greeting);
        put_text(&said, TEXT(", "));
        put_text(&said, name);
        put_text(&said, TEXT("."));
    }
    if (revision.length > 0) {
        put_text(&said, TEXT(" I am revision "));
        put_text(&said, revision);
        put_text(&said, TEXT("."));
    }
    output payload = { 0 };
    cbor_map(&payload, 1);
    cbor_member(&payload, TEXT("text"), written(&said));
    return reply(&payload);
}

COMPONENT("samples.greeter", "0.1.0", "Greets whoever writes, in the language of the message", OPERATION("greet", "Greets by name"))

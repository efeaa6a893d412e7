// Asks a service for the weather and answers with an adaptive card.
#include "component.h"
#include "http.h"
#include "json.h"

static void block(output *to, text value, text size)
{
    cbor_map(to, 4);
    cbor_member(to, TEXT("type"), TEXT("TextBlock"));
    cbor_member(to, TEXT("text"), value);
    cbor_member(to, TEXT("size"), size);
    cbor_text(to, TEXT("wrap"));
    put(to, "\xf5", 1); // true
}

static void card(output *to, text city, text weather)
{
    cbor_map(to, 4);
    cbor_member(to, TEXT("type"), TEXT("AdaptiveCard"));
    cbor_member(to, TEXT("version"), TEXT("1.5"));
    cbor_text(to, TEXT("body"));
    cbor_array(to, 2);
    block(to, city, TEXT("Large"));
    block(to, weather, TEXT("Default"));
    cbor_text(to, TEXT("actions"));
    cbor_array(to, 1);
    cbor_map(to, 3);
    cbor_member(to, TEXT("type"), TEXT("Action.Submit"));
    cbor_member(to, TEXT("title"), TEXT("Refresh"));
    cbor_text(to, TEXT("data"));
    cbor_map(to, 1);
    cbor_member(to, TEXT("text"), city);
}

static answer shown(text city, text sky, text degrees)
{
    output weather = { 0 };
    put_text(&weather, sky);
    put_text(&weather, TEXT(", "));
    put_text(&weather, degrees);
    put_text(&weather, TEXT(" °C"));
    output line = { 0 };
    put_text(&line, city);
    put_text(&line, TEXT(": "));
    put_text(&line, written(&weather));
    output payload = { 0 };
    cbor_map(&payload, 2);
    cbor_member(&payload, TEXT("text"), written(&line));
    cbor_text(&payload, TEXT("renderedCard"));
    card(&payload, city, written(&weather));
    return reply(&payload);
}

// SERVICE/city.json: the city is what somebody wrote, so it must not become more than one segment of a path.
static text url_of(text service, text city)
{
    output url = { 0 };
    put_text(&url, service);
    put_text(&url, TEXT("/"));
    for (size_t i = 0; i < city.length; i++) {
        uint8_t character = (uint8_t)city.at[i];
        character |= character >= 'A' && character <= 'Z' ? 0x20 : 0;
        if ((character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '-') {
            put(&url, &character, 1);
        } else {
            put(&url, (char[]){ '%', "0123456789ABCDEF"[character >> 4], "0123456789ABCDEF"[character & 15] }, 3);
        }
    }
    put_text(&url, TEXT(".json"));
    return written(&url);
}

static answer handle(const call *it)
{
    text service = cbor_text_of(it->payload, TEXT("service"));
    text wanted = cbor_text_of(it->payload, TEXT("city"));
    if (!same(it->op, TEXT("card")) || service.length == 0 || wanted.length == 0) {
        return fail(TEXT("invalid_input"), TEXT("the only operation is card, and its input has a service and a city"), false);
    }
    http_result got;
    http_client_send(
        &(http_send_arguments){ .request = { .method = TEXT("GET"), .url = url_of(service, wanted) }, .options = { true, { .timeout_ms = { true, 5000 } } } },
        &got);
    if (got.is_error) {
        return fail(got.error.code, got.error.message, same(got.error.code, TEXT("unavailable")));
    }
    if (got.response.status != 200 || !got.response.body.is) {
        output why = { 0 };
        put_text(&why, TEXT("the weather service answered "));
        put_number(&why, got.response.status);
        return fail(TEXT("no_weather"), written(&why), false);
    }
    text json = { (const char *)got.response.body.value.at, got.response.body.value.length };
    text city = json_member(json, TEXT("city"));
    text sky = json_member(json, TEXT("sky"));
    text degrees = json_member(json, TEXT("temperature"));
    return city.length == 0 || sky.length == 0 || degrees.length == 0
        ? fail(TEXT("no_weather"), TEXT("the weather service answered without city, sky or temperature"), false)
        : shown(city, sky, degrees);
}

COMPONENT("samples.weather", "0.1.0", "Shows the weather as a card", OPERATION("card", "Asks the service for a city and makes a card"))

// A provider of the Telegram class for tests. It answers the operations as the recorded transcripts of the real one do, as far as the tests look;
// what it reads of JSON it finds by walking the text, and strings it copies as they are written, escapes included.
typedef unsigned int u32;
typedef unsigned char u8;
typedef struct { const u8 *at; u32 length; } text;

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("env", "realloc") void *reallocate(void *old, u32 old_size, u32 align, u32 size);
IMPORT("host", "send") void host_send(const void *arguments, void *result);
IMPORT("host", "get") void host_get(const u8 *key, u32 length, void *result);

void *memcpy(void *to, const void *from, unsigned long n) { for (unsigned long i = 0; i < n; i++) ((u8 *)to)[i] = ((const u8 *)from)[i]; return to; }
void *memset(void *to, int value, unsigned long n) { for (unsigned long i = 0; i < n; i++) ((u8 *)to)[i] = (u8)value; return to; }

static u32 size_of(const char *c) { u32 n = 0; while (c[n]) n++; return n; }
static text of(const char *c) { return (text){ (const u8 *)c, size_of(c) }; }
static int same(text a, const char *c) {
  u32 n = size_of(c);
  if (a.length != n) return 0;
  for (u32 i = 0; i < n; i++) if (a.at[i] != (u8)c[i]) return 0;
  return 1;
}
static int begins(text a, const char *c) { u32 n = size_of(c); return a.length >= n && same((text){ a.at, n }, c); }

// Output grows at the end of one buffer.
static u8 *out; static u32 out_length, out_room;
static void put(text t) {
  if (out_length + t.length > out_room) {
    u32 room = (out_length + t.length) * 2 + 4096;
    u8 *bigger = reallocate(0, 0, 1, room);
    memcpy(bigger, out, out_length);
    out = bigger; out_room = room;
  }
  memcpy(out + out_length, t.at, t.length);
  out_length += t.length;
}
static void puts_(const char *c) { put(of(c)); }
static text take(void) { text t = { out, out_length }; out = 0; out_length = out_room = 0; return t; }

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static void put_base64(text t) {
  for (u32 i = 0; i < t.length; i += 3) {
    u32 left = t.length - i, v = t.at[i] << 16 | (left > 1 ? t.at[i + 1] << 8 : 0) | (left > 2 ? t.at[i + 2] : 0);
    u8 four[4] = { digits[v >> 18 & 63], digits[v >> 12 & 63], left > 1 ? digits[v >> 6 & 63] : '=', left > 2 ? digits[v & 63] : '=' };
    put((text){ four, 4 });
  }
}
static int digit(u8 c) { for (int i = 0; i < 64; i++) if (digits[i] == c) return i; return -1; }
static text base64(text t) {
  u8 *bytes = reallocate(0, 0, 1, t.length + 4);
  u32 n = 0, v = 0; int bits = 0;
  for (u32 i = 0; i < t.length; i++) {
    // JSON may write the two letters that are neither letter nor number as escapes.
    u8 c = t.at[i];
    if (c == '\\' && i + 1 < t.length && t.at[i + 1] == '/') continue;
    if (c == '\\' && i + 5 < t.length && t.at[i + 1] == 'u') { c = t.at[i + 5] == 'B' || t.at[i + 5] == 'b' ? '+' : '/'; i += 5; }
    int d = digit(c);
    if (d < 0) continue;
    v = v << 6 | (u32)d; bits += 6;
    if (bits >= 8) { bits -= 8; bytes[n++] = (u8)(v >> bits); }
  }
  return (text){ bytes, n };
}

// JSON: the value that starts at i, and where it ends.
static u32 blank(text j, u32 i) { while (i < j.length && (j.at[i] == ' ' || j.at[i] == '\n' || j.at[i] == '\r' || j.at[i] == '\t')) i++; return i; }
static u32 skip(text j, u32 i) {
  i = blank(j, i);
  if (i >= j.length) return i;
  if (j.at[i] == '"') { for (i++; i < j.length && j.at[i] != '"'; i++) if (j.at[i] == '\\') i++; return i + 1; }
  if (j.at[i] == '{' || j.at[i] == '[') {
    int depth = 0;
    for (; i < j.length; i++) {
      if (j.at[i] == '"') { i = skip(j, i) - 1; continue; }
      if (j.at[i] == '{' || j.at[i] == '[') depth++;
      if (j.at[i] == '}' || j.at[i] == ']') if (--depth == 0) return i + 1;
    }
    return i;
  }
  while (i < j.length && j.at[i] != ',' && j.at[i] != '}' && j.at[i] != ']' && j.at[i] != ' ' && j.at[i] != '\n') i++;
  return i;
}
static text member(text j, const char *name) {
  u32 i = blank(j, 0);
  if (i >= j.length || j.at[i] != '{') return (text){ 0, 0 };
  for (i = blank(j, i + 1); i < j.length && j.at[i] == '"'; i = blank(j, i + 1)) {
    u32 end = skip(j, i);
    text key = { j.at + i + 1, end - i - 2 };
    u32 from = blank(j, blank(j, end) + 1), to = skip(j, from);
    if (same(key, name)) return (text){ j.at + from, to - from };
    i = blank(j, to);
    if (i >= j.length || j.at[i] != ',') break;
  }
  return (text){ 0, 0 };
}
static text inner(text value) { return value.length >= 2 && value.at[0] == '"' ? (text){ value.at + 1, value.length - 2 } : value; }
static text first(text array) { u32 from = blank(array, 1); return array.length < 2 || array.at[from] == ']' ? (text){ 0, 0 } : (text){ array.at + from, skip(array, from) - from }; }
static int find(text in, const char *what, u32 from) {
  u32 n = size_of(what);
  for (u32 i = from; i + n <= in.length; i++) if (same((text){ in.at + i, n }, what)) return (int)i;
  return -1;
}
static text until(text in, u32 from, const char *what) { int end = find(in, what, from); return end < 0 ? (text){ 0, 0 } : (text){ in.at + from, (u32)end - from }; }

static void put_text(text raw) { puts_("\""); put(raw); puts_("\""); }

// Stands for web chat as well: says what it was asked.
static text line(text input, const char *events) {
  puts_("{\"method\":"); put(member(input, "method")); puts_(",\"path\":"); put(member(input, "path")); puts_(",\"tenant\":"); put(member(input, "tenant_hint")); puts_("}");
  text body = take();
  puts_("{\"v\":1,\"status\":201,\"headers\":[],\"body_b64\":\""); put_base64(body); puts_("\",\"events\":"); puts_(events); puts_("}");
  return take();
}

static text ingest(text input) {
  if (find(inner(member(input, "path")), "/v3/directline/", 0) == 0) return line(input, "[]");
  text update = base64(inner(member(input, "body_b64")));
  text pressed = member(update, "callback_query");
  text message = member(pressed.length ? pressed : update, "message");
  if (!message.length) message = member(update, "edited_message");
  text chat = inner(member(member(message, "chat"), "id"));
  text sender = inner(member(member(pressed.length ? pressed : message, "from"), "id"));
  text said = inner(member(message, "text")), chosen = inner(member(pressed, "data"));
  if (begins(said, "trap")) __builtin_trap();
  puts_("{\"v\":1,\"status\":200,\"headers\":[[\"x-test-provider\",\"1\"]],\"body_b64\":\"");
  { u8 *kept = out; u32 length = out_length, room = out_room; out = 0; out_length = out_room = 0;
    puts_("{\"ok\":true,\"chat_id\":"); put_text(chat); puts_("}");
    text body = take(); out = kept; out_length = length; out_room = room; put_base64(body); }
  puts_("\",\"events\":[");
  if (chat.length) {
    puts_("{\"id\":\"telegram-telegram\",\"tenant\":{\"env\":\"default\",\"tenant\":\"default\",\"tenant_id\":\"default\",\"attempt\":0},\"channel\":\"telegram\",\"session_id\":");
    put_text(chat);
    puts_(",\"from\":{\"id\":"); put_text(sender.length ? sender : chat); puts_(",\"kind\":\"user\"},\"to\":[{\"id\":"); put_text(chat); puts_(",\"kind\":\"chat\"}],\"metadata\":{\"chat_id\":");
    put_text(chat); puts_(",\"from\":"); put_text(sender.length ? sender : chat); puts_(",\"universal\":\"true\"");
    if (pressed.length) {
      int at = find(chosen, "\\\"action\\\":\\\"", 0);
      if (at >= 0) { puts_(",\"action\":"); put_text(until(chosen, (u32)at + 13, "\\\"")); }
      puts_(",\"callback_data\":"); put_text(chosen);
      puts_("},\"text\":\"[callback:"); put(chosen); puts_("]\"}");
    } else { puts_("},\"text\":"); put_text(said); puts_("}"); }
  }
  puts_("]}");
  return take();
}

// What a card says, one line for each text, and its buttons in rows of three.
static text card_text(text card) {
  int some = 0;
  for (int i = find(card, "\\\"text\\\":\\\"", 0); i >= 0; i = find(card, "\\\"text\\\":\\\"", (u32)i + 1)) {
    text line = until(card, (u32)i + 11, "\\\"");
    if (!line.length) continue;
    if (some++) puts_("\\n");
    puts_("<b>"); put(line); puts_("</b>");
  }
  return take();
}
static void put_buttons(text card) {
  int some = 0;
  for (int i = find(card, "\\\"data\\\":{", 0); i >= 0; i = find(card, "\\\"data\\\":{", (u32)i + 1)) {
    int title = find(card, "\\\"title\\\":\\\"", (u32)i);
    text data = until(card, (u32)i + 9, "}");
    if (title < 0) break;
    puts_(some % 3 == 0 ? (some ? "],[" : ",\"parse_mode\":\"HTML\",\"reply_markup\":{\"inline_keyboard\":[[") : ",");
    puts_("{\"callback_data\":\""); put((text){ data.at, data.length + 1 }); puts_("\",\"text\":"); put_text(until(card, (u32)title + 12, "\\\"")); puts_("}");
    some++;
  }
  if (some) puts_("]]}");
}

static text encode(text input) {
  text message = member(input, "message"), card = inner(member(member(message, "metadata"), "adaptive_card")), said = inner(member(message, "text"));
  if (card.length) said = card_text(card);
  else if (!said.length) said = of("universal telegram payload");
  puts_("{\"id\":"); put(member(message, "id")); puts_(",\"session_id\":"); put(member(message, "session_id")); puts_(",\"to\":"); put(member(message, "to"));
  puts_(",\"metadata\":"); put(member(message, "metadata")); puts_(",\"text\":"); put_text(said); puts_("}");
  text body = take();
  puts_("{\"ok\":true,\"payload\":{\"content_type\":\"application/json\",\"metadata\":{},\"body_b64\":\""); put_base64(body); puts_("\"}}");
  return take();
}

static text failed(const char *member_name, text why, int retryable) {
  puts_("{\"ok\":false,\""); puts_(member_name); puts_("\":"); put_text(why); puts_(retryable ? ",\"retryable\":true}" : ",\"retryable\":false}");
  return take();
}
static text secret(const char *name) {
  u32 result[4];
  memset(result, 0, sizeof result);
  host_get((const u8 *)name, size_of(name), result);
  u8 *flags = (u8 *)result;
  return flags[0] == 0 && flags[4] == 1 ? (text){ (const u8 *)result[2], result[3] } : (text){ 0, 0 };
}

// Zero when the other side took it; else why it did not.
static text post(text base, text token, const char *method, text body, int *retryable) {
  put(base); puts_("/bot"); put(token); puts_("/"); puts_(method);
  text url = take();
  text field[2] = { of("Content-Type"), of("application/json") };
  struct { text method, url; text *fields; u32 count; u32 has_body; text body; u32 rest[7]; } call = { of("POST"), url, field, 1, 1, body, { 0 } };
  u32 result[8];
  memset(result, 0, sizeof result);
  host_send(&call, result);
  u8 *flags = (u8 *)result;
  *retryable = 1;
  if (flags[0] != 0) return (text){ (const u8 *)result[3], result[4] };
  u32 status = *(unsigned short *)(flags + 4);
  *retryable = status == 429 || status >= 500;
  return status < 300 ? (text){ 0, 0 } : of(status == 429 ? "429 too many requests" : status >= 500 ? "the api failed" : "the api refused");
}

static text send(text input) {
  if (!same(inner(member(input, "provider_type")), "messaging.telegram.bot")) return failed("message", of("provider type mismatch"), 0);
  text message = base64(inner(member(member(input, "payload"), "body_b64"))), config = member(message, "config"), base = of("https://api.telegram.org");
  if (config.length) {
    base = inner(member(config, "api_base_url"));
    if (!member(config, "public_base_url").length) return failed("message", of("invalid config: missing field `public_base_url`"), 0);
  }
  text token = secret("TELEGRAM_BOT_TOKEN");
  if (!token.length) return failed("message", of("missing secret TELEGRAM_BOT_TOKEN"), 0);
  puts_("{\"chat_id\":"); put(member(first(member(message, "to")), "id")); puts_(",\"text\":"); put(member(message, "text"));
  put_buttons(inner(member(member(message, "metadata"), "adaptive_card")));
  puts_("}");
  text body = take();
  int retryable = 0;
  text why = post(base, token, "sendMessage", body, &retryable);
  return why.length ? failed("message", why, retryable) : of("{\"ok\":true,\"message\":null,\"retryable\":false}");
}

static text set_up(text input) {
  text token = secret("TELEGRAM_BOT_TOKEN"), base = secret("TELEGRAM_API_BASE"), url = inner(member(input, "webhook_url")), shared = member(input, "secret_token");
  if (!token.length) return failed("error", of("missing secret TELEGRAM_BOT_TOKEN"), 0);
  if (!begins(url, "https://")) return failed("error", of("webhook_url must be an https:// URL"), 0);
  puts_("{\"allowed_updates\":[\"message\",\"callback_query\",\"edited_message\"]");
  if (shared.length) { puts_(",\"secret_token\":"); put(shared); }
  puts_(",\"url\":"); put_text(url); puts_("}");
  text body = take();
  int retryable = 0;
  text why = post(base.length ? base : of("https://api.telegram.org"), token, "setWebhook", body, &retryable);
  if (why.length) return failed("error", why, retryable);
  puts_("{\"ok\":true,\"description\":\"\",\"webhook_url\":"); put_text(url); puts_("}");
  return take();
}

EXPORT("invoke") text *invoke(const u8 *operation, u32 operation_length, const u8 *json, u32 length) {
  text op = { operation, operation_length }, input = { json, length };
  text *answer = reallocate(0, 0, 4, sizeof *answer);
  *answer = same(op, "ingest_http") ? ingest(input)
    : same(op, "render_plan") ? of("{\"ok\":true,\"plan\":{\"plan_json\":\"{\\\"tier\\\":\\\"TierD\\\",\\\"warnings\\\":[]}\"}}")
    : same(op, "encode") ? encode(input)
    : same(op, "send_payload") ? send(input)
    : same(op, "setup_webhook") ? set_up(input)
    : same(op, "handle_http") ? line(input, "[{\"id\":\"e\"}]")
    : of("{\"ok\":false,\"error\":\"unsupported op\"}");
  return answer;
}

// Writes a JSON text, parses it into a tree in an arena and sums what is in it: branches, byte loads, calls and recursion.
typedef unsigned int u32;
enum kind { NUL, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT };
struct node { enum kind kind; double number; const char *text; u32 length; struct node *first, *next; };

static char text[1 << 20];
static struct node arena[1 << 17];
static u32 used;
static const char *at, *end;

static void put(char **to, const char *what) { while (*what) { *(*to)++ = *what++; } }

static void put_number(char **to, u32 number) {
  char digits[10];
  int count = 0;
  do { digits[count++] = (char)('0' + number % 10); number /= 10; } while (number);
  while (count) { *(*to)++ = digits[--count]; }
}

static u32 write_text(int records) {
  char *to = text;
  put(&to, "[");
  for (int i = 0; i < records; i++) {
    put(&to, i ? ",\n  {\"id\": " : "\n  {\"id\": ");
    put_number(&to, (u32)i);
    put(&to, ", \"name\": \"record \\\"");
    put_number(&to, (u32)i * 7919u);
    put(&to, "\\\"\", \"price\": ");
    put_number(&to, (u32)i * 31u % 1000u);
    put(&to, ".25e1, \"tags\": [\"red\", \"green\", null, true, false], \"nested\": {\"deep\": {\"deeper\": [1, 2, [3, [4]]]}}}");
  }
  put(&to, "]");
  return (u32)(to - text);
}

static void blanks(void) { while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')) { at++; } }

static struct node *make(enum kind kind) {
  struct node *node = &arena[used++];
  node->kind = kind; node->first = 0; node->next = 0; node->number = 0; node->length = 0;
  return node;
}

static struct node *string(void) {
  struct node *node = make(STRING);
  node->text = ++at;
  while (at < end && *at != '"') {
    if (*at == '\\') { at++; }
    at++;
    node->length++;
  }
  at++;
  return node;
}

static struct node *number(void) {
  struct node *node = make(NUMBER);
  double value = 0, scale = 1;
  while (at < end && *at >= '0' && *at <= '9') { value = value * 10 + (*at++ - '0'); }
  if (at < end && *at == '.') {
    at++;
    while (at < end && *at >= '0' && *at <= '9') { scale /= 10; value += (*at++ - '0') * scale; }
  }
  if (at < end && *at == 'e') {
    int exponent = 0;
    at++;
    while (at < end && *at >= '0' && *at <= '9') { exponent = exponent * 10 + (*at++ - '0'); }
    while (exponent--) { value *= 10; }
  }
  node->number = value;
  return node;
}

static struct node *value(int depth) {
  blanks();
  switch (*at) {
    case '{':
    case '[': {
      char close = *at == '{' ? '}' : ']';
      struct node *node = make(close == '}' ? OBJECT : ARRAY), **last = &node->first;
      at++;
      for (blanks(); at < end && *at != close; blanks()) {
        if (close == '}') {
          struct node *name = string();
          *last = name; last = &name->next;
          blanks();
          at++;
        }
        struct node *item = value(depth + 1);
        *last = item; last = &item->next;
        blanks();
        if (*at == ',') { at++; blanks(); }
      }
      at++;
      return node;
    }
    case '"': return string();
    case 't': at += 4; { struct node *node = make(BOOLEAN); node->number = 1; return node; }
    case 'f': at += 5; return make(BOOLEAN);
    case 'n': at += 4; return make(NUL);
    default: return number();
  }
}

static double sum(const struct node *node) {
  double total = node->number + node->length;
  for (const struct node *child = node->first; child; child = child->next) { total += sum(child); }
  return total;
}

__attribute__((visibility("default"))) int run(int rounds) {
  double total = 0;
  u32 length = write_text(4000);
  for (int round = 0; round < rounds; round++) {
    used = 0;
    at = text;
    end = text + length;
    total += sum(value(0));
  }
  return (int)(total / rounds);
}

// Fibonacci by recursion, and a call through a table per step: what calls cost inside a guest.
typedef int (*step)(int);
static int one(int x) { return x + 1; }
static int two(int x) { return x * 3; }
static int three(int x) { return x ^ 5; }
static int four(int x) { return x - 7; }
static volatile step steps[4] = {one, two, three, four};

static int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

__attribute__((visibility("default"))) int run(int n) {
  int result = fibonacci(n);
  for (int i = 0; i < 1 << 22; i++) {
    result = steps[i & 3](result);
  }
  return result;
}

__attribute__((visibility("default"))) int add(int a, int b) { return a + b; }

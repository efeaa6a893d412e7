// Counts primes: byte stores with growing strides.
static unsigned char crossed[1 << 23];

__attribute__((visibility("default"))) int run(int below) {
  for (int i = 0; i < below; i++) {
    crossed[i] = 0;
  }
  int primes = 0;
  for (int i = 2; i < below; i++) {
    if (crossed[i]) {
      continue;
    }
    primes++;
    for (long long j = (long long)i * i; j < below; j += i) {
      crossed[j] = 1;
    }
  }
  return primes;
}

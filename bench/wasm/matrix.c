// Product of two square matrices of doubles: floating point and strided loads.
#define MOST 512
static double left[MOST * MOST], right[MOST * MOST], product[MOST * MOST];

__attribute__((visibility("default"))) int run(int size) {
  for (int i = 0; i < size * size; i++) {
    left[i] = i % 7 - 3;
    right[i] = i % 5 - 2;
  }
  for (int row = 0; row < size; row++) {
    for (int column = 0; column < size; column++) {
      double sum = 0;
      for (int k = 0; k < size; k++) {
        sum += left[row * size + k] * right[k * size + column];
      }
      product[row * size + column] = sum;
    }
  }
  double total = 0;
  for (int i = 0; i < size * size; i++) {
    total += product[i] * (i % 3);
  }
  return (int)total;
}

namespace Gtc.Store;

/// <summary>Fills a span with random bytes. Keys are made from it: outside tests it is <see cref="System.Security.Cryptography.RandomNumberGenerator.Fill"/>.</summary>
/// <param name="destination">What to fill.</param>
public delegate void RandomSource(Span<byte> destination);

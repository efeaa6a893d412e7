using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Store;

/// <summary>Makes random secrets.</summary>
public static class SecretGenerator
{
    /// <summary>Characters of a secret when nobody says otherwise; 190 bits with the default alphabet.</summary>
    public const uint DefaultLength = 32;

    /// <summary>The fewest characters.</summary>
    public const uint MinLength = 8;

    /// <summary>The most characters.</summary>
    public const uint MaxLength = 4096;

    /// <summary>The alphabet when nobody says otherwise.</summary>
    public const string DefaultAlphabet = "alphanumeric";

    private const string Digits = "0123456789";
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The names of the alphabets.</summary>
    public const string Alphabets = "alphanumeric, base64url, hex or digits";

    /// <summary>Draws every character uniformly.</summary>
    /// <param name="length">How many.</param>
    /// <param name="alphabet">One of <see cref="Alphabets"/>.</param>
    /// <param name="random">The source of randomness.</param>
    public static Outcome<SecretValue> Generate(uint length, string alphabet, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (length is < MinLength or > MaxLength)
        {
            return new Refusal.InvalidArgument($"a secret of {length:N0} characters is not made: {MinLength} to {MaxLength:N0} were expected");
        }

        if (Characters(alphabet) is not { } characters)
        {
            return new Refusal.InvalidArgument($"`{alphabet}` is no alphabet: {Alphabets} was expected");
        }

        var text = GC.AllocateArray<byte>((int)length, pinned: true);
        try
        {
            Fill(text, Encoding.ASCII.GetBytes(characters), random);
            return SecretValue.Of(text);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    private static string? Characters(string alphabet) => alphabet switch
    {
        DefaultAlphabet => Digits + Letters,
        "base64url" => Digits + Letters + "-_",
        "hex" => "0123456789abcdef",
        "digits" => Digits,
        _ => null,
    };

    private static void Fill(Span<byte> text, ReadOnlySpan<byte> characters, RandomSource random)
    {
        // Numbers beyond the last whole multiple would favour the first characters.
        var limit = 256 / characters.Length * characters.Length;
        Span<byte> drawn = stackalloc byte[64];
        var at = 0;
        while (at < text.Length)
        {
            random(drawn);
            foreach (var number in drawn)
            {
                if (number < limit && at < text.Length)
                {
                    text[at++] = characters[number % characters.Length];
                }
            }
        }

        CryptographicOperations.ZeroMemory(drawn);
    }
}

using System.Collections.Immutable;
using System.Text;

namespace Gtc.Artifacts.Oci;

/// <summary>One challenge of a <c>WWW-Authenticate</c> header (RFC 9110 §11.3): a scheme and its parameters.</summary>
/// <param name="Scheme">As sent; compare without case.</param>
/// <param name="Parameters">Names in lower case.</param>
internal sealed record AuthenticateChallenge(string Scheme, ImmutableDictionary<string, string> Parameters)
{
    private const int LongestHeader = 8 * 1024;
    private const int MostChallenges = 16;
    private const int MostParameters = 32;

    /// <summary>
    /// Reads every challenge of a header value. A comma separates challenges as well as parameters, and may stand inside a quoted value; a
    /// word that no <c>=</c> follows begins a new challenge. What cannot be read ends the list.
    /// </summary>
    public static ImmutableArray<AuthenticateChallenge> Parse(string header)
    {
        var challenges = ImmutableArray.CreateBuilder<AuthenticateChallenge>();
        if (header.Length > LongestHeader)
        {
            return [];
        }

        var reader = new Reader(header);
        var scheme = default(string);
        var parameters = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        while (challenges.Count < MostChallenges && parameters.Count < MostParameters)
        {
            reader.SkipSeparators();
            var word = reader.ReadToken();
            if (word.Length == 0)
            {
                break;
            }

            if (scheme is not null && reader.TryReadValue(out var value))
            {
                parameters.TryAdd(word.ToLowerInvariant(), value);
                continue;
            }

            Finish();
            scheme = word;
            reader.SkipToken68();
        }

        Finish();
        return challenges.ToImmutable();

        void Finish()
        {
            if (scheme is not null)
            {
                challenges.Add(new AuthenticateChallenge(scheme, parameters.ToImmutable()));
                parameters.Clear();
            }
        }
    }

    private ref struct Reader(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;

        public void SkipSeparators() => _rest = _rest.TrimStart(" \t,");

        public string ReadToken()
        {
            var length = 0;
            while (length < _rest.Length && IsTokenCharacter(_rest[length]))
            {
                length++;
            }

            return Take(length);
        }

        /// <summary>Reads <c>= value</c>, where the value is a word or a quoted text.</summary>
        public bool TryReadValue(out string value)
        {
            value = "";
            var after = _rest.TrimStart(" \t");
            if (after is not ['=', ..])
            {
                return false;
            }

            _rest = after[1..].TrimStart(" \t");
            value = _rest is ['"', ..] ? ReadQuoted() : ReadToken();
            return true;
        }

        /// <summary>Skips the single opaque value that some schemes have instead of parameters.</summary>
        public void SkipToken68()
        {
            var after = _rest.TrimStart(" \t");
            var length = 0;
            while (length < after.Length && (IsTokenCharacter(after[length]) || after[length] is '/' or '='))
            {
                length++;
            }

            // `realm=x` looks alike; only a value that ends its list element is opaque.
            var behind = after[length..].TrimStart(" \t");
            if (length > 0 && behind is "" or [',', ..] && !after[..length].TrimEnd('=').Contains('='))
            {
                _rest = behind;
            }
        }

        private string ReadQuoted()
        {
            var text = new StringBuilder();
            for (var index = 1; index < _rest.Length; index++)
            {
                switch (_rest[index])
                {
                    case '"':
                        _rest = _rest[(index + 1)..];
                        return text.ToString();
                    case '\\' when index + 1 < _rest.Length:
                        text.Append(_rest[++index]);
                        break;
                    default:
                        text.Append(_rest[index]);
                        break;
                }
            }

            _rest = "";
            return "";
        }

        private string Take(int length)
        {
            var taken = _rest[..length].ToString();
            _rest = _rest[length..];
            return taken;
        }

        private static bool IsTokenCharacter(char character) =>
            char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal);
    }
}

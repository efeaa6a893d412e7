using System.Buffers;
using System.Text;

namespace Gtc.Nats;

/// <summary>A subject in one or two pieces, so that a key can follow its bucket's prefix without a new string.</summary>
internal readonly ref struct Subject(string first, string second = "")
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(Enumerable.Range(0, 33).Select(code => (char)code).Append('\x7f').ToArray());

    private readonly string _first = first;
    private readonly string _second = second;

    /// <summary>The most bytes that it takes.</summary>
    public int MaxLength => (_first.Length + _second.Length) * 3;

    /// <summary>How many characters it has.</summary>
    public int Length => _first.Length + _second.Length;

    /// <summary>Writes it as UTF-8.</summary>
    /// <returns>How many bytes it took.</returns>
    public int WriteTo(Span<byte> span)
    {
        var written = Encoding.UTF8.GetBytes(_first, span);
        return _second.Length == 0 ? written : written + Encoding.UTF8.GetBytes(_second, span[written..]);
    }

    /// <summary>Why a subject cannot be sent, or null: no blanks and controls, no empty token. The server would not say so.</summary>
    public static NatsError? Check(string subject) =>
        subject.Length is > 0 and <= NatsLimits.MaxSubjects
            && subject[0] != '.'
            && subject[^1] != '.'
            && !subject.AsSpan().ContainsAny(Forbidden)
            && !subject.Contains("..", StringComparison.Ordinal)
            ? null
            : new(NatsErrorKind.Invalid, $"`{subject}` is no subject: tokens without blanks, separated by single dots, were expected");

    /// <inheritdoc/>
    public override string ToString() => _first + _second;
}

using Gtc.Model;

namespace Gtc.Store.Server;

/// <summary>The storage cannot be reached, or does not answer in time.</summary>
/// <param name="Message">The sentence, which also says what is known of a change that was under way.</param>
internal sealed record StorageUnreachable(string Message) : Refusal(Message);

/// <summary>What is stored is not what was stored: a refusal of the store that names the row and both digests.</summary>
internal static class StorageCorruption
{
    private const string Row = "row";
    private const string Expected = "expected";
    private const string Actual = "actual";

    /// <summary>Makes the refusal.</summary>
    /// <param name="row">Which row, e.g. <c>documents (shop-eu, 7)</c>.</param>
    /// <param name="expected">The digest that is stored beside it.</param>
    /// <param name="actual">The digest of what is there.</param>
    public static Refusal.StoreFailed Of(string row, string expected, string actual) => new($"{row} is not what was stored there")
    {
        Details = [new(Row, row), new(Expected, expected), new(Actual, actual)],
    };

    /// <summary>Whether a refusal is one.</summary>
    public static bool Is(Refusal refusal) => refusal is Refusal.StoreFailed { Details: [{ Label: Row }, { Label: Expected }, { Label: Actual }] };
}

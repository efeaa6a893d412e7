namespace Gtc.Signing;

/// <summary>Whose key it is. The number is the prefix byte, which makes the first letter of the text.</summary>
public enum NkeyKind
{
    /// <summary>An account (<c>A…</c>).</summary>
    Account = 0,

    /// <summary>A server (<c>N…</c>).</summary>
    Server = 13 << 3,

    /// <summary>An operator (<c>O…</c>).</summary>
    Operator = 14 << 3,

    /// <summary>A user (<c>U…</c>).</summary>
    User = 20 << 3,
}

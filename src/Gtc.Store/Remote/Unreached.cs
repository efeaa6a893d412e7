using Gtc.Model;

namespace Gtc.Store;

/// <summary>That a store server cannot be reached.</summary>
internal static class Unreached
{
    /// <summary>The refusal, with the cause that lies deepest: of a failed handshake the outer ones say nothing.</summary>
    /// <param name="address">The server.</param>
    /// <param name="error">What was thrown.</param>
    public static Refusal.Unreachable Of(Uri? address, Exception error) => new(error is OperationCanceledException
        ? $"the store server {address} does not answer"
        : $"the store server {address} cannot be reached: {error.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.')}")
    {
        Next = $"curl {address}readyz",
    };
}

using Gtc.Model;

namespace Gtc.Artifacts.Cbor;

/// <summary>Thrown inside a reader and turned into a refusal at its public boundary; never leaves this assembly.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="at">The path of the value that is at fault, in the spelling of <see cref="DocumentValue.Path"/>; null when it is no single value.</param>
internal sealed class MalformedDocumentException(string message, string? at = null) : Exception(message)
{
    public string? At { get; } = at;

    /// <summary>Runs a reader; what it throws becomes a <see cref="Refusal.MalformedArtifact"/> that names the document.</summary>
    public static Outcome<T> Guard<T>(string what, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MalformedDocumentException exception)
        {
            return new Refusal.MalformedArtifact($"{what}: {exception.Message}");
        }
    }
}

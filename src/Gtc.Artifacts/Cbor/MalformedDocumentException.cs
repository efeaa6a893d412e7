using Gtc.Model;

namespace Gtc.Artifacts.Cbor;

/// <summary>Thrown inside a reader and turned into a refusal at its public boundary; never leaves this assembly.</summary>
internal sealed class MalformedDocumentException(string message) : Exception(message)
{
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

using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>Carries a refusal out of the builder to its public boundary; never leaves this assembly.</summary>
internal sealed class RefusedSource(Refusal refusal) : Exception(refusal.Message)
{
    public Refusal Refusal { get; } = refusal;

    /// <summary>Runs a builder; what it throws becomes a refusal.</summary>
    public static async Task<Outcome<T>> GuardAsync<T>(Func<Task<T>> build)
    {
        try
        {
            return await build();
        }
        catch (RefusedSource refused)
        {
            return refused.Refusal;
        }
        catch (MalformedDocumentException exception)
        {
            return new Refusal.InvalidArgument($"the bundle cannot be built: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"the bundle cannot be built: {exception.Message}");
        }
    }
}

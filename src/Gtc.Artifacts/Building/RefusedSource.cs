using Gtc.Artifacts.Cbor;
using Gtc.Model;

namespace Gtc.Artifacts.Building;

/// <summary>Carries a refusal out of a builder to its public boundary; never leaves this assembly.</summary>
internal sealed class RefusedSource(Refusal refusal) : Exception(refusal.Message)
{
    public Refusal Refusal { get; } = refusal;

    /// <summary>Runs a builder; what it throws becomes a refusal.</summary>
    /// <param name="what">What is built, for the refusal: <c>bundle</c> or <c>pack</c>.</param>
    /// <param name="build">The builder.</param>
    public static async Task<Outcome<T>> GuardAsync<T>(string what, Func<Task<T>> build)
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
            return new Refusal.InvalidArgument($"the {what} cannot be built: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Refusal.FileFailed($"the {what} cannot be built: {exception.Message}");
        }
    }
}

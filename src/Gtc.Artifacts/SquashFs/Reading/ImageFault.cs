using Gtc.Model;

namespace Gtc.Artifacts.SquashFs.Reading;

/// <summary>Leaves the depth of the parser; the public boundary turns it into its refusal.</summary>
internal sealed class ImageFault(Refusal refusal) : Exception(refusal.Message)
{
    public Refusal Refusal { get; } = refusal;

    /// <summary>The image breaks a rule of the format or of this reader.</summary>
    public static ImageFault Malformed(string rule, string expected, string found) =>
        new(new Refusal.MalformedArtifact($"the SquashFS image is refused: {rule}")
        {
            Details = [new("expected", expected), new("found", found)],
        });

    /// <summary>Runs a parser and turns what it cannot accept into a refusal.</summary>
    public static Outcome<T> Guard<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (ImageFault fault)
        {
            return fault.Refusal;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Unreadable(failure);
        }
    }

    /// <summary>The machine, not the image, stood in the way.</summary>
    public static Refusal Unreadable(Exception failure) =>
        new Refusal.FileFailed($"a file could not be read or written while handling a SquashFS image: {failure.Message}");
}

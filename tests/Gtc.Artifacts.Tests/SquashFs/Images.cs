using Gtc.Artifacts.SquashFs;
using Gtc.Model;

namespace Gtc.Artifacts.Tests.SquashFs;

/// <summary>Short ways to call the code under test with bytes or a file.</summary>
internal static class Images
{
    public static byte[] Write(params IReadOnlyList<SquashFsMember> members)
    {
        using var output = new MemoryStream();
        SquashFsWriter.Write(output, members);
        return output.ToArray();
    }

    public static Outcome<ExtractionReport> Extract(string image, string destination, ExtractionLimits? limits = null)
    {
        using var handle = File.OpenHandle(image);
        return SquashFsExtractor.Extract(
            handle, RandomAccess.GetLength(handle), destination, limits ?? ExtractionLimits.Default, TestContext.Current.CancellationToken, null);
    }

    public static Outcome<ExtractionReport> Extract(byte[] image, ScratchFolder scratch, ExtractionLimits? limits = null)
    {
        File.WriteAllBytes(scratch.File("image"), image);
        return Extract(scratch.File("image"), scratch.Fresh("out"), limits);
    }

    public static Outcome<T> Inspect<T>(string image, Func<SquashFsImage, Outcome<T>> look, ExtractionLimits? limits = null)
    {
        using var handle = File.OpenHandle(image);
        var opened = SquashFsImage.Open(handle, RandomAccess.GetLength(handle), limits ?? ExtractionLimits.Default);
        if (!opened.TryGet(out var found, out var refusal))
        {
            return refusal;
        }

        using (found)
        {
            return look(found);
        }
    }

    public static Outcome<IReadOnlyList<SquashFsEntry>> List(string image, ExtractionLimits? limits = null) => Inspect(image, found => found.List(), limits);

    public static Outcome<IReadOnlyList<SquashFsEntry>> List(byte[] image, ScratchFolder scratch, ExtractionLimits? limits = null)
    {
        File.WriteAllBytes(scratch.File("image"), image);
        return List(scratch.File("image"), limits);
    }

    /// <summary>The text of a refusal with its details, for assertions.</summary>
    public static string Explain(Refusal? refusal) =>
        refusal is null ? "" : string.Join('\n', [refusal.Message, .. refusal.Details.Select(detail => $"{detail.Label} {detail.Value}")]);
}

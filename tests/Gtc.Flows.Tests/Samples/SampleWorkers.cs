using System.Text;
using Gtc.Artifacts.Building;
using Gtc.Artifacts.SquashFs;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gtc.Flows.Tests.Samples;

/// <summary>The samples, built, unpacked and asked.</summary>
public sealed class SampleWorkers
{
    [Theory]
    [InlineData("hello-worker", "hello", "Ada", "Hello, Ada. I am revision 01J9REV7Q.")]
    [InlineData("echo-worker", "echo", "hi", "You said: hi")]
    [InlineData("echo-worker", "echo", "BYE", "Goodbye.")]
    public async Task A_sample_answers_as_its_readme_says(string sample, string pack, string text, string answer)
    {
        var folder = Directory.CreateTempSubdirectory("gtc-sample-").FullName;
        try
        {
            var bundle = Path.Combine(folder, "b.gtbundle");
            var built = (await BundleBuilder.BuildAsync(Folder(sample), bundle, "0.1.0", TestContext.Current.CancellationToken)).Value;
            built.BundleId.ShouldBe(sample);
            var unpacked = Directory.CreateDirectory(Path.Combine(folder, "unpacked")).FullName;
            using (var image = File.OpenHandle(bundle))
            {
                SquashFsExtractor.Extract(image, built.Length, unpacked, ExtractionLimits.Default, TestContext.Current.CancellationToken, null).IsOk.ShouldBeTrue();
            }

            using var runtime = FlowRuntime.Open([Path.Combine(unpacked, $"packs/{pack}/dist/{pack}.gtpack")], NullLogger.Instance).Value;
            var activity = InboundActivity.FromBody(Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""), CallerIdentity.Untrusted).Value;

            var reply = runtime.Handle(activity, Flow.Context, TestContext.Current.CancellationToken).Value;

            reply.Payloads[0].GetProperty("text").GetString().ShouldBe(answer);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Folder(string sample)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "samples", sample);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException($"samples/{sample} is not above the test program");
    }
}
